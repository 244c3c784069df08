import { pause } from '../kubernetes/index.ts';
import { type Execution, type Id, isFinal, messageOf, PetrelError, type ResourceRecord } from '../model/index.ts';
import { type Acting, createActing, Outdated } from './acting.ts';
import { type ClusterWrites, createClusterWrites } from './cluster.ts';
import { type Decision, decide } from './decide.ts';
import { createDependencyIndex } from './dependencies.ts';
import { factsOf, looksOf, subjectOf } from './facts.ts';
import { createHandlers, handlerOf } from './handlers.ts';
import { createKinds } from './kinds.ts';
import { takeList } from './lists.ts';
import { type KindState, kindOf, type Live } from './live.ts';
import { createLooks } from './looks.ts';
import type { ResourceMetrics } from './metrics.ts';
import { contentOf } from './objects.ts';
import { concluded, type HandlerEnd, refreshed } from './record.ts';
import { rewindAll } from './rewind.ts';
import { type ResourceServices, USER } from './services.ts';
import { isSameStatus, readyReason, statusOf } from './status.ts';
import { createWorkQueue } from './work-queue.ts';

/** One term of reconciling: from taking the lease to losing it. */
export interface Reconciler {
  readonly live: Live;
  readonly acting: Acting;
  readonly cluster: ClusterWrites;
  /** What would be done next for an object, as things are known now. */
  decisionFor(kind: KindState, uid: string): Decision;
  /** Forgets failures and looks at the outside again. */
  refresh(kind: KindState, uid: string): Promise<void>;
  /** Looks at everything of a resource again. */
  refreshList(kind: KindState): void;
  touch(uid: string): void;
  stop(): Promise<void>;
}

/** Objects worked on at the same moment; each waits for the API server most of the time. */
const CONCURRENCY = 16;
/** Steps taken for one object in one turn. */
const MAX_STEPS = 10;
/** Milliseconds between looks for executions that another node ended. */
const POLL = 5_000;
const AFTER_CONFLICT = 100;
const AFTER_TROUBLE = { first: 500, max: 30_000 };

export async function startReconciler(services: ResourceServices, metrics: ResourceMetrics): Promise<Reconciler> {
  const { store, client, clock, random, log, masker, jinja, registry } = services;
  const abort = new AbortController();
  const live: Live = {
    cluster: await client.clusterId(abort.signal),
    kinds: new Map(),
    records: new Map(),
    observations: new Map(),
    decisions: new Map(),
    executions: new Map(),
    dependencies: createDependencyIndex(),
    cutShort: new Map(),
    running: new Map(),
  };
  const handlers = createHandlers(services);
  const cluster = createClusterWrites(client, { now: clock.now, log });
  const working = new Map<Id, string>();
  const troubles = new Map<string, number>();
  /** What came up while not all was known; a kind that is not served is asked for again and again. */
  const held = new Set<string>();

  const rewind = () =>
    rewindAll(
      live,
      clock.now(),
      (ref) => registry.snapshot().resources.get(ref)?.retry.maxDelay ?? Number.POSITIVE_INFINITY,
    );

  const load = async () => {
    const stored = await store.listResources();
    live.records.clear();
    working.clear();
    for (const record of stored) {
      live.records.set(record.uid, record);
      if (record.intent !== undefined) working.set(record.intent.executionId, record.uid);
    }
    // Another clock may have written them.
    rewind();
  };
  await load();

  const looks = createLooks({
    ...services,
    handlers,
    cluster: live.cluster,
    resource: (ref) => live.kinds.get(ref)?.resource,
    async seen(uid, observation) {
      const kind = kindOf(live, uid);
      if (kind !== undefined) metrics.ended(kind.resource.ref, 'observe', 'succeeded');
      live.observations.set(uid, observation);
      const record = live.records.get(uid);
      if (record?.failure?.handler === 'observe') {
        const { failure: _, ...recovered } = record;
        await guarded(uid, () => acting.put(recovered));
      }
      queue.add(uid);
      kinds.touchNeeded(uid);
    },
    async failed(uid, message) {
      const kind = kindOf(live, uid);
      if (kind !== undefined) metrics.ended(kind.resource.ref, 'observe', 'failed');
      if (kind !== undefined) await guarded(uid, () => acting.fail(kind, uid, 'observe', new Error(message)));
      queue.add(uid);
    },
    listed(resource, look) {
      metrics.ended(resource.ref, 'list', 'succeeded');
      const kind = live.kinds.get(resource.ref);
      if (kind === undefined) return;
      const { touched, orphaned } = takeList(live, kind, look);
      for (const record of orphaned)
        void guarded(record.uid, () => acting.put(record).then(() => queue.add(record.uid)));
      for (const uid of touched) {
        queue.add(uid);
        kinds.touchNeeded(uid);
      }
      relist(kind, look.at);
    },
    listFailed(ref) {
      metrics.ended(ref, 'list', 'failed');
      const kind = live.kinds.get(ref);
      if (kind !== undefined) touchAll(kind);
    },
  });
  const acting = createActing({
    services,
    live,
    handlers,
    looks,
    cluster,
    requested: (id, uid) => working.set(id, uid),
  });

  const lists = new Map<string, () => void>();
  /** The next list of a resource, spread so that several resources do not list at once. */
  const relist = ({ resource }: KindState, from: number) => {
    lists.get(resource.ref)?.();
    const wait = Math.max(0, from + resource.resync * 1000 * (0.9 + 0.2 * random()) - clock.now());
    lists.set(
      resource.ref,
      clock.after(Math.min(wait, 2_000_000_000), () => looks.list(resource.ref, clock.now())),
    );
  };
  const touchAll = ({ resource, watch }: KindState) => {
    for (const uid of watch.objects.keys()) queue.add(uid);
    for (const [uid, record] of live.records) if (record.resource === resource.ref) queue.add(uid);
  };

  /** Runs a write; when another node was faster, learns what it wrote. */
  const guarded = async (uid: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      troubles.delete(uid);
    } catch (error) {
      if (abort.signal.aborted) return;
      if (error instanceof Outdated) {
        await load().catch((reason: unknown) =>
          log.error(`Records of resources could not be read: ${messageOf(reason)}`),
        );
        return queue.add(uid, AFTER_CONFLICT);
      }
      // Changed since it was seen: the watch brings the newer state.
      if (error instanceof PetrelError && error.code === 'conflict') return queue.add(uid, AFTER_CONFLICT);
      const tries = troubles.get(uid) ?? 0;
      troubles.set(uid, tries + 1);
      log.error(`The resource ${uid} could not be reconciled and is tried again: ${masker.mask(messageOf(error))}`);
      queue.add(
        uid,
        Math.min(AFTER_TROUBLE.first * 2 ** Math.min(tries, 20), AFTER_TROUBLE.max) * (0.5 + random() / 2),
      );
    }
  };

  const decisionFor = (kind: KindState, uid: string): Decision => {
    const lookFailure = looks.listFailure(kind.resource.ref);
    const now = clock.now();
    const facts = factsOf(live, kind, uid, { jinja, now, observing: looks.isLooking(uid), lookFailure });
    return decide(facts);
  };

  /** Whether the running handler had ended, and the record says so now. */
  const conclude = async (kind: KindState, uid: string, record: ResourceRecord): Promise<boolean> => {
    const { intent } = record;
    if (intent === undefined) return false;
    const execution = await store.getExecution(intent.executionId);
    if (execution !== undefined && !isFinal(execution.status)) {
      if (execution.startedAt === undefined) live.running.delete(uid);
      else live.running.set(uid, execution.startedAt);
      // A process that died may have written that it cancels and not have done it.
      if (intent.canceling !== undefined && execution.status !== 'canceling') await acting.cancel(execution.id, USER);
      return false;
    }
    const end = await endOf(kind, uid, intent, execution);
    const isGood = end.status === 'succeeded' || end.status === 'retained';
    metrics.ended(kind.resource.ref, intent.handler, isGood ? 'succeeded' : 'failed');
    await acting.put(concluded(record, end, kind.resource.retry, clock.now(), random));
    working.delete(intent.executionId);
    live.running.delete(uid);
    if (intent.canceling === 'superseded') live.cutShort.set(uid, (live.cutShort.get(uid) ?? 0) + 1);
    else live.cutShort.delete(uid);
    live.executions.set(uid, intent.executionId);
    return true;
  };

  const endOf = async (
    kind: KindState,
    uid: string,
    intent: NonNullable<ResourceRecord['intent']>,
    execution: Execution | undefined,
  ): Promise<HandlerEnd> => {
    if (execution === undefined) {
      return { status: 'abandoned', message: `Its execution ${intent.executionId} is not in the database any more.` };
    }
    const subject = subjectOf(live, kind, uid, jinja);
    if (subject === undefined) return { status: 'abandoned', message: 'Nothing is known of the object any more.' };
    try {
      return await handlers.end(execution, intent.handler, subject);
    } catch (error) {
      if (!(error instanceof PetrelError)) throw error;
      const { result } = handlerOf(kind.resource, intent.handler);
      const message = `The result of the ${intent.handler} handler cannot be read as "result" says (${Object.keys(result ?? {}).join(', ')}): ${masker.mask(messageOf(error))}`;
      return { status: 'refused', reason: 'ResultUnreadable', message };
    }
  };

  const report = async (kind: KindState, uid: string, decision: Decision): Promise<void> => {
    const entry = kind.watch.objects.get(uid);
    // A look before anything is done lasts milliseconds and is not worth a write.
    if (entry === undefined || (decision.reason === 'Observing' && decision.state === 'waiting')) return;
    const before = (entry.object.status ?? {}) as Parameters<typeof statusOf>[2]['status']; // of JSON
    const generation = entry.object.metadata.generation ?? 0;
    const masked = { ...decision, message: masker.mask(decision.message) };
    const record = live.records.get(uid);
    const status = statusOf(masked, record, { generation, status: before }, live.executions.get(uid), clock.now());
    if (isSameStatus(before, status)) return;
    const answer = await cluster.setStatus(entry, status);
    if (answer === undefined) return;
    kind.watch.learn(answer);
    const reason = readyReason(status) ?? decision.reason;
    if (readyReason(before) === reason) return;
    const isBad =
      decision.state === 'blocked' ||
      decision.state === 'drifted' ||
      decision.inEffect === true ||
      reason.endsWith('Failed');
    await cluster.tell(contentOf(entry), { type: isBad ? 'Warning' : 'Normal', reason, message: masked.message });
  };

  const reconcile = async (uid: string): Promise<void> => {
    for (let step = 0; step < MAX_STEPS && !abort.signal.aborted; step += 1) {
      const kind = kindOf(live, uid);
      if (kind === undefined) return;
      if (!kind.watch.isSynced() || !kinds.areSynced()) {
        held.add(uid);
        return;
      }
      const record = live.records.get(uid);
      if (record !== undefined && (await conclude(kind, uid, record))) continue;
      let decision: Decision;
      try {
        decision = decisionFor(kind, uid);
      } catch (error) {
        if (!(error instanceof PetrelError)) throw error;
        decision = {
          state: 'blocked',
          step: 'none',
          reason: 'TemplateFailed',
          message: `A template of the resource ${kind.resource.ref} fails: ${messageOf(error)}`,
        };
      }
      live.decisions.set(uid, decision);
      const acted = await acting.perform(kind, uid, decision);
      if (acted === 'again') continue;
      if (acted === 'report') await report(kind, uid, decision);
      if (acted === 'gone' && !kind.watch.objects.has(uid) && !live.records.has(uid)) live.decisions.delete(uid);
      if (decision.reason === 'Observing' && looksOf(kind.resource) === 'list') {
        looks.list(kind.resource.ref, live.records.get(uid)?.settledAt ?? clock.now());
      }
      if (decision.again !== undefined) queue.add(uid, Math.max(1, decision.again - clock.now()));
      return;
    }
    queue.add(uid, AFTER_CONFLICT);
  };

  const queue = createWorkQueue({
    clock,
    concurrency: CONCURRENCY,
    work: (uid) => guarded(uid, () => reconcile(uid)),
  });

  const takeUpHeld = () => {
    for (const uid of held) queue.add(uid);
    held.clear();
  };

  const kinds = createKinds({
    services,
    live,
    cluster,
    touch: (uid) => queue.add(uid),
    synced(kind) {
      touchAll(kind);
      takeUpHeld();
      if (looksOf(kind.resource) === 'list') looks.list(kind.resource.ref, clock.now());
    },
    settled: takeUpHeld,
    left(ref) {
      lists.get(ref)?.();
      lists.delete(ref);
      looks.forget(ref);
    },
  });
  const unlisten = services.executions.onEnd((execution) => {
    looks.ended(execution);
    const uid = working.get(execution.id);
    if (uid !== undefined) queue.add(uid);
  });
  const unsubscribe = registry.onChange(() => {
    kinds.follow();
    for (const kind of live.kinds.values()) touchAll(kind);
  });
  kinds.follow();

  const polling = (async () => {
    for (let before = clock.now(); !abort.signal.aborted; before = clock.now()) {
      await pause(clock, POLL, abort.signal);
      if (clock.now() < before) {
        log.warn('The clock was set back; what lies ahead is taken as of now.');
        rewind();
        looks.rewind(clock.now());
        for (const kind of live.kinds.values()) touchAll(kind);
      }
      for (const uid of working.values()) queue.add(uid);
      await looks.poll().catch((error: unknown) => log.error(`Executions could not be looked up: ${messageOf(error)}`));
    }
  })();

  return {
    live,
    acting,
    cluster,
    decisionFor,
    touch: (uid) => queue.add(uid),
    async refresh(kind, uid) {
      const record = live.records.get(uid);
      if (record?.failure !== undefined && record.intent === undefined) {
        await guarded(uid, () => acting.put(refreshed(record)));
      }
      const subject = looksOf(kind.resource) === 'each' ? subjectOf(live, kind, uid, jinja) : undefined;
      if (subject !== undefined && record?.intent === undefined) looks.each(subject);
      queue.add(uid);
    },
    refreshList(kind) {
      if (looksOf(kind.resource) === 'list') looks.list(kind.resource.ref, clock.now());
    },
    async stop() {
      abort.abort();
      unlisten();
      unsubscribe();
      for (const cancel of lists.values()) cancel();
      await Promise.all([queue.stop(), looks.stop(), kinds.stop(), polling]);
    },
  };
}
