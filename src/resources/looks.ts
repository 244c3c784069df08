import { type Clock, pause } from '../kubernetes/index.ts';
import { type Execution, type Id, isFinal, messageOf, type Resource } from '../model/index.ts';
import type { Store } from '../store/index.ts';
import { type HandlerSubject, type Handlers, handlerOf } from './handlers.ts';
import { type Observation, readObservation } from './observation.ts';
import { type ObjectName, readTag } from './owner.ts';
import type { ResourceExecutions } from './services.ts';

/** Something outside that carries our owner tag and belongs to no object. */
export interface Orphan extends ObjectName {
  readonly observation: Observation;
  /** How many lists in a row have shown it. */
  readonly times: number;
}

/** One list of all that exists of a resource. */
export interface ListLook {
  /** When it began. Epoch milliseconds. */
  readonly at: number;
  readonly byUid: ReadonlyMap<string, Observation>;
  /** Items without a tag of ours, by name. */
  readonly byName: ReadonlyMap<string, Observation>;
}

export interface Looks {
  /** Looks at one object; `done` is told what was seen, or why nothing was. */
  each(subject: HandlerSubject): Promise<void>;
  isLooking(uid: string): boolean;
  /** Lists a resource: now, or again when the list that is under way began too early. */
  list(ref: string, since: number): void;
  /** Why the last list gave nothing. */
  listFailure(ref: string): string | undefined;
  ended(execution: Execution): void;
  /** Looks after executions whose end this process was not told. */
  poll(): Promise<void>;
  forget(ref: string): void;
  /** The clock was set back to this time. */
  rewind(now: number): void;
  stop(): Promise<void>;
}

export interface LooksOptions {
  readonly store: Pick<Store, 'getExecution' | 'insertExecutions'>;
  readonly executions: ResourceExecutions;
  readonly handlers: Handlers;
  readonly clock: Clock;
  readonly random: () => number;
  readonly cluster: string;
  resource(ref: string): Resource | undefined;
  seen(uid: string, observation: Observation): Promise<void>;
  failed(uid: string, message: string): Promise<void>;
  listed(resource: Resource, look: ListLook): void;
  /** A list gave nothing: objects that wait for it should say so. */
  listFailed(ref: string): void;
}

interface ListState {
  running: boolean;
  startedAt: number;
  /** How long the last one took. */
  duration: number;
  /** A list is wanted that began no earlier. */
  wanted: number;
  failures: number;
  failure?: string;
}

/** Objects that come in one burst share a list; the longer one takes, the more of them. Milliseconds. */
const GATHER = { least: 25, most: 2_000 };
const RETRY = { first: 1_000, max: 60_000 };

/** Looks at the outside world by running handlers; a look that is lost with its process is made again. */
export function createLooks(options: LooksOptions): Looks {
  const { store, executions, handlers, clock } = options;
  const abort = new AbortController();
  const looking = new Set<string>();
  const waiting = new Map<Id, { resolve(execution: Execution): void; reject(reason: unknown): void }>();
  const lists = new Map<string, ListState>();
  const loops = new Set<Promise<void>>();

  const run = async (execution: Execution): Promise<Execution> => {
    const ended = new Promise<Execution>((resolve, reject) => {
      waiting.set(execution.id, { resolve, reject });
    });
    ended.catch(() => undefined);
    await store.insertExecutions([execution]);
    executions.announce([execution]);
    return await ended.finally(() => waiting.delete(execution.id));
  };

  const observe = async (subject: HandlerSubject): Promise<Observation | { readonly failure: string }> => {
    const { resource } = subject;
    // A look must begin after what it is to see.
    await pause(clock, 2, abort.signal);
    const at = clock.now();
    try {
      const ended = await run(await handlers.prepare('observe', subject));
      if (ended.status !== 'succeeded') return { failure: await handlers.failureOf(ended) };
      const answer = await handlers.answer(ended, handlerOf(resource, 'observe'), resource, subject);
      return readObservation(answer, at);
    } catch (error) {
      return { failure: messageOf(error) };
    }
  };

  const lookAt = async (subject: HandlerSubject): Promise<void> => {
    const seen = await observe(subject);
    // Whoever is told decides anew, and must not find the look still under way.
    looking.delete(subject.uid);
    if (abort.signal.aborted) return;
    if ('failure' in seen) await options.failed(subject.uid, seen.failure);
    else await options.seen(subject.uid, seen);
  };

  const listOnce = async (ref: string, state: ListState): Promise<void> => {
    const resource = options.resource(ref);
    if (resource === undefined) return;
    await pause(clock, Math.min(Math.max(state.duration, GATHER.least), GATHER.most), abort.signal);
    if (abort.signal.aborted) return;
    state.startedAt = clock.now();
    try {
      const ended = await run(await handlers.prepareList(resource));
      if (ended.status !== 'succeeded') throw new Error(await handlers.failureOf(ended));
      const look = readList(options.cluster, resource, await handlers.items(ended, resource), state.startedAt);
      state.failures = 0;
      state.duration = clock.now() - state.startedAt;
      delete state.failure;
      options.listed(resource, look);
    } catch (error) {
      if (abort.signal.aborted) return;
      state.failures += 1;
      state.failure = `What exists could not be listed: ${messageOf(error)}`;
      state.wanted = Math.max(state.wanted, state.startedAt + 1);
      options.listFailed(ref);
      await pause(
        clock,
        Math.min(RETRY.first * 2 ** (state.failures - 1), RETRY.max) * (0.5 + options.random() / 2),
        abort.signal,
      );
    }
  };

  const track = (loop: Promise<void>) => {
    loops.add(loop);
    void loop.finally(() => loops.delete(loop));
  };

  const keepListing = async (ref: string, state: ListState): Promise<void> => {
    while (!abort.signal.aborted && lists.get(ref) === state && state.wanted > state.startedAt)
      await listOnce(ref, state);
    state.running = false;
  };

  return {
    async each(subject) {
      if (looking.has(subject.uid)) return;
      looking.add(subject.uid);
      track(lookAt(subject));
    },
    isLooking: (uid) => looking.has(uid),
    list(ref, since) {
      const state = lists.get(ref) ?? { running: false, startedAt: 0, duration: 0, wanted: 0, failures: 0 };
      lists.set(ref, state);
      // A list that begins in the same millisecond may or may not see it.
      state.wanted = Math.max(state.wanted, since + 1);
      if (state.running) return;
      state.running = true;
      track(keepListing(ref, state));
    },
    listFailure: (ref) => lists.get(ref)?.failure,
    ended(execution) {
      waiting.get(execution.id)?.resolve(execution);
    },
    async poll() {
      for (const [id, { resolve }] of waiting) {
        const execution = await store.getExecution(id);
        if (execution !== undefined && isFinal(execution.status)) resolve(execution);
      }
    },
    forget(ref) {
      lists.delete(ref);
    },
    rewind(now) {
      for (const state of lists.values()) {
        state.startedAt = Math.min(state.startedAt, now);
        state.wanted = Math.min(state.wanted, now + 1);
      }
    },
    async stop() {
      abort.abort();
      for (const { reject } of waiting.values()) reject(new Error('Petrel stops looking.'));
      await Promise.all(loops);
    },
  };
}

function readList(
  cluster: string,
  resource: Resource,
  items: Awaited<ReturnType<Handlers['items']>>,
  at: number,
): ListLook {
  const byUid = new Map<string, Observation>();
  const byName = new Map<string, Observation>();
  for (const item of items) {
    const observation = readObservation(item, at);
    const owner = observation.tag === undefined ? undefined : readTag(cluster, resource.ref, observation.tag);
    if (owner !== undefined) byUid.set(owner.uid, observation);
    else if (typeof item.name === 'string') byName.set(item.name, observation);
  }
  return { at, byUid, byName };
}
