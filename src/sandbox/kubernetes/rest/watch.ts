/** Watching: one JSON document a line for every change, from a version on. */
import type { ServerResponse } from 'node:http';
import { parseVersion } from '../api.ts';
import { cause, expired, invalid, type StatusError } from '../errors.ts';
import type { Json, JsonMap } from '../json.ts';
import { viewed } from '../kinds/kind.ts';
import type { KubeObject } from '../objects.ts';
import type { ResourceRoute } from '../router.ts';
import type { Predicate } from '../selectors.ts';
import { tableOf } from '../table.ts';
import type { StoredEvent } from '../watch-cache.ts';
import { type Call, isTrue } from './call.ts';
import { metadataOnly, negotiate, type Representation, tableOptions } from './respond.ts';
import { selection } from './selection.ts';

/** A watch being served; faults end it from outside. */
export interface OpenWatch {
  /** Cuts the connection in the middle of the stream. */
  cut(): void;
  /** Ends it as the real server does when the version is gone: an ERROR event with a 410, then the end. */
  expire(): void;
  /** Says nothing more, and stays open. */
  mute(): void;
  bookmark(revision: number): void;
}

export interface WatchSettings {
  /** Seconds between bookmarks for those who asked for them. */
  readonly bookmarkSeconds: number;
  readonly opened: (watch: OpenWatch) => void;
  readonly closed: (watch: OpenWatch) => void;
}

/** A client that reads nothing while this many bytes wait is cut off, as the real server does with slow watchers. */
const BACKLOG_LIMIT = 64 * 1024 * 1024;
/** The real server's --min-request-timeout; each watch without a timeout of its own lives up to twice as long. */
const MINIMUM_SECONDS = 1800;

export function watch(call: Call, route: ResourceRoute, settings: WatchSettings): void {
  const { storage } = call.api;
  const { query } = call;
  const { storageKey } = route.kind;
  const initial = initialEvents(query);
  const matching = selection(route, query);
  const from = parseVersion(query.get('resourceVersion'));
  const replayed = from === undefined || from === 0 || initial ? [] : storage.eventsSince(storageKey, from);
  if (replayed === undefined) throw tooOld(from ?? 0);
  const stream = new Stream(call, route, negotiate(call.request.headers.accept));
  const bookmarks = isTrue(query.get('allowWatchBookmarks'));

  let sent = Math.max(from ?? 0, storage.revision);
  if (query.get('sendInitialEvents') !== 'false' && (from === undefined || from === 0 || initial)) {
    sent = storage.revision;
    stream.begin(storage.list(storageKey, route.namespace).filter(matching), initial && bookmarks ? sent : undefined);
  }
  const tell = (event: StoredEvent): void => {
    // Whoever watches from a version not reached yet hears nothing until then.
    if (from !== undefined && event.revision <= from && !initial) return;
    const transition = transitionOf(event, matching);
    if (transition !== undefined) stream.event(transition.type, transition.object);
  };
  for (const event of replayed) tell(event);
  const unsubscribe = storage.watch(storageKey, tell);

  const bookmark = () => {
    const now = Math.max(sent, storage.revision);
    if (bookmarks) stream.bookmark(now);
  };
  const bookmarkTimer = setInterval(bookmark, settings.bookmarkSeconds * 1000);
  const timeout = setTimeout(
    () => {
      bookmark();
      stream.end();
    },
    timeoutOf(query.get('timeoutSeconds')) * 1000,
  );

  const open: OpenWatch = {
    cut: () => call.response.destroy(),
    expire: () => {
      stream.error(tooOld(storage.revision));
      stream.end();
    },
    mute: () => stream.mute(),
    bookmark: (revision) => {
      if (bookmarks) stream.bookmark(revision);
    },
  };
  settings.opened(open);
  call.response.on('close', () => {
    clearInterval(bookmarkTimer);
    clearTimeout(timeout);
    unsubscribe();
    settings.closed(open);
  });
}

function tooOld(version: number): StatusError {
  return expired(`too old resource version: ${version}`);
}

/** Whether the present state comes first and ends with a bookmark (streaming lists). Throws 422 for contradictions. */
function initialEvents(query: URLSearchParams): boolean {
  const given = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  const refuse = (detail: string, field: string) =>
    invalid('meta.k8s.io', 'ListOptions', '', [cause.forbidden(field, detail)]);
  if (given === null || given === '') {
    if (match !== '')
      throw refuse(
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
        'resourceVersionMatch',
      );
    return false;
  }
  if (match !== 'NotOlderThan') {
    throw refuse('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan', 'resourceVersionMatch');
  }
  return isTrue(given);
}

function timeoutOf(text: string | null): number {
  const asked = Number(text ?? '');
  return asked > 0 ? asked : MINIMUM_SECONDS * (1 + Math.random());
}

/** What a change means to one who sees only the objects that match: starting to match is an ADDED, ceasing to a DELETED. */
function transitionOf(
  event: StoredEvent,
  matching: Predicate,
): { type: StoredEvent['type']; object: KubeObject } | undefined {
  const before = event.previous !== undefined && matching(event.previous);
  const after = event.type !== 'DELETED' && matching(event.object);
  if (before && after) return { type: 'MODIFIED', object: event.object };
  if (after) return { type: 'ADDED', object: event.object };
  if (!before || event.previous === undefined) return undefined;
  // The last state that matched, with the version at which it ceased to.
  const version = event.object.metadata.resourceVersion ?? '';
  return {
    type: 'DELETED',
    object: { ...event.previous, metadata: { ...event.previous.metadata, resourceVersion: version } },
  };
}

/** The lines of one watch, in the representation its client asked for. */
class Stream {
  readonly #call: Call;
  readonly #route: ResourceRoute;
  readonly #wanted: Representation;
  readonly #response: ServerResponse;
  #headerTold = false;
  #muted = false;
  /** What has to wait until the initial events are sent. */
  #held: (() => void)[] | undefined;

  constructor(call: Call, route: ResourceRoute, wanted: Representation) {
    this.#call = call;
    this.#route = route;
    this.#wanted = wanted;
    this.#response = call.response;
    this.#response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    // Without this a quiet watch's headers would wait for its first event.
    this.#response.flushHeaders();
  }

  event(type: StoredEvent['type'], object: KubeObject): void {
    this.#line(type, this.#shown(viewed(this.#route.kind, object)));
  }

  /**
   * Sends what exists as fast as the client reads, since it may be far more than a backlog, and marks its end with the revision, if given.
   * Later events wait until then.
   */
  begin(objects: readonly KubeObject[], end: number | undefined): void {
    const held: (() => void)[] = [];
    this.#held = held;
    const send = async (): Promise<void> => {
      for (const object of objects) {
        this.#write('ADDED', this.#shown(viewed(this.#route.kind, object)));
        if (this.#response.writableNeedDrain) await drained(this.#response);
        if (this.#response.destroyed) return;
      }
      this.#held = undefined;
      if (end !== undefined) this.bookmark(end, { 'k8s.io/initial-events-end': 'true' });
      for (const line of held) line();
    };
    void send();
  }

  bookmark(revision: number, annotations?: { [key: string]: string }): void {
    const { kind } = this.#route;
    const metadata = {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(annotations === undefined ? {} : { annotations }),
    };
    if (this.#wanted.as === 'Table') {
      this.#line('BOOKMARK', {
        kind: 'Table',
        apiVersion: `meta.k8s.io/${this.#wanted.version}`,
        metadata: { resourceVersion: String(revision) },
        columnDefinitions: [],
        rows: [
          {
            cells: [],
            object: { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${this.#wanted.version}`, metadata },
          },
        ],
      });
    } else {
      this.#line('BOOKMARK', { kind: kind.kind, apiVersion: kind.apiVersion, metadata });
    }
  }

  error(error: StatusError): void {
    this.#write('ERROR', error.body());
  }

  mute(): void {
    this.#muted = true;
  }

  end(): void {
    if (!this.#muted) this.#response.end();
  }

  #shown(object: KubeObject): JsonMap {
    if (this.#wanted.as === 'PartialObjectMetadata') return metadataOnly(object, this.#wanted.version);
    if (this.#wanted.as === 'Whole') return object;
    const options = tableOptions(this.#call, this.#wanted, object.metadata.resourceVersion);
    const table = tableOf(this.#route.kind, [object], { ...options, withHeader: !this.#headerTold });
    this.#headerTold = true;
    return table;
  }

  #line(type: string, object: Json): void {
    if (this.#held !== undefined) this.#held.push(() => this.#line(type, object));
    else if (this.#response.writableLength > BACKLOG_LIMIT) this.#response.destroy();
    else this.#write(type, object);
  }

  #write(type: string, object: Json): void {
    if (this.#muted || this.#response.writableEnded || this.#response.destroyed) return;
    this.#response.write(`${JSON.stringify({ type, object })}\n`);
  }
}

/** Resolves when the client has read on, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      response.off('drain', end);
      response.off('close', end);
      resolve();
    };
    response.on('drain', end);
    response.on('close', end);
  });
}
