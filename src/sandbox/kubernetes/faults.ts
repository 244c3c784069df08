/** Faults on demand, for tests of clients: what a real cluster does to them on bad days. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpListener } from '../http.ts';
import { StatusError } from './errors.ts';
import { sendError } from './rest/respond.ts';
import type { OpenWatch } from './rest/watch.ts';
import type { Storage } from './storage.ts';

/** Which requests a fault is for; without it all of them. */
export interface FaultFilter {
  /** Only for paths that start with this. */
  readonly path?: string;
  /** Only for requests that this says yes to, e.g. for lists and not for watches. */
  readonly matching?: (request: IncomingMessage) => boolean;
}

export interface Refusal extends FaultFilter {
  /** The HTTP status to answer with, e.g. 429, 500, 503. */
  readonly status: number;
  /** For this many requests; without `count` and `seconds` for one. */
  readonly count?: number;
  /** For this long from now. */
  readonly seconds?: number;
  /** Seconds for the Retry-After header. */
  readonly retryAfter?: number;
}

export interface KubernetesFaults {
  /** Cuts the connection of every open watch in mid-stream. Returns how many there were. */
  closeWatches(): number;
  /** Forgets all history: the next watch or list from an older version is answered with 410. */
  compact(): void;
  /** Ends every open watch with an ERROR event that holds a 410. Returns how many there were. */
  expireOpenWatches(): number;
  /** Answers coming requests with a failure. */
  refuse(refusal: Refusal): void;
  /** Accepts requests without answering them, until the returned function is called; then they are answered. */
  hang(filter?: FaultFilter): () => void;
  /** Goes away: connections are cut, the port is closed. */
  stop(): Promise<void>;
  /** Comes back on the same port with the same state. */
  start(): Promise<void>;
  /** Answers the next `count` (default 1) watches with a 200 that ends at once, without an event. */
  emptyWatches(count?: number): void;
  /** Open watches say nothing more, not even that they end: half-open sockets. Returns how many there were. */
  muteWatches(): number;
  /** Sends each open watch the bookmark of now twice, and then a late one. Returns how many there were. */
  disorderBookmarks(): number;
  /** How many watches are open now. */
  openWatches(): number;
}

export interface FaultGate {
  readonly faults: KubernetesFaults;
  /** Passes a request on, later or not at all: resolves to false when it has been answered here. */
  admit(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean>;
  /** Whether a watch is to end before it begins. */
  takesWatch(): boolean;
  opened(watch: OpenWatch): void;
  closed(watch: OpenWatch): void;
}

export interface FaultOptions {
  readonly storage: Storage;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly listener: () => HttpListener;
}

interface ActiveRefusal extends Refusal {
  left: number;
  readonly until: number;
}

export function createFaults(options: FaultOptions): FaultGate {
  const watches = new Set<OpenWatch>();
  const hangs = new Set<{ readonly filter: FaultFilter; readonly released: Promise<void> }>();
  let refusals: ActiveRefusal[] = [];
  let empty = 0;

  const faults: KubernetesFaults = {
    closeWatches() {
      const open = [...watches];
      for (const watch of open) watch.cut();
      return open.length;
    },
    compact: () => options.storage.compact(),
    expireOpenWatches() {
      const open = [...watches];
      for (const watch of open) watch.expire();
      return open.length;
    },
    refuse(refusal) {
      const until = refusal.seconds === undefined ? Number.POSITIVE_INFINITY : options.now() + refusal.seconds * 1000;
      const left = refusal.count ?? (refusal.seconds === undefined ? 1 : Number.POSITIVE_INFINITY);
      refusals.push({ ...refusal, left, until });
    },
    hang(filter = {}) {
      let release = (): void => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const hang = { filter, released };
      hangs.add(hang);
      return () => {
        hangs.delete(hang);
        release();
      };
    },
    stop: () => options.listener().stop(),
    start: () => options.listener().start(),
    emptyWatches(count = 1) {
      empty += count;
    },
    muteWatches() {
      for (const watch of watches) watch.mute();
      return watches.size;
    },
    disorderBookmarks() {
      const { revision } = options.storage;
      const late = Math.max(1, revision - LATE);
      for (const watch of watches) for (const said of [revision, revision, late]) watch.bookmark(said);
      return watches.size;
    },
    openWatches: () => watches.size,
  };

  return {
    faults,
    async admit(request, response, path) {
      for (const hang of hangs) if (isFor(hang.filter, request, path)) await hang.released;
      refusals = refusals.filter((one) => one.left > 0 && one.until > options.now());
      const refusal = refusals.find((one) => isFor(one, request, path));
      if (refusal === undefined) return true;
      refusal.left--;
      sendError({ response }, refused(refusal));
      return false;
    },
    takesWatch() {
      if (empty === 0) return false;
      empty--;
      return true;
    },
    opened: (watch) => watches.add(watch),
    closed: (watch) => watches.delete(watch),
  };
}

function isFor({ path: start = '', matching }: FaultFilter, request: IncomingMessage, path: string): boolean {
  return path.startsWith(start) && (matching === undefined || matching(request));
}

/** How many versions a late bookmark is behind. */
const LATE = 10;

const REASONS: ReadonlyMap<number, readonly [string, string]> = new Map([
  [401, ['Unauthorized', 'Unauthorized']],
  [403, ['Forbidden', 'forbidden by an injected fault']],
  [410, ['Expired', 'The resourceVersion for the provided watch is too old.']],
  [429, ['TooManyRequests', 'The request was refused, please try again later.']],
  [500, ['InternalError', 'Internal error occurred: an injected fault']],
  [503, ['ServiceUnavailable', 'the server is currently unable to handle the request']],
  [504, ['Timeout', 'Timeout: request did not complete within the allotted timeout']],
]);

function refused({ status, retryAfter }: Refusal): StatusError {
  const [reason, message] = REASONS.get(status) ?? ['', 'an injected fault'];
  return new StatusError(
    status,
    reason,
    message,
    retryAfter === undefined ? undefined : { retryAfterSeconds: retryAfter },
  );
}
