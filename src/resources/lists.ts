import { isDeepStrictEqual } from 'node:util';
import type { ResourceRecord } from '../model/index.ts';
import type { KindState, Live } from './live.ts';
import type { ListLook, Orphan } from './looks.ts';
import { nameOf } from './objects.ts';
import type { Observation } from './observation.ts';
import { ownerOf, readTag } from './owner.ts';
import { newRecord } from './record.ts';

/** A list must show a thing this often before it counts as left behind for certain: what was just deleted may still be listed. */
const CERTAIN = 2;

export interface TakenList {
  /** Objects about which the list says something new: of 10,000 that are unchanged, none. */
  readonly touched: readonly string[];
  /** New records, for orphans that are to be taken away. */
  readonly orphaned: readonly ResourceRecord[];
}

/** Matches everything that exists with everything that is wished, by owner tag. */
export function takeList(live: Live, kind: KindState, look: ListLook): TakenList {
  const { resource, watch } = kind;
  const known = new Set<string>();
  const touched: string[] = [];
  const see = (uid: string, observation: Observation) => {
    known.add(uid);
    if (!isOld(live, uid, observation)) touched.push(uid);
    live.observations.set(uid, observation);
  };
  const byOwnName = (uid: string): Observation | undefined => {
    const entry = look.byName.size === 0 ? undefined : watch.objects.get(uid);
    return entry && look.byName.get(ownerOf(live.cluster, resource.ref, nameOf(entry.object)).name);
  };
  const absent: Observation = { at: look.at, exists: false, state: {}, drift: [] };
  for (const uid of watch.objects.keys()) see(uid, look.byUid.get(uid) ?? byOwnName(uid) ?? absent);
  for (const record of live.records.values()) {
    if (record.resource === resource.ref && !known.has(record.uid))
      see(record.uid, look.byUid.get(record.uid) ?? absent);
  }
  kind.orphans = orphansOf(live, kind, look, known);
  const certain = [...kind.orphans.values()].filter(({ times }) => times >= CERTAIN);
  const orphaned = resource.orphanPolicy === 'report' ? [] : certain.map((orphan) => recordOf(kind, orphan, look.at));
  return { touched, orphaned };
}

/** Whether the same was seen since the last thing that was done, and nothing waits to be done. */
function isOld(live: Live, uid: string, { exists, tag, state, drift }: Observation): boolean {
  const before = live.observations.get(uid);
  return (
    before !== undefined &&
    live.decisions.get(uid)?.state === 'unchanged' &&
    before.at > (live.records.get(uid)?.settledAt ?? Number.POSITIVE_INFINITY) &&
    before.exists === exists &&
    before.tag === tag &&
    isDeepStrictEqual(before.state, state) &&
    isDeepStrictEqual(before.drift, drift)
  );
}

function orphansOf(live: Live, { resource, orphans }: KindState, look: ListLook, known: ReadonlySet<string>) {
  const found = new Map<string, Orphan>();
  for (const [uid, observation] of look.byUid) {
    const name = readTag(live.cluster, resource.ref, observation.tag ?? '');
    if (known.has(uid) || name === undefined) continue;
    found.set(uid, { ...name, observation, times: (orphans.get(uid)?.times ?? 0) + 1 });
  }
  return found;
}

/** An orphan as if its object had been known, so that it goes the way of all that is left behind. */
function recordOf({ resource }: KindState, { uid, namespace, name }: Orphan, now: number): ResourceRecord {
  const content = {
    apiVersion: `${resource.group}/${resource.versions[0]?.name}`,
    kind: resource.kind,
    metadata: { uid, name, ...(namespace !== '' && { namespace }) },
    spec: {},
  };
  // One millisecond before the list, so that the list speaks of it.
  return { ...newRecord(resource.ref, { uid, namespace, name, content }, now - 1), exists: 'yes' };
}
