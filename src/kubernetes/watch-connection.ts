import { messageOf, PetrelError } from '../model/index.ts';
import type { WatchTarget } from './client.ts';
import { linkedAbort } from './clock.ts';
import { errorFromAnswer, isExpired, readStatus } from './errors.ts';
import { createJsonLines, type JsonLine } from './json-lines.ts';
import { asWatchLine, type WatchLine } from './objects.ts';
import type { ApiStream } from './transport.ts';
import type { Change, WatchContext } from './watch-types.ts';

export interface ConnectionResult {
  readonly end:
    | { readonly reason: 'closed' }
    /** The server no longer has the changes after the cursor. */
    | { readonly reason: 'expired' }
    | { readonly reason: 'failed'; readonly error: unknown };
  /** Everything up to here was handled. */
  readonly cursor: string;
  /** Lines that were handled, bookmarks included. */
  readonly lines: number;
}

/** The innermost loop: one connection from `cursor` on, until it ends for whatever reason. Never throws. */
export async function watchConnection(context: WatchContext, cursor: string): Promise<ConnectionResult> {
  const { client, target, handlers, timing, random } = context;
  const abort = linkedAbort(context.signal);
  const [least, most] = timing.serverTimeout;
  const timeoutSeconds = Math.round(least + (most - least) * random());
  const progress = { cursor, lines: 0, bookmarks: false };
  const result = (end: ConnectionResult['end']): ConnectionResult => ({ end, ...progress });
  let stream: ApiStream | undefined;
  try {
    stream = await client.openWatch(target, { resourceVersion: cursor, timeoutSeconds, signal: abort.signal });
    handlers.onState?.({ phase: 'watching' });
    const lines = createJsonLines();
    for (;;) {
      const limit = progress.bookmarks ? timing.silence : timeoutSeconds * 1000 + timing.overdue;
      const chunk = await readChunk(context, stream, limit);
      if (chunk === undefined) return result({ reason: 'closed' });
      const end = await handleLines(context, lines.push(chunk), progress);
      if (end !== undefined) return result(end);
    }
  } catch (error) {
    return result(isExpired(error) ? { reason: 'expired' } : { reason: 'failed', error });
  } finally {
    stream?.close();
    abort.dispose();
  }
}

/** The next bytes; undefined at the end. Throws when none come for `limit` milliseconds: a half-open socket says nothing for ever. */
export async function readChunk(
  context: WatchContext,
  stream: ApiStream,
  limit: number,
): Promise<Uint8Array | undefined> {
  let silent = false;
  const cancel = context.clock.after(limit, () => {
    silent = true;
    stream.close();
  });
  try {
    const next = await stream.chunks.next();
    if (next.done === true) return undefined;
    context.handlers.onReceived?.();
    return next.value;
  } catch (error) {
    const why = silent ? `nothing came for ${limit / 1000} s` : messageOf(error);
    throw new PetrelError('unavailable', `The watch of ${context.target.kind} broke off: ${why}.`, {
      cause: error,
      details: { silent },
    });
  } finally {
    cancel();
  }
}

/** Whether a connection was given up because nothing came. */
export function isSilence(error: unknown): boolean {
  return error instanceof PetrelError && error.details.silent === true;
}

/** Throws `kubernetes` for what is no line of a watch. */
export function readLine(line: JsonLine, target: WatchTarget): WatchLine {
  if ('malformed' in line) {
    throw new PetrelError('kubernetes', `The watch of ${target.kind} was cut: the server sent ${line.malformed}.`);
  }
  return asWatchLine(line.value, target);
}

interface Progress {
  cursor: string;
  lines: number;
  bookmarks: boolean;
}

/** Hands over all changes of one chunk as one batch. Answers how the connection ended, if these lines end it. */
async function handleLines(
  { handlers, target }: WatchContext,
  lines: readonly JsonLine[],
  progress: Progress,
): Promise<ConnectionResult['end'] | undefined> {
  const changes: Change[] = [];
  let { cursor } = progress;
  let end: ConnectionResult['end'] | undefined;
  for (const line of lines) {
    try {
      const parsed = readLine(line, target);
      if (parsed.type === 'ERROR') {
        const error = errorOfLine(parsed.status, target);
        end = isExpired(error) ? { reason: 'expired' } : { reason: 'failed', error };
        break;
      }
      if (parsed.type === 'BOOKMARK') {
        progress.bookmarks = true;
        cursor = newer(cursor, parsed.resourceVersion);
      } else {
        changes.push(parsed);
        cursor = newer(cursor, parsed.object.metadata.resourceVersion ?? cursor);
      }
    } catch (error) {
      end = { reason: 'failed', error };
      break;
    }
  }
  if (changes.length > 0 || cursor !== progress.cursor) {
    await handlers.onEvents(changes, cursor);
    progress.cursor = cursor;
    progress.lines += lines.length;
  }
  return end;
}

/** What an ERROR line says, as an error. */
export function errorOfLine(status: unknown, target: WatchTarget): PetrelError {
  return errorFromAnswer(readStatus(status)?.code ?? 500, status, `the watch of ${target.kind}`);
}

/**
 * The later of two resource versions. They are opaque by contract; where both are decimal (as etcd's are) a bookmark that comes
 * late cannot move the cursor back, else the last one said counts.
 */
function newer(current: string, said: string): string {
  return compareVersions(said, current) === 'older' ? current : said;
}

/** How `left` relates to `right`; `unknown` for versions that are no decimal numbers. */
export function compareVersions(left: string, right: string): 'older' | 'same' | 'newer' | 'unknown' {
  if (left === right) return 'same';
  if (!/^[1-9][0-9]*$/.test(left) || !/^[1-9][0-9]*$/.test(right)) return 'unknown';
  if (left.length !== right.length) return left.length < right.length ? 'older' : 'newer';
  return left < right ? 'older' : 'newer';
}
