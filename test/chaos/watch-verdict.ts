/** A write that the API server acknowledged. */
export interface Written {
  readonly uid: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The version it made; of a deletion nobody is told. */
  readonly version: string;
  /** In which round, from 0. */
  readonly round: number;
}

/** An event that Petrel handed over. */
export interface Seen {
  readonly uid: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: string;
  readonly synthesised: boolean;
}

/**
 * Compares what was written with what was seen, both in order; answers one line for each difference. What must be seen:
 *
 * - Rounds begin and end with Petrel having caught up. In one without loss of history (resets, refusals, half-open sockets, slow and
 *   streamed lists, disordered bookmarks, an API server or a Petrel that dies: nothing that makes the server forget) every write,
 *   as the change it was.
 * - In a round with loss (compaction, 410) what no watch and no list could show may be missing: versions before the last, and
 *   objects that were made and deleted within the round. So the last state of each object that outlived it, and the deletion of each that
 *   had begun before it.
 * - Of whatever was seen ADDED and is gone, the deletion.
 *
 * All of it exactly once by (uid, resourceVersion). And nothing is invented: every object and version was written, an object begins with
 * its only ADDED, ends with its only DELETED if it was deleted, and its versions grow.
 */
export function differences(
  written: readonly Written[],
  seen: readonly Seen[],
  isLossy: (round: number) => boolean,
): readonly string[] {
  const lives = groupByUid(written);
  const observed = groupByUid(seen);
  const invented = [...observed.keys()].filter((uid) => !lives.has(uid)).map((uid) => `${uid} was invented`);
  return [
    ...invented,
    ...[...lives].flatMap(([uid, life]) => {
      const events = observed.get(uid) ?? [];
      return [...missed(life, events, isLossy), ...wrong(life, events)].map((what) => `${uid}: ${what}`);
    }),
  ];
}

function missed(life: readonly Written[], events: readonly Seen[], isLossy: (round: number) => boolean): string[] {
  const has = ({ type, version }: Written, exact: boolean) =>
    events.some((event) => event.version === version && (exact ? event.type === type : event.type !== 'DELETED'));
  const born = life[0];
  const deletion = life.find(({ type }) => type === 'DELETED');
  const states = life.filter(({ type }) => type !== 'DELETED');
  const isDue = (state: Written, index: number) =>
    !isLossy(state.round) || (deletion?.round !== state.round && states[index + 1]?.round !== state.round);
  const missing = states
    .filter((state, index) => isDue(state, index) && !has(state, !isLossy(state.round)))
    .map(({ type, version, round }) => `${type} ${version} of round ${round} was missed`);
  if (deletion === undefined || events.some(({ type }) => type === 'DELETED')) return missing;
  const mayBeUnknown = isLossy(deletion.round) && born?.round === deletion.round && events.length === 0;
  return mayBeUnknown ? missing : [...missing, `the deletion in round ${deletion.round} was missed`];
}

function wrong(life: readonly Written[], events: readonly Seen[]): string[] {
  const found: string[] = [];
  const versions = new Set(life.map(({ version }) => version));
  const isDeleted = life.some(({ type }) => type === 'DELETED');
  let last = 0;
  for (const [index, { type, version, synthesised }] of events.entries()) {
    const what = `${type} ${version}`;
    if ((type === 'ADDED') !== (index === 0)) found.push(`${what} is event ${index}`);
    if (type === 'DELETED') {
      if (!isDeleted) found.push(`${what} of an object that lives`);
      if (index !== events.length - 1) found.push(`${what} is not the last event`);
      if (synthesised ? Number(version) !== last : Number(version) <= last) found.push(`${what} comes after ${last}`);
    } else {
      if (!versions.has(version)) found.push(`${what} was never written`);
      if (Number(version) <= last) found.push(`${what} comes after ${last}`);
    }
    last = Number(version);
  }
  return found;
}

function groupByUid<T extends { readonly uid: string }>(items: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.uid);
    if (group === undefined) groups.set(item.uid, [item]);
    else group.push(item);
  }
  return groups;
}
