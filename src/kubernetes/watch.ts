import { messageOf } from '../model/index.ts';
import type { Logger } from '../sdk/index.ts';
import { type Backoff, createBackoff } from './backoff.ts';
import type { WatchClient, WatchTarget } from './client.ts';
import { type Clock, pause } from './clock.ts';
import { httpStatusOf, isNotFound, retryAfterOf } from './errors.ts';
import { type ConnectionResult, isSilence, watchConnection } from './watch-connection.ts';
import { createLister, type Lister } from './watch-list.ts';
import {
  describeTarget,
  type RestartReason,
  WATCH_TIMING,
  type WatchContext,
  type WatchHandlers,
  type WatchTiming,
} from './watch-types.ts';

export interface WatchOptions {
  readonly client: WatchClient;
  readonly target: WatchTarget;
  /** The resource version up to which everything was handled; absent: begin with a list. */
  readonly cursor?: string;
  readonly handlers: WatchHandlers;
  readonly clock: Clock;
  /** 0 (inclusive) to 1 (exclusive); spreads waits and timeouts. */
  readonly random: () => number;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Nobody may have installed the kind: that it is not served is information and no warning. */
  readonly optional?: boolean;
  readonly timing?: Partial<WatchTiming>;
}

/**
 * Reports the state of a set of objects and every change after it, for ever: resolves only when the signal aborts.
 * No failure ends it. A list is made at the start (unless the cursor still holds) and whenever the server has forgotten the
 * changes after the cursor (410). A kind that is not served is asked for again and again, without any object being reported as deleted:
 * a 404 may also be a proxy's or an aggregated API's mistake.
 */
export async function runWatch(options: WatchOptions): Promise<void> {
  const context: WatchContext = { ...options, timing: { ...WATCH_TIMING, ...options.timing } };
  const waits = createWaits(context);
  const lister = createLister(context);
  let cursor = options.cursor === '' ? undefined : options.cursor;
  while (!context.signal.aborted) {
    cursor ??= await listUntilDone(context, lister, waits);
    if (cursor === undefined) return;
    await watchUntilExpired(context, cursor, waits);
    cursor = undefined;
  }
}

/** Lists until a list was complete. Answers where to watch from; undefined when the signal aborted. */
async function listUntilDone(context: WatchContext, lister: Lister, waits: Waits): Promise<string | undefined> {
  while (!context.signal.aborted) {
    try {
      const cursor = await lister.list();
      waits.afterList();
      return cursor;
    } catch (error) {
      await waits.afterFailure(error);
    }
  }
  return undefined;
}

/** Connection after connection, until the server no longer has the changes after the cursor, or the signal aborts. */
export async function watchUntilExpired(context: WatchContext, from: string, waits: Waits): Promise<void> {
  const { clock, signal, timing, log, target } = context;
  let cursor = from;
  while (!signal.aborted) {
    const openedAt = clock.now();
    const result = await watchConnection(context, cursor);
    cursor = result.cursor;
    if (signal.aborted) return;
    const isEmpty = result.lines === 0 && clock.now() - openedAt < timing.instant;
    context.handlers.onRestart?.(reasonOf(result.end, isEmpty));
    if (result.lines > 0) waits.afterSuccess();
    if (result.end.reason === 'expired') {
      log.info(`The changes of ${describeTarget(target)} after ${cursor} are no longer kept; listing again.`);
      // A server that refuses every version it has just given would be listed without a pause otherwise.
      if (result.lines === 0) await waits.afterExpiry();
      return;
    }
    if (result.end.reason === 'failed') {
      await waits.afterFailure(result.end.error);
      // A kind that was away may have lost its history: only a list shows what its return left out.
      if (isNotFound(result.end.error)) return;
    } else if (isEmpty) await waits.afterEmptyAnswer();
    else waits.afterSuccess();
  }
}

function reasonOf(end: ConnectionResult['end'], isEmpty: boolean): RestartReason {
  if (end.reason === 'expired') return 'expired';
  if (end.reason === 'closed') return isEmpty ? 'empty' : 'closed';
  if (isNotFound(end.error)) return 'missing';
  if (isSilence(end.error)) return 'silent';
  return httpStatusOf(end.error) === undefined ? 'broken' : 'refused';
}

/** How long to wait after what. */
export interface Waits {
  afterFailure(error: unknown): Promise<void>;
  afterEmptyAnswer(): Promise<void>;
  afterExpiry(): Promise<void>;
  afterList(): void;
  afterSuccess(): void;
}

export function createWaits(context: WatchContext): Waits {
  const { timing, random, clock, signal, log, target, handlers, optional = false } = context;
  const failure = createBackoff(timing.failure, random);
  const missing = createBackoff(timing.missing, random);
  let expiries = 0;
  let lastReason = '';

  const wait = async (backoff: Backoff, reason: string, isMissing: boolean, atLeast = 0) => {
    if (signal.aborted) return;
    const milliseconds = backoff.next(Math.min(atLeast, timing.failure.max));
    // The same trouble every few seconds is said once.
    const said = `The watch of ${describeTarget(target)} waits: ${reason}`;
    if (reason !== lastReason) log[isMissing && optional ? 'info' : 'warn'](said);
    lastReason = reason;
    handlers.onState?.({ phase: 'waiting', reason, milliseconds, missing: isMissing });
    await pause(clock, milliseconds, signal);
  };

  const worked = () => {
    failure.reset();
    missing.reset();
    lastReason = '';
  };

  return {
    afterFailure: (error) => {
      const isMissing = isNotFound(error);
      return wait(isMissing ? missing : failure, messageOf(error), isMissing, retryAfterOf(error));
    },
    afterEmptyAnswer: () => wait(failure, 'the server ended the watch at once without a word.', false),
    async afterExpiry() {
      // The first one is normal after a pause; only one straight after another means trouble.
      expiries += 1;
      if (expiries > 1) await wait(failure, 'the server forgets changes as soon as it lists them.', false);
    },
    afterList: worked,
    afterSuccess() {
      worked();
      expiries = 0;
    },
  };
}
