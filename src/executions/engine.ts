import { openValues } from '../datastore/index.ts';
import { type Execution, type Id, isFinal, messageOf, newId, PetrelError } from '../model/index.ts';
import { LEASE_LOST, type RunEnd, type Runner, type RunPending, type RunResult, SHUTDOWN } from '../runners/index.ts';
import type { Store } from '../store/index.ts';
import { createAdmission } from './admission.ts';
import { eachChild } from './asking.ts';
import { createCanceling } from './canceling.ts';
import { type Completion, type CompletionServices, createCompletion, type Outcome } from './completion.ts';
import { createDeadlines } from './deadlines.ts';
import { Superseded } from './effects.ts';
import { createEnding } from './ending.ts';
import type { ExecutionLog } from './execution-log.ts';
import type { ExecutionChange, ExecutionRequest, Executions } from './executions.ts';
import { createInquiries, inquiryProblem } from './inquiries.ts';
import { createOutputRecorder } from './output.ts';
import { createPausing } from './pausing.ts';
import { type Preparation, prepareExecution, unrendered } from './prepare.ts';
import { createRerunning } from './rerunning.ts';
import { canceledBy, reasonOfWish, wishOf } from './wishes.ts';
import { failure, runExecution, type WorkerServices } from './worker.ts';
import type { WorkflowSteps } from './workflows.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly runners: ReadonlyMap<string, Runner>;
  readonly workflows: WorkflowSteps;
  readonly services: WorkerServices;
  readonly log: ExecutionLog;
  readonly now: () => number;
  /** How many executions run at the same moment. Default 200. */
  readonly concurrency?: number;
  /** Milliseconds a worker may be silent before its executions are taken from it. Default 30,000. */
  readonly leaseDuration?: number;
  readonly onFinishing: CompletionServices['onFinishing'];
  readonly onPending: CompletionServices['onPending'];
}

/** The executions room, running. */
export interface Engine extends Executions {
  /** Looks for work now: something was requested. */
  wake(): void;
  /** Tells listeners of executions that another room stored. */
  announce(executions: readonly Execution[]): void;
  prepare(): Preparation;
  /** Why nothing is run now, or what runs may be taken away; empty: all is well. */
  problems(): readonly string[];
  start(): Promise<void>;
  /** Stops claiming, gives running actions `grace` milliseconds, then leaves the rest to be run again at the next start. */
  stop(grace?: number): Promise<void>;
}

interface Running {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/** Claims requested executions and sees each to its end. */
export function createEngine(options: EngineOptions): Engine {
  const { store, runners, workflows, services, log, now } = options;
  const concurrency = options.concurrency ?? 200;
  const leaseDuration = options.leaseDuration ?? 30_000;
  const owner = newId();
  /** Only one process can open a SQLite store: whoever else held a lease there is dead. */
  const alone = store.dialect === 'sqlite';
  const running = new Map<Id, Running>();
  const listeners = new Set<(change: ExecutionChange) => void>();
  let stopped = true;
  let claiming: Promise<void> | undefined;
  let again = false;
  let alarm: NodeJS.Timeout | undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  let beatAt = 0;
  let claimProblem: string | undefined;
  let beatProblem: string | undefined;

  const emit = (change: ExecutionChange) => {
    for (const listener of listeners) listener(change);
  };
  const completion: Completion = createCompletion({
    store,
    workflows,
    now,
    prepare: services.prepare,
    onFinishing: options.onFinishing,
    onPending: options.onPending,
    deadlineSet: (dueAt) => deadlines.expect(dueAt),
    abandon(id, user) {
      eachChild([id], () => canceling.cancel(id, user)).catch((error: unknown) =>
        log.about({ id }).error(`Execution ${id} could not be canceled: ${messageOf(error)}`),
      );
    },
    changed(execution, type) {
      emit({ type, execution });
      if (type === 'created' || execution.concurrencyKey !== undefined || execution.grouped === true) wake();
    },
  });

  /** Repeats what must not be lost while the database is in trouble (a full disk, a server that restarts). */
  const persistently = async <T>(
    what: string,
    execution: Execution,
    work: () => Promise<T>,
  ): Promise<T | undefined> => {
    for (let tries = 0; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof Superseded) return undefined;
        if (stopped) throw error;
        log
          .about(execution)
          .error(`${what} of ${execution.id} could not be stored (${messageOf(error)}); trying again.`);
        await new Promise((resolve) => setTimeout(resolve, Math.min(100 * 2 ** tries, 10_000)));
      }
    }
  };

  const admission = createAdmission({
    store,
    completion,
    now,
    prepare: services.prepare,
    changed: (execution) => emit({ type: 'updated', execution }),
    released: () => wake(),
  });

  const work = async (claimed: Execution, controller: AbortController): Promise<void> => {
    const execution = admission.concerns(claimed)
      ? await persistently('The admission', claimed, () => admission.admit(claimed))
      : claimed;
    if (execution === undefined) return;
    emit({ type: 'updated', execution });
    if (workflows.has(execution.runnerType)) {
      await persistently('The first step', execution, () => completion.start(execution));
      return await pausing.follow(execution);
    }
    const runner = runners.get(execution.runnerType);
    let outcome: RunResult;
    let afterwards: RunEnd['afterwards'];
    if (runner === undefined) {
      outcome = {
        status: 'failed',
        result: failure(new PetrelError('invalid', `There is no runner "${execution.runnerType}".`)),
      };
    } else {
      const recorder = createOutputRecorder({
        store,
        masker: services.masker,
        executionId: execution.id,
        before: await outputBefore(execution),
        now,
        onLine: (line) => emit({ type: 'output', line }),
        onError: (error) =>
          log.about(execution).error(`Output of ${execution.id} could not be stored: ${messageOf(error)}`),
      });
      outcome = await runExecution(services, runner, execution, recorder, controller.signal);
      afterwards = outcome.status === 'pending' ? undefined : outcome.afterwards;
      await recorder.close();
    }
    if (controller.signal.reason === SHUTDOWN) return;
    if (controller.signal.aborted && outcome.status !== 'succeeded')
      outcome = canceled(outcome, controller.signal.reason);
    // What another attempt goes on with stays until the end is stored.
    const isStored = await persistently('The result', execution, async () => {
      if (outcome.status === 'pending') await suspend(execution, outcome);
      else await completion.finish(execution, outcome, execution.attempt);
      return true;
    });
    if (isStored === true) await afterwards?.();
  };

  const suspend = async (execution: Execution, { result, timeToAnswer }: RunPending): Promise<void> => {
    const { id, attempt } = execution;
    const problem = inquiryProblem(result);
    if (problem !== undefined) {
      const error = new PetrelError('invalid', `The inquiry cannot be asked: ${problem}`);
      return await completion.finish(execution, { status: 'failed', result: failure(error) }, attempt);
    }
    try {
      const due = timeToAnswer === undefined ? {} : { dueAt: now() + timeToAnswer };
      await completion.suspend(execution, { result, ...due }, attempt);
    } catch (error) {
      const current = error instanceof Superseded ? await store.getExecution(id) : undefined;
      if (current?.status !== 'canceling') throw error;
      // It was canceled when it had just asked: nobody else would end it.
      await completion.finish(current, canceledBy(wishOf(current.context)), attempt);
    }
  };

  /** A run that was cut short left its lines; the next attempt goes on behind them. */
  const outputBefore = async (execution: Execution) => {
    let nextSequence = 0;
    let printedLines = 0;
    while (execution.attempt > 1) {
      const lines = await store.listOutput(execution.id, nextSequence, 1000);
      const last = lines.at(-1);
      if (last === undefined) break;
      nextSequence = last.sequence + 1;
      printedLines += lines.filter(({ stream, data }) => stream === 'stdout' && data.endsWith('\n')).length;
    }
    return { nextSequence, printedLines };
  };

  const launch = (execution: Execution) => {
    const controller = new AbortController();
    const done = work(execution, controller)
      .catch((error: unknown) =>
        log.about(execution).error(`Execution ${execution.id} (${execution.actionRef}): ${messageOf(error)}`),
      )
      .finally(() => {
        running.delete(execution.id);
        const wasFull = running.size === concurrency - 1;
        if (wasFull || execution.concurrencyKey !== undefined || admission.concerns(execution)) wake();
      });
    running.set(execution.id, { controller, done });
  };

  const claim = async (): Promise<void> => {
    let timestamp: number;
    do {
      again = false;
      const room = concurrency - running.size;
      // The next execution that ends wakes us.
      if (room <= 0) return;
      timestamp = now();
      const claimed = await store.claimExecutions({
        owner,
        limit: room,
        now: timestamp,
        leaseUntil: timestamp + leaseDuration,
      });
      if (stopped) return;
      claimed.forEach(launch);
      if (claimed.length === room) again = true;
    } while (again && !stopped);
    // After the time of the claim, not after now: what came due in between would be waited for by nobody.
    const next = await store.nextClaimTime(timestamp);
    clearTimeout(alarm);
    // Longer waits are cut, since a timer takes at most 2^31 milliseconds and clocks may be set.
    if (next !== undefined && !stopped) alarm = setTimeout(wake, Math.min(Math.max(next - now(), 1), 60_000));
  };

  const wake = () => {
    if (stopped) return;
    again = true;
    // Starting with the next turn of the event loop lets one claim serve everything that a group commit woke.
    claiming ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(claim)
      .then(() => {
        claimProblem = undefined;
      })
      .catch((error: unknown) => {
        claimProblem = messageOf(error);
        log.error(`Requested executions could not be claimed (${messageOf(error)}); trying again in a second.`);
        alarm = setTimeout(wake, 1000);
      })
      .finally(() => {
        claiming = undefined;
        if (again && running.size < concurrency) wake();
      });
  };

  const beat = async () => {
    if (!alone) await canceling.endForsaken(false);
    const held = [...running.keys()];
    if (held.length === 0) return;
    const kept = await store.renewLeases(owner, held, now() + leaseDuration);
    for (const id of held) {
      const run = running.get(id);
      if (run === undefined || run.controller.signal.aborted) continue;
      if (kept.get(id) === 'canceling') {
        // Somebody canceled it at another node, which cannot reach what runs here.
        const execution = await store.getExecution(id);
        if (execution !== undefined) run.controller.abort(reasonOfWish(wishOf(execution.context)));
      } else if (!kept.has(id) && (await hasEnded(id))) {
        // Here, just now; or somebody has ended it at another node.
        run.controller.abort('It has ended elsewhere.');
      } else if (!kept.has(id)) {
        log
          .about({ id })
          .warn(`The lease of execution ${id} was lost; its run is given up and its result will be refused.`);
        run.controller.abort(LEASE_LOST);
      }
    }
  };
  const hasEnded = async (id: Id) => !running.has(id) || isFinal((await store.getExecution(id))?.status ?? 'canceled');

  const pausing = createPausing({ store, workflows, completion });
  const canceling = createCanceling({
    store,
    workflows,
    completion,
    now,
    changed: (execution) => emit({ type: 'updated', execution }),
    abort(id, reason) {
      running.get(id)?.controller.abort(reason);
    },
  });
  const end = createEnding({
    store,
    workflows,
    completion,
    runners,
    cipher: services.cipher,
    masker: services.masker,
    prepare: services.prepare,
    abort(id, reason) {
      running.get(id)?.controller.abort(reason);
    },
  });
  const deadlines = createDeadlines({ store, completion, canceling, log, now });
  const openParameters = (execution: Execution) => openValues(execution.parameters, services.cipher, services.masker);
  /** As StackStorm: whoever looks finds the request, and why nothing came of it. In one commit, so that nobody runs it. */
  const keepFailed = async (execution: Execution, error: string): Promise<void> => {
    const result = { error: services.masker.mask(error), traceback: '' };
    await store.transaction(async (tx) => {
      await tx.insertExecutions([execution]);
      await tx.finishExecution({ id: execution.id, status: 'failed', result, now: now() });
    });
    emit({ type: 'created', execution });
    const ended = await store.getExecution(execution.id);
    if (ended !== undefined) emit({ type: 'updated', execution: ended });
  };
  const request = async (draft: ExecutionRequest): Promise<Execution> => {
    const preparation = services.prepare();
    const execution = await preparation.inputs
      .evaluate(() => prepareExecution(preparation, draft))
      .catch(async (error: unknown) => {
        const failed = unrendered(preparation, draft, error);
        if (failed !== undefined) await keepFailed(failed, messageOf(error));
        throw error;
      });
    await store.insertExecutions([execution]);
    emit({ type: 'created', execution });
    wake();
    return execution;
  };

  return {
    prepare: services.prepare,
    problems() {
      if (stopped) return ['The workers have not started yet, or have stopped.'];
      const silent = performance.now() - beatAt;
      return [
        ...(claimProblem === undefined ? [] : [`Requested executions cannot be claimed: ${claimProblem}`]),
        ...(beatProblem === undefined ? [] : [`Leases cannot be renewed: ${beatProblem}`]),
        ...(silent > leaseDuration ? [`The workers have given no sign for ${Math.round(silent / 1000)} s.`] : []),
      ];
    },
    wake,
    cancel: canceling.cancel,
    pause: pausing.pause,
    resume: pausing.resume,
    end,
    rerun: createRerunning({ store, workflows, executions: { request, openParameters }, prepare: services.prepare }),
    respond: createInquiries({ store, completion, cipher: services.cipher, masker: services.masker }),
    openParameters,
    openResult: (result) => openValues(result, services.cipher, services.masker),
    request,
    announce(executions) {
      for (const execution of executions) emit({ type: 'created', execution });
      wake();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async wait(id, signal) {
      let stopListening = () => {};
      try {
        return await new Promise<Execution>((resolve, reject) => {
          const check = () =>
            store.getExecution(id).then((execution) => {
              if (execution === undefined) reject(new PetrelError('not_found', `Execution ${id} does not exist.`));
              else if (isFinal(execution.status)) resolve(execution);
            }, reject);
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
          listeners.add(onChange);
          stopListening = () => listeners.delete(onChange);
          function onChange(change: ExecutionChange) {
            if (change.type === 'updated' && change.execution.id === id && isFinal(change.execution.status))
              resolve(change.execution);
          }
          void check();
        });
      } finally {
        stopListening();
      }
    },
    async start() {
      stopped = false;
      if (alone) await store.expireForeignLeases(owner);
      await canceling.recover(alone);
      await pausing.recover();
      await deadlines.start();
      beatAt = performance.now();
      heartbeat = setInterval(() => {
        beat().then(
          () => {
            beatAt = performance.now();
            beatProblem = undefined;
          },
          (error: unknown) => {
            beatProblem = messageOf(error);
            log.error(`Leases could not be renewed: ${beatProblem}`);
          },
        );
      }, leaseDuration / 3);
      wake();
    },
    async stop(grace = 5000) {
      stopped = true;
      clearTimeout(alarm);
      clearInterval(heartbeat);
      await deadlines.stop();
      await claiming;
      const ends = Promise.all([...running.values()].map(({ done }) => done));
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        ends,
        new Promise((resolve) => {
          timer = setTimeout(resolve, grace);
        }),
      ]);
      clearTimeout(timer);
      const left = [...running];
      for (const [, { controller }] of left) controller.abort(SHUTDOWN);
      await Promise.all(left.map(([, { done }]) => done));
      // Other nodes need not wait until the leases end.
      await store.renewLeases(
        owner,
        left.map(([id]) => id),
        now(),
      );
    },
  };
}

function canceled(outcome: RunResult, reason: unknown): Outcome {
  const message = String(reason);
  const result =
    typeof outcome.result === 'object' && outcome.result !== null && !Array.isArray(outcome.result)
      ? outcome.result
      : {};
  return { status: 'canceled', result: { ...result, message } };
}
