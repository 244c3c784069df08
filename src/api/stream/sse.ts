import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { PetrelError } from '../../model/index.ts';

/** Milliseconds between two blank lines, which keep proxies from closing a quiet connection. */
const HEARTBEAT = 25_000;
/** Milliseconds after which a reader that takes nothing is given up. */
const PATIENCE = 60_000;
/** Milliseconds between two looks whether a reader still may read. */
const LOOK_AGAIN = 2000;
/** Milliseconds a reader is given to take the rest when the server stops. */
const FAREWELL = 500;
/** How many may read at one time. */
const MOST_READERS = 1000;

let reading = 0;

/** A response that stays open. What a reader does not take is not gathered for it: writing waits. */
export interface EventResponse {
  readonly signal: AbortSignal;
  /** Resolves when the reader has room for more; false: it has gone. */
  send(event: { readonly name: string; readonly data: string; readonly id?: string }): Promise<boolean>;
  /** Tells a reader its place without an event, so that it can come back to it before it has heard anything. */
  mark(id: string): void;
  end(): void;
}

export interface EventOptions {
  /** Aborts when the server stops. */
  readonly ending: AbortSignal;
  /** Rejects when the reader may read no more, or when that cannot be found out. */
  ask(): Promise<void>;
  /** Milliseconds between two of these questions. Default 2,000. */
  readonly askEvery?: number;
  /** Milliseconds that a reader may take nothing. Default 60,000. */
  readonly patience?: number;
}

/**
 * Takes a reply over as server-sent events, until the reader goes, may not read any more or takes nothing, or the server stops. Throws
 * `PetrelError` (`unavailable`) when too many read already.
 */
export function openEvents(reply: FastifyReply, options: EventOptions): EventResponse {
  const { ending, ask, askEvery = LOOK_AGAIN, patience = PATIENCE } = options;
  if (reading >= MOST_READERS) {
    throw new PetrelError(
      'unavailable',
      `There are ${MOST_READERS} readers of event streams already; try again later.`,
    );
  }
  reading += 1;
  reply.header('Content-Type', 'text/event-stream; charset=UTF-8');
  reply.header('Cache-Control', 'no-cache').header('X-Accel-Buffering', 'no').header('X-Request-ID', reply.request.id);
  // The connection ends with the stream: left open for another request, it would keep the server from stopping.
  reply.header('Connection', 'close');
  reply.hijack();
  const response = reply.raw;
  const gone = new AbortController();
  response.writeHead(200, reply.getHeaders() as Record<string, string>); // set as texts, above and by hooks
  // As StackStorm: so that whoever opens the stream knows at once that it is open.
  response.write('\n');
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write('\n');
  }, HEARTBEAT);
  // One that takes nothing would not even take the end.
  const destroy = () => {
    setTimeout(() => response.destroy(), FAREWELL).unref();
    gone.abort();
    response.end();
  };
  ending.addEventListener('abort', destroy);
  let asking: NodeJS.Timeout | undefined;
  const askLater = () => {
    // Whoever comes back is told why.
    const look = () => ask().then(askLater, destroy);
    if (!gone.signal.aborted) asking = setTimeout(look, askEvery).unref();
  };
  askLater();
  response.once('close', () => {
    reading -= 1;
    ending.removeEventListener('abort', destroy);
    clearInterval(heartbeat);
    clearTimeout(asking);
    gone.abort();
  });
  response.on('error', () => undefined); // its end is told by `close`

  return {
    signal: gone.signal,
    async send({ name, data, id }) {
      if (gone.signal.aborted) return false;
      const taken = response.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`);
      return taken || (await drained(response, gone.signal, patience));
    },
    mark: (id) => {
      if (!gone.signal.aborted) response.write(`id: ${id}\n\n`);
    },
    end: () => {
      response.end();
    },
  };
}

async function drained(response: ServerResponse, signal: AbortSignal, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (room: boolean) => {
      clearTimeout(timer);
      response.off('drain', onDrain);
      signal.removeEventListener('abort', onGone);
      resolve(room);
    };
    const onDrain = () => done(true);
    const onGone = () => done(false);
    const timer = setTimeout(() => {
      response.destroy();
      done(false);
    }, patience);
    response.once('drain', onDrain);
    signal.addEventListener('abort', onGone);
  });
}
