import type { EventSink } from '../events/index.ts';
import {
  type BackoffLimits,
  type Change,
  type Clock,
  describeTarget,
  runWatch,
  type WatchClient,
  type WatchHandlers,
  type WatchState,
  type WatchTarget,
  type WatchTiming,
} from '../kubernetes/index.ts';
import { messageOf, PetrelError } from '../model/index.ts';
import type { KubernetesObject, Logger } from '../sdk/index.ts';
import type { HandledObject, Operations } from '../store/index.ts';
import { type DeliveryContext, deliver, persist } from './delivery.ts';
import { HandledIndex, type Plan } from './handled-index.ts';
import { type CompleteStep, eventsOf, type TypedEvent } from './kubernetes-events.ts';
import type { BoundTrigger } from './kubernetes-triggers.ts';
import { createSummarise } from './summary.ts';
import type { TargetMetrics } from './watch-metrics.ts';

/** The part of the store a watch keeps its state in. */
export type WatchStore = Pick<
  Operations,
  'getCursor' | 'setCursor' | 'listHandled' | 'getHandled' | 'putHandled' | 'deleteHandled' | 'deleteWatch'
>;

export interface WatchedTargetOptions {
  readonly target: WatchTarget;
  /** Names the watch in the store, for ever: cluster and target. */
  readonly watchId: string;
  readonly client: WatchClient;
  readonly events: EventSink;
  readonly store: WatchStore;
  /** The triggers that rules bind to this target now. */
  readonly triggers: () => readonly BoundTrigger[];
  /** Whether a trigger's type is registered: events of one whose pack is being reloaded wait for it. */
  readonly isRegistered: (triggerType: string) => boolean;
  readonly metrics: TargetMetrics;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly timing?: Partial<WatchTiming>;
  /** Waits between attempts to store, in milliseconds. */
  readonly retry?: BackoffLimits;
}

export interface WatchedTarget {
  /** Ends the watch and keeps its state, so that it can go on from there. */
  stop(): Promise<void>;
  /** The kind is gone for good: ends the watch, reports all that was left of it as deleted, and forgets the state. */
  retire(signal: AbortSignal): Promise<void>;
  report(): WatchReport;
}

export interface WatchReport {
  readonly target: WatchTarget;
  readonly state: WatchState | { readonly phase: 'starting' };
  /** Objects whose state was handled. */
  readonly objects: number;
  /** Events handed over since the start. */
  readonly events: number;
  readonly lists: number;
  /** When anything came from the server last, in epoch milliseconds. */
  readonly lastByteAt: number | undefined;
}

/** Objects in one transaction of synthesised deletions. */
const BATCH = 500;
/** Objects read at once at the start, since their summaries are larger than what is kept of them in memory. */
const LOAD = 1000;

/** Watches one target until stopped, and hands over what changed in one transaction with the state of the watch. */
export function startWatchedTarget(options: WatchedTargetOptions): WatchedTarget {
  const watching = new AbortController();
  const keeper = createKeeper(options);
  const run = async () => {
    const context = { ...options, signal: watching.signal };
    const cursor = await keeper.load(context);
    await runWatch({ ...context, handlers: keeper.handlers(context), ...(cursor === undefined ? {} : { cursor }) });
  };
  const running = run().catch((error: unknown) => {
    if (!watching.signal.aborted) {
      options.log.error(
        `The watch of ${describeTarget(options.target)} ended by a fault of Petrel: ${messageOf(error)}`,
      );
    }
  });

  return {
    async stop() {
      watching.abort();
      await running;
    },
    async retire(signal) {
      watching.abort();
      await running;
      const context = { ...options, signal };
      await keeper.load(context);
      await keeper.removeMissing(context, new Set(), (tx) => tx.deleteWatch(options.watchId));
    },
    report: keeper.report,
  };
}

/** The state of one watch and all that writes it. */
function createKeeper(options: WatchedTargetOptions) {
  const { watchId, store, target, metrics, clock } = options;
  const what = `The hand-over of changes of ${describeTarget(target)}`;
  let index = new HandledIndex();
  let cursorStored = false;
  /** Whether no list of this watch was ever complete: what it shows was not missed by anybody. */
  let isFirst = true;
  let lastByteAt: number | undefined;
  let state: WatchReport['state'] = { phase: 'starting' };
  let handedOver = 0;
  let lists = 0;

  const load = async (context: DeliveryContext): Promise<string | undefined> => {
    const reading = `Reading the state of the watch of ${describeTarget(target)}`;
    index = new HandledIndex();
    let handled: readonly HandledObject[] = [];
    do {
      const after = handled.at(-1)?.uid;
      handled = await persist(context, reading, () => store.listHandled(watchId, after, LOAD));
      index.load(handled);
    } while (handled.length === LOAD);
    const cursor = await persist(context, reading, () => store.getCursor(watchId));
    cursorStored = (cursor ?? '') !== '';
    isFirst = cursor === undefined;
    return cursorStored ? cursor : undefined;
  };

  const commit = async (
    context: DeliveryContext,
    plan: Plan,
    also?: (tx: Operations) => Promise<void>,
  ): Promise<void> => {
    if (plan.steps.length === 0 && also === undefined) return;
    const steps = await persist(context, what, () => complete(options, plan));
    let events: readonly TypedEvent[] = [];
    await deliver(
      context,
      what,
      () => {
        events = eventsOf(steps, wantingTriggers(options));
        return events.map(({ event }) => event);
      },
      async (tx) => {
        if (plan.remove.length > 0) await tx.deleteHandled(watchId, plan.remove);
        if (plan.put.length > 0) await tx.putHandled(watchId, plan.put);
        await also?.(tx);
      },
    );
    index.accept(plan);
    handedOver += events.length;
    for (const { type } of events) metrics.handedOver(type);
  };

  /** Runs the hand-over of a batch that was just received. */
  const timed = async (work: () => Promise<void>): Promise<void> => {
    const receivedAt = clock.now();
    await work();
    metrics.committed((clock.now() - receivedAt) / 1000);
  };

  const found = (plan: Plan): Plan => {
    if (!isFirst && plan.steps.length > 0) metrics.foundByRelist(plan.steps.length);
    return plan;
  };

  /** Reports as deleted what was handled and not seen; `atEnd` is written with the last of it. */
  const removeMissing = async (
    context: DeliveryContext,
    seen: ReadonlySet<string>,
    atEnd: (tx: Operations) => Promise<void>,
  ): Promise<void> => {
    let plan = found(index.planMissing(seen, BATCH));
    while (plan.steps.length === BATCH) {
      await commit(context, plan);
      plan = found(index.planMissing(seen, BATCH));
    }
    await commit(context, plan, atEnd);
  };

  const handlers = (context: DeliveryContext): WatchHandlers => {
    let seen = new Set<string>();
    return {
      async onListStart() {
        seen = new Set();
        lists += 1;
        metrics.listed(isFirst ? 'first' : 'relist');
        // A restart in the middle of this list must begin with a list again: the old cursor would replay what the pages told.
        if (cursorStored) await persist(context, what, () => store.setCursor(watchId, ''));
        cursorStored = false;
      },
      onListPage: (changes: readonly Change[]) =>
        timed(() => commit(context, found(index.planListed(changes, seen, createSummarise(options.triggers()))))),
      async onListEnd(resourceVersion) {
        await removeMissing(context, seen, (tx) => tx.setCursor(watchId, resourceVersion));
        cursorStored = true;
        isFirst = false;
        seen = new Set();
      },
      onEvents: (changes: readonly Change[], resourceVersion) =>
        timed(() =>
          commit(context, index.planChanges(changes, createSummarise(options.triggers())), (tx) =>
            tx.setCursor(watchId, resourceVersion),
          ),
        ),
      onReceived() {
        lastByteAt = clock.now();
      },
      onRestart: metrics.restarted,
      onState(next) {
        state = next;
      },
    };
  };

  const report = (): WatchReport => ({ target, state, objects: index.size, events: handedOver, lists, lastByteAt });
  return { load, handlers, removeMissing, report };
}

/** Fetches what the store keeps of the objects that are gone, and of those whose change is compared with their state before. */
async function complete(options: WatchedTargetOptions, { steps }: Plan): Promise<readonly CompleteStep[]> {
  const compares = options.triggers().some(({ fields }) => fields !== undefined);
  const asked = steps.filter((step) => step.object === undefined || (compares && step.type === 'MODIFIED'));
  const kept = await options.store.getHandled(options.watchId, [...new Set(asked.map(({ uid }) => uid))]);
  const last = new Map(kept.map(({ uid, summary }) => [uid, summary as unknown as KubernetesObject])); // a summary keeps what makes an object
  return steps.map((step) => {
    const previous = last.get(step.uid);
    const object = step.object ?? previous;
    if (object === undefined) {
      throw new PetrelError(
        'internal',
        `The store has no summary of the object ${step.uid}, which it says was handled.`,
      );
    }
    last.set(step.uid, object);
    return { ...step, object, previous };
  });
}

/** Throws while there is nobody to hand the events to, so that they wait instead of being marked as handled. */
function wantingTriggers(options: WatchedTargetOptions): readonly BoundTrigger[] {
  const triggers = options.triggers();
  const unknown = triggers.find((trigger) => !options.isRegistered(trigger.type));
  if (unknown !== undefined) {
    throw new PetrelError('unavailable', `The trigger type ${unknown.type} is not registered; is its pack loaded?`);
  }
  if (triggers.length === 0) {
    throw new PetrelError('unavailable', `No rule wants events of ${describeTarget(options.target)} any more.`);
  }
  return triggers;
}
