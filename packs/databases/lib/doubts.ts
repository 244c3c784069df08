import type { Datastore } from 'petrel/sdk';
import { DOUBTS, hasNote } from './note.ts';

/**
 * What can only be asked for one by one (a version in Vault, a login on a server) is asked for some of the databases at each look, in turn, so that
 * a look at ten thousand costs as much as one at fifty. What was not found to be as it should be is asked for at every look, and counts until it is.
 */
export type About = 'secret' | 'login';

/** Uids, by what is doubted. */
export type Doubts = Readonly<Record<About, readonly string[]>>;

/** Seconds. What is forgotten by then is asked for again when its turn comes. */
const LONGEST = 24 * 3600;

const nameOf = (about: About, uid: string) => `${DOUBTS}${about}.${uid}`;

export async function readDoubts(datastore: Datastore): Promise<Doubts> {
  const names = (await datastore.list(DOUBTS)).map(({ name }) => name);
  const of = (about: About) => {
    const start = nameOf(about, '');
    return names.filter((name) => name.startsWith(start)).map((name) => name.slice(start.length));
  };
  return { secret: of('secret'), login: of('login') };
}

/** What was asked, and whether it was as it should be, by uid. */
export type Answers = ReadonlyMap<string, boolean>;

/** Writes down what has changed by the answers; of what was not asked nothing changes. Answers who is doubted from now on. */
export async function noteAnswers(
  about: About,
  answers: Answers,
  before: readonly string[],
  datastore: Datastore,
): Promise<readonly string[]> {
  for (const [uid, isGood] of answers) {
    if (isGood && before.includes(uid)) await datastore.delete(nameOf(about, uid));
    // Of one that was removed meanwhile nothing is to be left.
    if (!isGood && !before.includes(uid) && (await hasNote(datastore, uid))) {
      await datastore.set(nameOf(about, uid), 'yes', { ttl: LONGEST });
    }
  }
  const bad = [...answers].filter(([, isGood]) => !isGood).map(([uid]) => uid);
  return [...before.filter((uid) => !answers.has(uid)), ...bad];
}

/** All that are doubted, and as many others as there is room for: each turn the next ones, so that everybody's turn comes. Pure. */
export function inTurn<T extends { readonly uid: string }>(
  all: readonly T[],
  doubted: readonly string[],
  { room, turn }: { readonly room: number; readonly turn: number },
): readonly T[] {
  const first = all.filter(({ uid }) => doubted.includes(uid));
  const others = all.filter(({ uid }) => !doubted.includes(uid)).toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
  if (others.length <= room) return [...first, ...others];
  const start = (turn * room) % others.length;
  return [...first, ...[...others, ...others].slice(start, start + room)];
}
