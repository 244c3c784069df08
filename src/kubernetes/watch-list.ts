import { PetrelError } from '../model/index.ts';
import { httpStatusOf } from './errors.ts';
import { createJsonLines } from './json-lines.ts';
import type { ApiStream } from './transport.ts';
import { errorOfLine, isSilence, readChunk, readLine } from './watch-connection.ts';
import { type Change, describeTarget, type WatchContext } from './watch-types.ts';

/** Makes the complete lists of one watch. */
export interface Lister {
  /** One list. Answers where to watch from. Throws when it could not be completed. */
  list(): Promise<string>;
}

/** A proxy that lets no long answer through would break every stream: after so many in a row they are not tried again. */
const BROKEN_STREAMS = 3;

/**
 * Lists as a stream where the server has such lists: it need not hold a page in memory, nor we its text. Otherwise, and for good
 * once the server did not do it, page by page.
 */
export function createLister(context: WatchContext): Lister {
  let streamsLeft = BROKEN_STREAMS;
  const onBroken = () => {
    streamsLeft -= 1;
  };
  return {
    async list() {
      context.handlers.onState?.({ phase: 'listing' });
      const cursor = streamsLeft > 0 ? await listStreamed(context, onBroken) : undefined;
      streamsLeft = cursor === undefined ? 0 : BROKEN_STREAMS;
      return cursor ?? listPaged(context);
    },
  };
}

/**
 * Undefined when the server does not stream lists: it is too old, refuses the parameter (400, 422), or ignores it and so never marks the
 * end. The watch that goes on after the mark is not used: to open another is one request more, and one way for a watch to begin.
 */
async function listStreamed(context: WatchContext, onBroken: () => void): Promise<string | undefined> {
  const { client, target, timing, signal, log } = context;
  let stream: ApiStream | undefined;
  try {
    stream = await client.openList(target, { timeoutSeconds: timing.serverTimeout[1], signal });
    if (stream === undefined) return undefined;
    const cursor = await readList(context, stream);
    if (cursor === undefined)
      log.info(`The stream of ${describeTarget(target)} has no end mark; listing page by page.`);
    return cursor;
  } catch (error) {
    const isRefused = httpStatusOf(error) === 400 || httpStatusOf(error) === 422;
    if (!isRefused && !isSilence(error)) {
      if (stream !== undefined) onBroken();
      throw error;
    }
    log.info(`The API server does not stream the list of ${describeTarget(target)}; listing page by page.`);
    return undefined;
  } finally {
    stream?.close();
  }
}

/** Hands over the objects in pages, too: a transaction for every few lines would be slow. Undefined when it ended without the mark. */
async function readList(context: WatchContext, stream: ApiStream): Promise<string | undefined> {
  const { target, handlers, timing } = context;
  const lines = createJsonLines();
  let page: Change[] = [];
  await handlers.onListStart();
  for (;;) {
    const chunk = await readChunk(context, stream, timing.listSilence);
    if (chunk === undefined) return undefined;
    for (const line of lines.push(chunk)) {
      const parsed = readLine(line, target);
      if (parsed.type === 'ERROR') throw errorOfLine(parsed.status, target);
      if (parsed.type === 'BOOKMARK') {
        if (!parsed.endsList) continue;
        if (page.length > 0) await handlers.onListPage(page);
        await handlers.onListEnd(parsed.resourceVersion);
        return parsed.resourceVersion;
      }
      page.push(parsed);
      if (page.length < timing.pageSize) continue;
      await handlers.onListPage(page);
      page = [];
    }
  }
}

/** Throws when a page could not be had (a continue token that expired, too). */
async function listPaged(context: WatchContext): Promise<string> {
  const { client, target, handlers, timing, signal } = context;
  let next: string | undefined;
  let started = false;
  do {
    const page = await client.listPage(target, {
      limit: timing.pageSize,
      signal,
      ...(next === undefined ? {} : { continue: next }),
    });
    handlers.onReceived?.();
    if (!started) await handlers.onListStart();
    started = true;
    await handlers.onListPage(page.items.map((object) => ({ type: 'ADDED', object })));
    next = page.continue;
    if (next === undefined) {
      await handlers.onListEnd(page.resourceVersion);
      return page.resourceVersion;
    }
  } while (!signal.aborted);
  throw new PetrelError('canceled', `The list of ${describeTarget(target)} was canceled.`);
}
