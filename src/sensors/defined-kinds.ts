import {
  type Change,
  type Clock,
  runWatch,
  type WatchClient,
  type WatchHandlers,
  type WatchTarget,
  type WatchTiming,
} from '../kubernetes/index.ts';
import type { KubernetesObject, Logger } from '../sdk/index.ts';

/** What defines a kind. */
export type DefinitionSource = 'thirdpartyresource' | 'customresourcedefinition';

/** A kind as its definition describes it. */
export interface Definition {
  readonly source: DefinitionSource;
  readonly group: string;
  readonly kind: string;
  /** The served ones, best first; empty while none is. */
  readonly apiVersions: readonly string[];
}

export interface DefinedKinds {
  /** Every kind defined now. A ThirdPartyResource comes before a CustomResourceDefinition of the same group and kind. */
  current(): readonly Definition[];
  /** Whether the source has been listed completely, so that a kind it does not hold is gone for certain. */
  isComplete(source: DefinitionSource): boolean;
  stop(): Promise<void>;
}

const SOURCES: readonly { readonly source: DefinitionSource; readonly target: WatchTarget }[] = [
  { source: 'thirdpartyresource', target: { apiVersion: 'extensions/v1beta1', kind: 'ThirdPartyResource' } },
  {
    source: 'customresourcedefinition',
    target: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
  },
];

export interface DefinedKindsOptions {
  readonly client: WatchClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly timing?: Partial<WatchTiming>;
  /** Called after every change. */
  readonly onChange: () => void;
}

/** Follows the definitions of the cluster. What defines nothing here (an API server without ThirdPartyResources) counts as empty. */
export function followDefinedKinds(options: DefinedKindsOptions): DefinedKinds {
  const abort = new AbortController();
  const sources = SOURCES.map(({ source, target }) => ({
    source,
    target,
    definitions: createDefinitions(source, options),
  }));
  // ThirdPartyResources went in Kubernetes 1.8: their absence is normal and not worth a warning.
  const quiet: Logger = { ...options.log, warn: (message) => options.log.debug(message) };
  const running = sources.map(({ source, target, definitions }) =>
    runWatch({
      ...options,
      target,
      handlers: definitions.handlers,
      signal: abort.signal,
      log: source === 'thirdpartyresource' ? quiet : options.log,
    }),
  );

  return {
    current() {
      const kinds = new Map<string, Definition>();
      for (const { definitions } of sources) {
        for (const kind of definitions.kinds()) {
          const key = `${kind.group}/${kind.kind}`;
          if (!kinds.has(key)) kinds.set(key, kind);
        }
      }
      return [...kinds.values()];
    },
    isComplete: (source) => sources.some((entry) => entry.source === source && entry.definitions.isComplete()),
    async stop() {
      abort.abort();
      await Promise.all(running);
    },
  };
}

function createDefinitions(source: DefinitionSource, options: DefinedKindsOptions) {
  let kinds = new Map<string, Definition>();
  let listed = new Map<string, Definition>();
  let complete = false;
  const put = (into: Map<string, Definition>, object: KubernetesObject) => {
    const kind =
      source === 'thirdpartyresource' ? readThirdPartyResource(object) : readCustomResourceDefinition(object);
    if (kind !== undefined) into.set(object.metadata.name, kind);
  };
  const handlers: WatchHandlers = {
    onListStart() {
      listed = new Map();
    },
    onListPage(changes) {
      for (const { type, object } of changes) {
        if (type === 'DELETED') listed.delete(object.metadata.name);
        else put(listed, object);
      }
    },
    onListEnd() {
      kinds = listed;
      complete = true;
      options.onChange();
    },
    onEvents(changes: readonly Change[]) {
      for (const { type, object } of changes) {
        if (type === 'DELETED') kinds.delete(object.metadata.name);
        else put(kinds, object);
      }
      if (changes.length > 0) options.onChange();
    },
  };
  return { kinds: () => kinds.values(), isComplete: () => complete, handlers };
}

type Fields = Readonly<Record<string, unknown>>;

/** `mysql-db.prsn.io` with the version `stable/v1` defines MysqlDb in prsn.io/stable/v1 (Kubernetes 1.2 to 1.7). */
export function readThirdPartyResource(object: KubernetesObject): Definition | undefined {
  const dot = object.metadata.name.indexOf('.');
  if (dot < 1) return undefined;
  const group = object.metadata.name.slice(dot + 1);
  const kind = object.metadata.name
    .slice(0, dot)
    .split('-')
    .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
    .join('');
  const names = listOf(object.versions).map((version) => fieldsOf(version)?.name);
  return { source: 'thirdpartyresource', group, kind, apiVersions: apiVersionsOf(group, names) };
}

/** The stored version comes first. */
export function readCustomResourceDefinition(object: KubernetesObject): Definition | undefined {
  const spec = fieldsOf(object.spec);
  const kind = fieldsOf(spec?.names)?.kind;
  if (typeof spec?.group !== 'string' || typeof kind !== 'string') return undefined;
  const served = listOf(spec.versions)
    .map(fieldsOf)
    .filter((version) => version?.served === true);
  const stored = served.filter((version) => version?.storage === true);
  const names = [...stored, ...served.filter((version) => version?.storage !== true)].map((version) => version?.name);
  return { source: 'customresourcedefinition', group: spec.group, kind, apiVersions: apiVersionsOf(spec.group, names) };
}

function apiVersionsOf(group: string, names: readonly unknown[]): readonly string[] {
  return names
    .filter((name): name is string => typeof name === 'string' && name !== '')
    .map((name) => `${group}/${name}`);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined; // an object's fields are unknown
}
