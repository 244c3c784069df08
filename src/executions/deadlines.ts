import { type Execution, isFinal, messageOf } from '../model/index.ts';
import type { Store, Timer } from '../store/index.ts';
import type { Canceling } from './canceling.ts';
import type { Completion } from './completion.ts';
import { Superseded } from './effects.ts';
import type { ExecutionLog } from './execution-log.ts';
import { isTimeoutOf, wishOf } from './wishes.ts';

export interface Deadlines {
  /** Looks for what is due, and from then on whenever something is. */
  start(): Promise<void>;
  /** A deadline was stored: looks no later than then. */
  expect(dueAt: number): void;
  stop(): Promise<void>;
}

export interface DeadlineServices {
  readonly store: Store;
  readonly completion: Completion;
  readonly canceling: Canceling;
  readonly log: ExecutionLog;
  readonly now: () => number;
}

/** Looked at again after this at the latest: clocks are set, and other nodes end while their deadlines stay. Milliseconds. */
const LONGEST_WAIT = 60_000;
const SHORTEST_WAIT = 20;
const AFTER_TROUBLE = 1000;
/** A workflow whose time is over is looked at again after this: whoever cut it short may have died over it. */
const CUT_SHORT_AGAIN = 30_000;
const PAGE = 1000;

/**
 * Acts on the deadlines of executions that nobody runs: inquiries that are not answered, workflows that do not end. They are rows of
 * the database, so they outlast the process, and an execution without one costs nothing. A row changes in the same transaction as
 * what comes of it: an inquiry's goes with its end, a workflow's is put off with the wish that it ends, and goes when it has. Of
 * several nodes that look at the same time one acts, and the others find it done. Rows of what ended before its time
 * stay until then.
 */
export function createDeadlines({ store, completion, canceling, log, now }: DeadlineServices): Deadlines {
  let stopped = true;
  let alarm: NodeJS.Timeout | undefined;
  let alarmAt = Number.POSITIVE_INFINITY;
  let looking: Promise<void> | undefined;
  let again = false;

  const act = async (timer: Timer): Promise<void> => {
    const { executionId: id, kind } = timer;
    const execution = await store.getExecution(id);
    if (kind === 'inquiry' && execution?.status === 'pending') await expire(execution);
    else if (kind === 'timeout' && execution !== undefined && isToTimeOut(execution)) await cutShort(execution, timer);
    else await store.deleteTimer(id, kind);
  };

  /** As StackStorm: what was asked stays the result. */
  const expire = async (inquiry: Execution): Promise<void> => {
    const { id } = inquiry;
    const result = (await store.getResult(id)) ?? null;
    await completion.finish(inquiry, { status: 'timeout', result }, undefined, (tx) => tx.deleteTimer(id, 'inquiry'));
  };

  const cutShort = async (workflow: Execution, { dueAt }: Timer): Promise<void> => {
    const { id, context } = workflow;
    const wish = wishOf(context);
    const seconds =
      'timed_out' in wish && isTimeoutOf(id, wish)
        ? wish.timed_out.seconds
        : (dueAt - (workflow.startedAt ?? workflow.createdAt)) / 1000;
    const later = { executionId: id, kind: 'timeout', dueAt: now() + CUT_SHORT_AGAIN } as const;
    await canceling.timeOut(id, seconds, (tx) => tx.setTimer(later));
  };

  const look = async (): Promise<void> => {
    let wait = LONGEST_WAIT;
    try {
      for (const timer of await store.listDueTimers(now(), PAGE)) {
        if (stopped) return;
        try {
          await act(timer);
        } catch (error) {
          // It has moved on by itself, or another node was faster: the next look finds nothing to do.
          if (error instanceof Superseded) continue;
          const { executionId: id, kind } = timer;
          const what = `The ${kind} deadline of execution ${id} could not be kept`;
          log.about({ id }).error(`${what} (${messageOf(error)}); trying again.`);
          wait = AFTER_TROUBLE;
        }
      }
      const next = await store.nextTimer();
      if (next !== undefined && wait === LONGEST_WAIT)
        wait = Math.min(Math.max(next - now(), SHORTEST_WAIT), LONGEST_WAIT);
    } catch (error) {
      log.error(`Deadlines could not be looked at (${messageOf(error)}); trying again in a second.`);
      wait = AFTER_TROUBLE;
    }
    setAlarm(Math.min(alarmAt, now() + wait));
  };

  const run = (): void => {
    again = looking !== undefined;
    looking ??= look().finally(() => {
      looking = undefined;
      if (again && !stopped) run();
    });
  };

  const setAlarm = (at: number): void => {
    if (stopped) return;
    clearTimeout(alarm);
    alarmAt = at;
    alarm = setTimeout(
      () => {
        alarmAt = Number.POSITIVE_INFINITY;
        run();
      },
      Math.max(at - now(), 1),
    );
  };

  return {
    async start() {
      stopped = false;
      run();
      await looking;
    },
    expect(dueAt) {
      if (dueAt < alarmAt) setAlarm(Math.min(dueAt, now() + LONGEST_WAIT));
    },
    async stop() {
      stopped = true;
      clearTimeout(alarm);
      await looking;
    },
  };
}

/** One that a person cancels ends as canceled. */
function isToTimeOut({ id, status, context }: Execution): boolean {
  return !isFinal(status) && (status !== 'canceling' || isTimeoutOf(id, wishOf(context)));
}
