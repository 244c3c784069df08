import type {
  ListPage,
  ListPageOptions,
  ListStreamOptions,
  WatchClient,
  WatchStreamOptions,
  WatchTarget,
} from '../../src/kubernetes/index.ts';
import { PetrelError } from '../../src/model/index.ts';
import type { KubernetesObject } from '../../src/sdk/index.ts';

/** A cluster of one kind, in memory, that keeps its history and misbehaves on demand: a model for properties. */
export interface ClusterModel extends WatchClient {
  clusterId(): Promise<string>;
  create(name: string): void;
  /** `status`: only the status changes, and so not the generation. */
  update(name: string, what: 'spec' | 'status'): void;
  remove(name: string): void;
  live(): ReadonlyMap<string, KubernetesObject>;
  /** Every change that happened, in order. */
  readonly history: readonly HistoryEntry[];
  /** Forgets the history: who watches from before gets 410. */
  compact(): void;
  /** Ends all open watches: in order, broken off in the middle of a line, or with an error in the stream. */
  cut(how: 'close' | 'malformed' | 'gone' | 'reset'): void;
  /** The next so many requests are refused. */
  refuse(times: number, how: 'unavailable' | 'expired' | 'missing'): void;
  bookmark(): void;
  version(): string;
  readonly openWatches: number;
}

export interface HistoryEntry {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
  readonly version: number;
}

interface OpenWatch {
  push(text: string): void;
  end(): void;
  fail(error: Error): void;
}

export const WIDGETS = { apiVersion: 'example.org/v1', kind: 'Widget' };

/** `streams`: it serves lists as streams, too, and goes on telling changes before it marks their end. */
export function createClusterModel({ streams = false } = {}): ClusterModel {
  const objects = new Map<string, KubernetesObject>();
  const history: HistoryEntry[] = [];
  const watches = new Set<OpenWatch>();
  const lists = new Set<OpenWatch>();
  let version = 100;
  let compacted = 100;
  let nextUid = 1;
  let refusals = 0;
  let refusal: 'unavailable' | 'expired' | 'missing' = 'unavailable';

  const record = (type: HistoryEntry['type'], object: KubernetesObject) => {
    const entry = { type, object, version };
    history.push(entry);
    for (const stream of [...watches, ...lists]) stream.push(lineOf(entry));
  };
  const stamp = (object: KubernetesObject, changes: Record<string, unknown>): KubernetesObject => {
    version += 1;
    return { ...object, ...changes, metadata: { ...object.metadata, resourceVersion: String(version) } };
  };
  const refuseMaybe = () => {
    if (refusals === 0) return;
    refusals -= 1;
    if (refusal === 'unavailable') throw new PetrelError('unavailable', 'The model is out of order.');
    const httpStatus = refusal === 'expired' ? 410 : 404;
    const status = { kind: 'Status', code: httpStatus };
    throw new PetrelError(refusal === 'expired' ? 'kubernetes' : 'not_found', 'The model refuses.', {
      details: { httpStatus, status },
    });
  };

  return {
    clusterId: () => Promise.resolve('model'),
    create(name) {
      if (objects.has(name)) return;
      const base = {
        ...WIDGETS,
        metadata: { name, namespace: 'default', uid: `uid-${nextUid++}`, generation: 1 },
        spec: { size: 1 },
      };
      const object = stamp(base, {});
      objects.set(name, object);
      record('ADDED', object);
    },
    update(name, what) {
      const object = objects.get(name);
      if (object === undefined) return;
      const changes =
        what === 'status'
          ? { status: { at: version } }
          : {
              spec: { size: version },
              metadata: { ...object.metadata, generation: (object.metadata.generation ?? 0) + 1 },
            };
      const next = stamp({ ...object, ...changes }, {});
      objects.set(name, next);
      record('MODIFIED', next);
    },
    remove(name) {
      const object = objects.get(name);
      if (object === undefined) return;
      objects.delete(name);
      record('DELETED', stamp(object, {}));
    },
    live: () => objects,
    history,
    compact() {
      compacted = version;
    },
    cut(how) {
      for (const watch of [...watches, ...lists]) {
        if (how === 'malformed') watch.push('{"type":"MODIF\n');
        else if (how === 'gone') {
          watch.push(
            `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })}\n`,
          );
        } else if (how === 'reset') watch.fail(new Error('read ECONNRESET'));
        else watch.end();
      }
    },
    refuse(times, how) {
      refusals = times;
      refusal = how;
    },
    bookmark() {
      const metadata = { resourceVersion: String(version) };
      for (const watch of watches) {
        watch.push(`${JSON.stringify({ type: 'BOOKMARK', object: { ...WIDGETS, metadata } })}\n`);
      }
    },
    version: () => String(version),
    get openWatches() {
      return watches.size;
    },

    async listPage(target: WatchTarget, options: ListPageOptions): Promise<ListPage> {
      refuseMaybe();
      const known = target.kind === WIDGETS.kind;
      if (!known) throw new PetrelError('not_found', `The model has no ${target.kind}.`);
      const [at, from] = (options.continue ?? `${version}:0`).split(':').map(Number);
      const token = { at: at ?? 0, from: from ?? 0 };
      if (token.at < compacted) {
        throw new PetrelError('kubernetes', 'The continue token is too old.', {
          details: { httpStatus: 410, status: { kind: 'Status', code: 410 } },
        });
      }
      const items = stateAt(history, token.at).slice(token.from, token.from + options.limit);
      const more = stateAt(history, token.at).length > token.from + options.limit;
      return {
        items,
        resourceVersion: String(token.at),
        ...(more ? { continue: `${token.at}:${token.from + options.limit}` } : {}),
      };
    },

    async openList(_target: WatchTarget, { signal }: ListStreamOptions) {
      if (!streams) return undefined;
      refuseMaybe();
      const queue = createQueue();
      for (const object of objects.values()) queue.push(lineOf({ type: 'ADDED', object, version }));
      lists.add(queue);
      setImmediate(() => {
        const metadata = { resourceVersion: String(version), annotations: { 'k8s.io/initial-events-end': 'true' } };
        queue.push(`${JSON.stringify({ type: 'BOOKMARK', object: { ...WIDGETS, metadata } })}\n`);
      });
      const close = () => {
        lists.delete(queue);
        queue.end();
      };
      signal.addEventListener('abort', close, { once: true });
      return { chunks: queue.chunks, close };
    },

    async openWatch(_target: WatchTarget, { resourceVersion, signal }: WatchStreamOptions) {
      refuseMaybe();
      const from = Number(resourceVersion);
      if (from < compacted) {
        throw new PetrelError('kubernetes', 'The version is too old.', {
          details: { httpStatus: 410, status: { kind: 'Status', code: 410 } },
        });
      }
      const queue = createQueue();
      for (const entry of history) if (entry.version > from) queue.push(lineOf(entry));
      const close = () => {
        watches.delete(queue);
        queue.end();
      };
      watches.add(queue);
      signal.addEventListener('abort', close, { once: true });
      return { chunks: queue.chunks, close };
    },
  };
}

/** The objects as they were at a version: lists are snapshots. */
function stateAt(history: readonly HistoryEntry[], version: number): readonly KubernetesObject[] {
  const state = new Map<string, KubernetesObject>();
  for (const entry of history) {
    if (entry.version > version) break;
    if (entry.type === 'DELETED') state.delete(entry.object.metadata.name);
    else state.set(entry.object.metadata.name, entry.object);
  }
  return [...state.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
}

function lineOf({ type, object }: HistoryEntry): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** Chunks that arrive one by one; a reader waits for the next. */
function createQueue(): OpenWatch & { readonly chunks: AsyncIterator<Uint8Array> } {
  const waiting: Uint8Array[] = [];
  let ended = false;
  let error: Error | undefined;
  let wake: (() => void) | undefined;
  const notify = () => {
    wake?.();
    wake = undefined;
  };
  return {
    push(text) {
      if (!ended) waiting.push(Buffer.from(text));
      notify();
    },
    end() {
      ended = true;
      notify();
    },
    fail(cause) {
      error = cause;
      notify();
    },
    chunks: {
      async next() {
        for (;;) {
          const chunk = waiting.shift();
          if (chunk !== undefined) return { done: false, value: chunk };
          if (error !== undefined) throw error;
          if (ended) return { done: true, value: undefined };
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    },
  };
}
