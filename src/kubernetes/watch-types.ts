import type { KubernetesObject, Logger } from '../sdk/index.ts';
import type { BackoffLimits } from './backoff.ts';
import type { WatchClient, WatchTarget } from './client.ts';
import type { Clock } from './clock.ts';

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
}

/**
 * What a watch reports. Every call is awaited before the watch goes on: a slow handler slows the server down and never makes the
 * watch hold more than one batch. One that throws loses nothing: the same batch is delivered again.
 */
export interface WatchHandlers {
  /** A complete list begins; what an unfinished one reported is void as a list, its objects were real all the same. */
  onListStart(): Promise<void> | void;
  /**
   * Some objects of the list, as ADDED. A streamed list may also hold what happened while it was told, as MODIFIED and DELETED:
   * the last word about an object counts.
   */
  onListPage(changes: readonly Change[]): Promise<void> | void;
  /** The list was complete: an object that no page left existing does not exist. Changes after `resourceVersion` follow. */
  onListEnd(resourceVersion: string): Promise<void> | void;
  /** Changes in the order they happened, the state after them being `resourceVersion`. Empty for a bookmark. */
  onEvents(changes: readonly Change[], resourceVersion: string): Promise<void> | void;
  /** For metrics and tests. */
  onState?(state: WatchState): void;
  /** For metrics: something came from the server, were it a bookmark. */
  onReceived?(): void;
  /** For metrics: a connection ended, and another one follows. */
  onRestart?(reason: RestartReason): void;
}

/** Why a connection of a watch ended. */
export type RestartReason =
  /** The server ended it in order, as it is asked to after some minutes. */
  | 'closed'
  /** The same, at once and without a word. */
  | 'empty'
  /** The server no longer has the changes after the cursor (410). */
  | 'expired'
  /** The kind is not served (404). */
  | 'missing'
  /** Refused with another HTTP status, such as 429 or 500. */
  | 'refused'
  /** Nothing came for too long. */
  | 'silent'
  /** It was reset, cut or malformed. */
  | 'broken';

export type WatchState =
  | { readonly phase: 'listing' }
  | { readonly phase: 'watching' }
  /** Something failed; tried again after that many milliseconds. `missing`: the kind is not served. */
  | { readonly phase: 'waiting'; readonly reason: string; readonly milliseconds: number; readonly missing: boolean };

export interface WatchTiming {
  /** Objects per page of a list. */
  readonly pageSize: number;
  /** Bounds of the time after which the server is asked to end a connection, in seconds; drawn at random. */
  readonly serverTimeout: readonly [number, number];
  /**
   * Milliseconds without a byte after which a connection counts as dead, once it has carried a bookmark (servers send one a minute).
   */
  readonly silence: number;
  /** The same for a connection without bookmarks: milliseconds after the server should have ended it. */
  readonly overdue: number;
  /** The same within a streamed list: a server that does not know them never marks their end. */
  readonly listSilence: number;
  /** A connection that ends sooner than this without any event counts as a failure. Milliseconds. */
  readonly instant: number;
  readonly failure: BackoffLimits;
  /** While the kind is not served. */
  readonly missing: BackoffLimits;
}

export const WATCH_TIMING: WatchTiming = {
  pageSize: 500,
  serverTimeout: [240, 300],
  silence: 150_000,
  overdue: 15_000,
  listSilence: 30_000,
  instant: 1_000,
  failure: { first: 500, max: 30_000 },
  missing: { first: 500, max: 5_000 },
};

/** What all loops of one watch share. */
export interface WatchContext {
  readonly client: WatchClient;
  readonly target: WatchTarget;
  readonly handlers: WatchHandlers;
  readonly clock: Clock;
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Nobody may have installed the kind: that it is not served is information and no warning. */
  readonly optional?: boolean;
  readonly timing: WatchTiming;
}

/** `team-a/mysqldbs`-like text for messages. */
export function describeTarget(target: WatchTarget): string {
  const selectors = [target.labelSelector, target.fieldSelector].filter((text) => text !== undefined).join(' ');
  const place = target.namespace === undefined ? '' : ` in ${target.namespace}`;
  return `${target.apiVersion} ${target.kind}${place}${selectors === '' ? '' : ` (${selectors})`}`;
}
