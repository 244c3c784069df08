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
import { messageOf, PetrelError, type TriggerEvent } from '../model/index.ts';
import type { KubernetesObject, Logger } from '../sdk/index.ts';
import type { Operations } from '../store/index.ts';
import { type DeliveryContext, deliver, persist } from './delivery.ts';
import { HandledIndex, type Plan } from './handled-index.ts';
import { type CompleteStep, eventOf } from './kubernetes-events.ts';
import type { BoundTrigger } from './kubernetes-triggers.ts';

/** The part of the store a watch keeps its state in. */
export type WatchStore = Pick<
  Operations,
  'getCursor' | 'setCursor' | 'listHandled' | 'putHandled' | 'deleteHandled' | 'deleteWatch'
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
}

/** Objects in one transaction of synthesised deletions. */
const BATCH = 500;

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
  const { watchId, store, target } = options;
  const what = `The hand-over of changes of ${describeTarget(target)}`;
  let index = new HandledIndex([]);
  let cursorStored = false;
  let state: WatchReport['state'] = { phase: 'starting' };
  let handedOver = 0;
  let lists = 0;

  const load = async (context: DeliveryContext): Promise<string | undefined> => {
    const [handled, cursor] = await persist(
      context,
      `Reading the state of the watch of ${describeTarget(target)}`,
      () => Promise.all([store.listHandled(watchId), store.getCursor(watchId)]),
    );
    index = new HandledIndex(handled);
    cursorStored = (cursor ?? '') !== '';
    return cursorStored ? cursor : undefined;
  };

  const commit = async (
    context: DeliveryContext,
    plan: Plan,
    also?: (tx: Operations) => Promise<void>,
  ): Promise<void> => {
    if (plan.steps.length === 0 && also === undefined) return;
    const steps = await persist(context, what, () => complete(store, watchId, plan));
    await deliver(
      context,
      what,
      () => eventsOf(steps, options),
      async (tx) => {
        if (plan.remove.length > 0) await tx.deleteHandled(watchId, plan.remove);
        if (plan.put.length > 0) await tx.putHandled(watchId, plan.put);
        await also?.(tx);
      },
    );
    index.accept(plan);
    handedOver += steps.length;
  };

  /** Reports as deleted what was handled and not seen; `atEnd` is written with the last of it. */
  const removeMissing = async (
    context: DeliveryContext,
    seen: ReadonlySet<string>,
    atEnd: (tx: Operations) => Promise<void>,
  ): Promise<void> => {
    let plan = index.planMissing(seen, BATCH);
    while (plan.steps.length === BATCH) {
      await commit(context, plan);
      plan = index.planMissing(seen, BATCH);
    }
    await commit(context, plan, atEnd);
  };

  const handlers = (context: DeliveryContext): WatchHandlers => {
    let seen = new Set<string>();
    return {
      async onListStart() {
        seen = new Set();
        lists += 1;
        // A restart in the middle of this list must begin with a list again: the old cursor would replay what the pages told.
        if (cursorStored) await persist(context, what, () => store.setCursor(watchId, ''));
        cursorStored = false;
      },
      onListPage: (objects: readonly KubernetesObject[]) => commit(context, index.planListed(objects, seen)),
      async onListEnd(resourceVersion) {
        await removeMissing(context, seen, (tx) => tx.setCursor(watchId, resourceVersion));
        cursorStored = true;
        seen = new Set();
      },
      async onEvents(changes: readonly Change[], resourceVersion) {
        await commit(context, index.planChanges(changes), (tx) => tx.setCursor(watchId, resourceVersion));
      },
      onState(next) {
        state = next;
      },
    };
  };

  const report = (): WatchReport => ({ target, state, objects: index.size, events: handedOver, lists });
  return { load, handlers, removeMissing, report };
}

/** Fetches what is left of the objects that are gone. */
async function complete(store: WatchStore, watchId: string, plan: Plan): Promise<readonly CompleteStep[]> {
  if (plan.steps.every((step) => step.object !== undefined))
    return plan.steps.map((step) => withObject(step, step.object));
  const summaries = new Map((await store.listHandled(watchId)).map((handled) => [handled.uid, handled.summary]));
  return plan.steps.map((step) =>
    withObject(step, step.object ?? (summaries.get(step.uid) as KubernetesObject | undefined)),
  ); // written by summaryOf
}

function withObject(step: Plan['steps'][number], object: KubernetesObject | undefined): CompleteStep {
  if (object !== undefined) return { ...step, object };
  throw new PetrelError('internal', `The store has no summary of the object ${step.uid}, which it says was handled.`);
}

/** Throws while there is nobody to hand the events to, so that they wait instead of being marked as handled. */
function eventsOf(steps: readonly CompleteStep[], options: WatchedTargetOptions): readonly TriggerEvent[] {
  const triggers = options.triggers();
  const unknown = triggers.find((trigger) => !options.isRegistered(trigger.type));
  if (unknown !== undefined) {
    throw new PetrelError('unavailable', `The trigger type ${unknown.type} is not registered; is its pack loaded?`);
  }
  if (triggers.length === 0) {
    throw new PetrelError('unavailable', `No rule wants events of ${describeTarget(options.target)} any more.`);
  }
  return steps.flatMap((step) => triggers.map((trigger) => eventOf(step, trigger)));
}
