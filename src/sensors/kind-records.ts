import type { Json } from '../model/index.ts';
import type { HandledObject } from '../store/index.ts';
import type { Definition, DefinitionSource } from './defined-kinds.ts';
import type { DefinedKind } from './kubernetes-triggers.ts';

/** A kind that is followed, remembered over restarts so that its disappearance is noticed. */
export interface KindRecord extends DefinedKind {
  readonly source: DefinitionSource;
}

export interface KindDecision {
  /** The kinds to follow from now on. */
  readonly records: readonly KindRecord[];
  /** Kinds whose definition is gone: their objects are, too. */
  readonly vanished: readonly KindRecord[];
  /** The same objects, now seen through another version. */
  readonly moved: readonly { readonly from: KindRecord; readonly to: KindRecord }[];
}

/**
 * Compares what is followed with what is defined. Each kind is followed in one version, since every version shows the same
 * objects, and stays with it while it is served: neither a new version nor a definition that serves none for a while may look like the
 * deletion of every object.
 */
export function decideKinds(
  followed: readonly KindRecord[],
  defined: readonly Definition[],
  isComplete: (source: DefinitionSource) => boolean,
): KindDecision {
  const before = new Map(followed.map((record) => [kindKey(record), record]));
  const records = new Map<string, KindRecord>();
  const vanished: KindRecord[] = [];
  const moved: { from: KindRecord; to: KindRecord }[] = [];
  for (const { source, group, kind, apiVersions } of defined) {
    const known = before.get(kindKey({ group, kind }));
    const keep = known !== undefined && (apiVersions.length === 0 || apiVersions.includes(known.apiVersion));
    const apiVersion = keep ? known.apiVersion : apiVersions[0];
    if (apiVersion === undefined) continue;
    const record = { source, group, kind, apiVersion };
    records.set(kindKey(record), record);
    if (known !== undefined && known.apiVersion !== apiVersion) moved.push({ from: known, to: record });
  }
  for (const [key, record] of before) {
    if (records.has(key)) continue;
    if (isComplete(record.source)) vanished.push(record);
    else records.set(key, record);
  }
  return { records: [...records.values()], vanished, moved };
}

/** A record as the store keeps it, among the handled objects of the watch of definitions. */
export function storedRecord(record: KindRecord): HandledObject {
  const { source, group, apiVersion, kind } = record;
  const summary: Record<string, Json> = { source, group, apiVersion, kind };
  return { uid: kindKey(record), namespace: '', name: kind, resourceVersion: '', generation: 0, summary };
}

export function readRecord({ summary }: HandledObject): KindRecord {
  const { source, group, apiVersion, kind } = summary;
  return {
    source: source === 'thirdpartyresource' ? source : 'customresourcedefinition',
    group: String(group),
    apiVersion: String(apiVersion),
    kind: String(kind),
  };
}

export function kindKey({ group, kind }: Pick<DefinedKind, 'group' | 'kind'>): string {
  return `${group}/${kind}`;
}
