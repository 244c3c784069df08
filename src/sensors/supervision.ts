import { type BackoffLimits, type Clock, createBackoff, pause } from '../kubernetes/index.ts';
import { messageOf } from '../model/index.ts';
import type { Logger } from '../sdk/index.ts';
import type { SensorEnd } from './sensor-host.ts';

/** Something that runs until it ends, such as a process. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<SensorEnd>;
  /** Resolves when it is gone; never rejects. */
  stop(): Promise<void>;
}

export interface SupervisionOptions<T extends Running> {
  /** For the log. */
  readonly name: string;
  /** Starts it once more. */
  start(): Promise<T>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Waits before a restart, in milliseconds. Default 1,000 doubling to 60,000. */
  readonly backoff?: BackoffLimits;
  /** Milliseconds after which a run counts as good, so that the waits begin anew. Default 10,000, as StackStorm. */
  readonly stableAfter?: number;
  onStart?(running: T): void;
  onEnd?(end: SensorEnd): void;
}

/** How it stands, for people. */
export type SupervisionState =
  | { readonly status: 'starting' }
  | { readonly status: 'running'; readonly pid: number; readonly since: number }
  /** It has failed, and is started again. */
  | { readonly status: 'waiting'; readonly until: number }
  /** It ended by itself without a fault, and is not started again. */
  | { readonly status: 'ended' }
  | { readonly status: 'stopped' };

export interface Supervision<T extends Running> {
  state(): SupervisionState & { readonly restarts: number; readonly lastError?: string };
  /** What runs now. */
  current(): T | undefined;
  /** Ends it and does not start it again. */
  stop(): Promise<void>;
}

const BACKOFF = { first: 1_000, max: 60_000 };
const STABLE = 10_000;

/**
 * Keeps something running: whenever it fails it is started again, after a wait that doubles, without end (StackStorm gives up after two
 * attempts). What ends by itself with 0 is over, as in StackStorm.
 */
export function superviseSensor<T extends Running>(options: SupervisionOptions<T>): Supervision<T> {
  const { name, clock, log } = options;
  const backoff = createBackoff(options.backoff ?? BACKOFF, options.random);
  const stopping = new AbortController();
  let state: SupervisionState = { status: 'starting' };
  let current: T | undefined;
  let restarts = 0;
  let lastError: string | undefined;

  const runOnce = async (): Promise<SensorEnd> => {
    try {
      current = await options.start();
    } catch (error) {
      return { exitCode: 1, reason: messageOf(error) };
    }
    const since = clock.now();
    state = { status: 'running', pid: current.pid, since };
    options.onStart?.(current);
    if (stopping.signal.aborted) await current.stop();
    const end = await current.ended;
    current = undefined;
    options.onEnd?.(end);
    if (clock.now() - since >= (options.stableAfter ?? STABLE)) backoff.reset();
    return end;
  };

  const keepRunning = async () => {
    while (!stopping.signal.aborted) {
      state = { status: 'starting' };
      const { reason } = await runOnce();
      if (stopping.signal.aborted) break;
      if (reason === undefined) {
        state = { status: 'ended' };
        log.info(`${name} has ended by itself.`);
        return;
      }
      const wait = backoff.next();
      if (reason !== lastError) log.error(`${name} failed and is started again: ${reason}`);
      lastError = reason;
      restarts += 1;
      state = { status: 'waiting', until: clock.now() + wait };
      await pause(clock, wait, stopping.signal);
    }
    state = { status: 'stopped' };
  };
  const done = keepRunning();

  return {
    state: () => ({ ...state, restarts, ...(lastError !== undefined && { lastError }) }),
    current: () => current,
    async stop() {
      stopping.abort();
      await current?.stop();
      await done;
      state = { status: 'stopped' };
    },
  };
}
