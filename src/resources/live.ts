import type { Id, Resource, ResourceRecord } from '../model/index.ts';
import type { Decision } from './decide.ts';
import type { DependencyIndex } from './dependencies.ts';
import type { Entry, KindWatch } from './kind-watch.ts';
import type { Orphan } from './looks.ts';
import type { Observation } from './observation.ts';

/** A declared resource that is being reconciled. */
export interface KindState {
  resource: Resource;
  readonly watch: KindWatch;
  orphans: ReadonlyMap<string, Orphan>;
}

/** What one term of reconciling knows, all in memory and all made anew by the next. */
export interface Live {
  readonly cluster: string;
  /** By the resource's reference. */
  readonly kinds: Map<string, KindState>;
  /** As stored. By uid, as all that follow. */
  readonly records: Map<string, ResourceRecord>;
  readonly observations: Map<string, Observation>;
  readonly decisions: Map<string, Decision>;
  /** The execution that ran last. */
  readonly executions: Map<string, Id>;
  readonly dependencies: DependencyIndex;
  /** How often in a row handlers were cut short for newer wishes. */
  readonly cutShort: Map<string, number>;
  /** When the running handler's execution began to run; none while it waits for its turn. */
  readonly running: Map<string, number>;
}

export function kindOf(live: Live, uid: string): KindState | undefined {
  const record = live.records.get(uid);
  if (record !== undefined) return live.kinds.get(record.resource);
  return [...live.kinds.values()].find(({ watch }) => watch.objects.has(uid));
}

/** The kind that a dependency names, as `Kind` or `Kind.group`. */
export function kindNamed(live: Live, name: string): KindState | undefined {
  return [...live.kinds.values()].find(({ resource: { kind, group } }) => name === kind || name === `${kind}.${group}`);
}

/** The object that a key of the index names. */
export function uidOf(live: Live, key: string): string | undefined {
  const [kind = '', path = ''] = key.split('|');
  const [namespace = '', name = ''] = path.split('/');
  for (const { resource, watch } of live.kinds.values()) {
    if (`${resource.kind}.${resource.group}` === kind) return watch.byName(namespace, name)?.object.metadata.uid;
  }
  return undefined;
}

/** `MysqlDb shop/orders`. */
export function titleOf(resource: Resource, { object }: Pick<Entry, 'object'>): string {
  const { namespace, name } = object.metadata;
  return `${resource.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
