import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ExecutionStatus,
  isFinal,
  isJsonObject,
  type Json,
  type JsonObject,
  PetrelError,
} from '../model/index.ts';
import { searchOf } from './operations.ts';
import { parseEvents, type ServerSentEvent } from './sse.ts';
import { open } from './transport.ts';

export interface StreamEvent {
  /** As StackStorm's: `st2.execution__update`. `petrel.stream__lost` says that events are missing. */
  readonly name: string;
  readonly data: Json;
  /** To go on from, as `lastEventId`. */
  readonly id?: string;
}

export interface EventQuery {
  /** Names, with shell wildcards; by default executions, live actions and announcements. */
  readonly events?: readonly string[];
  readonly action_refs?: readonly string[];
  readonly execution_ids?: readonly string[];
  /** An execution with everything that it starts. First comes how all of it stands, without results. */
  readonly tree_of?: string;
  /** The last event that is wanted, once the execution `end_execution_id` has ended. */
  readonly end_event?: string;
  readonly end_execution_id?: string;
}

export interface FollowOptions {
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
  /** Goes on after this event. */
  readonly lastEventId?: string;
}

export interface OutputEvent {
  /** To go on from, as `lastEventId`. */
  readonly id: string;
  readonly stream: 'stdout' | 'stderr';
  readonly data: string;
}

export interface Streams {
  /**
   * Events as they happen. A connection that breaks is made anew, and goes on where it broke. Throws `PetrelError` when the server refuses,
   * and when it has not answered for a minute.
   */
  events(query?: EventQuery, options?: FollowOptions): AsyncGenerator<StreamEvent>;
  /** What an execution has printed and what it prints, until it has ended (or, as in StackStorm, begins to pause or to go on). As `events`. */
  output(executionId: string, options?: FollowOptions): AsyncGenerator<OutputEvent>;
}

/** Milliseconds before a connection is made anew: at first, and at most. */
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5000;
/** Milliseconds that a server may be away. */
const PATIENCE = 60_000;

interface Place {
  readonly stream: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function createStreams(place: Place): Streams {
  return {
    async *events(query = {}, options = {}) {
      const search = searchOf({ ...query });
      for await (const { name, data, id } of follow(place, `/stream?${search}`, options, (last) =>
        endsWith(last, query),
      )) {
        yield { name, data: parse(data, name), ...(id !== undefined && { id }) };
      }
    },
    async *output(executionId, options = {}) {
      const path = `/executions/${encodeURIComponent(executionId)}/output`;
      for await (const { name, data, id = '' } of follow(place, path, options, ({ name }) => name === 'EOF')) {
        if (name === 'EOF') return;
        const line = parse(data, name) as JsonObject; // the shape of this event
        yield { id, stream: line.output_type === 'stderr' ? 'stderr' : 'stdout', data: String(line.data) };
      }
    },
  };
}

/** Over connections, until the server closes one behind an event that `isEnd` knows. */
async function* follow(
  { stream, headers }: Place,
  path: string,
  { signal, lastEventId }: FollowOptions,
  isEnd: (last: ServerSentEvent) => boolean,
): AsyncGenerator<ServerSentEvent> {
  let last = lastEventId;
  let newest: ServerSentEvent | undefined;
  let pause = FIRST_PAUSE;
  let awaySince: number | undefined;
  while (!isAborted(signal)) {
    try {
      const response = await open(`${stream}${path}`, {
        headers: { ...headers, accept: 'text/event-stream', ...(last !== undefined && { 'last-event-id': last }) },
        ...(signal !== undefined && { signal }),
      });
      awaySince = undefined;
      for await (const event of parseEvents(response)) {
        last = event.id ?? last;
        if (event.data === '') continue;
        newest = event;
        pause = FIRST_PAUSE;
        yield event;
      }
      if (newest !== undefined && isEnd(newest)) return;
    } catch (error) {
      if (isAborted(signal)) return;
      awaySince ??= Date.now();
      if (!isPassing(error) || Date.now() - awaySince > PATIENCE) throw error;
    }
    await sleep(pause, undefined, { ...(signal !== undefined && { signal }) }).catch(() => undefined);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
}

/** Asked anew each time: an await lies between. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Whether the server closed the stream because nothing more was wanted, and not because it stops itself. */
function endsWith({ name, data }: ServerSentEvent, { end_event, end_execution_id }: EventQuery): boolean {
  if (name !== end_event) return false;
  const about = parse(data, name);
  const { id, status } = isJsonObject(about) ? about : {};
  if (end_execution_id !== undefined && id !== end_execution_id) return false;
  return typeof status !== 'string' || isFinal(status as ExecutionStatus); // the status of an execution
}

/** A server that is away, or a connection that broke (which Node tells by a code), may come back; a refusal stays one. */
function isPassing(error: unknown): boolean {
  if (error instanceof PetrelError) return error.code === 'unavailable' || error.code === 'timeout';
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

function parse(data: string, name: string): Json {
  try {
    return JSON.parse(data) as Json; // JSON.parse answers JSON
  } catch (error) {
    throw new PetrelError('internal', `The event ${name} carries no JSON; is there a proxy in between?`, {
      cause: error,
    });
  }
}
