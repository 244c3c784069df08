import { maskValues } from '../../datastore/index.ts';
import {
  type Execution,
  type Id,
  isFinal,
  isJsonObject,
  type Json,
  type JsonObject,
  newId,
  type OutputLine,
  putRecent,
} from '../../model/index.ts';
import { liveactionView, outputView, showExecution } from '../execution-view.ts';
import type { ApiServices } from '../services.ts';
import { type Facts, OUTPUT_EVENT } from './filter.ts';
import { ANNOUNCEMENT, announcedSince } from './missed.ts';
import type { Place } from './place.ts';
import { followRemote } from './remote.ts';
import { Ring } from './ring.ts';

/** How many events are kept for slow readers, and for those that come back. */
const KEPT = 8192;
/** Milliseconds for which events are kept when nobody reads any more. */
const LINGER = 300_000;
/** Of how many executions it is remembered what their output is shown with. */
const MOST_CALLS = 1000;

interface StreamEvent extends Facts {
  /** As StackStorm's `end_event` wants it: of an execution that has ended. */
  readonly isEnd: boolean;
  /** When it came, milliseconds. */
  readonly at: number;
  /** The execution that announced it; absent: it is no announcement. */
  readonly announcedBy?: Id;
  /** The body, one line of JSON; made when it is first wanted, once for all readers. */
  data(): Promise<string>;
}

/** The events of the stream, for all who read it. Nothing is gathered while nobody does. */
export interface Hub {
  readonly events: Ring<StreamEvent>;
  /** Where somebody is who has seen all events up to this one, by default up to now. */
  place(sequence?: number, at?: number): Place;
  /** What was announced since a moment that this run does not know, oldest first. */
  announcedSince(at: number): Promise<readonly StreamEvent[]>;
  /** Begins to gather, if need be. Answers what a reader calls when it goes. */
  enter(wantsOutput: boolean): () => void;
  /** Aborts when the server stops. */
  readonly ending: AbortSignal;
  close(): void;
}

export function createHub(services: ApiServices): Hub {
  const { executions, store, log, now, masker } = services;
  const events = new Ring<StreamEvent>(KEPT);
  const calls = new Map<Id, Pick<Execution, 'actionRef' | 'runnerType'>>();
  let latest = 0;
  let readers = 0;
  let outputReaders = 0;
  let gathering: (() => void) | undefined;
  let lingering: NodeJS.Timeout | undefined;
  const ending = new AbortController();

  /** Whoever has seen an announcement has a later moment than its end in hand, and is not told of it again. */
  const momentAfter = (ended = 0): number => {
    latest = Math.max(latest, now(), ended + 1);
    return latest;
  };

  const put = (facts: Facts, isEnd: boolean, body: () => Promise<Json>): void => {
    events.put({ ...facts, isEnd, at: momentAfter(), data: once(body) });
  };

  const onExecution = (type: 'created' | 'updated', execution: Execution): void => {
    const verb = type === 'created' ? 'create' : 'update';
    const { id: executionId, actionRef, runnerType, parentId } = execution;
    const facts = { actionRef, executionId, ...(parentId !== undefined && { parentId }) };
    putRecent(calls, executionId, { actionRef, runnerType }, MOST_CALLS);
    const isEnd = isFinal(execution.status);
    let made: Promise<JsonObject> | undefined;
    const view = () => {
      made ??= showExecution(execution, services);
      return made;
    };
    put({ name: `st2.execution__${verb}`, ...facts }, isEnd, view);
    put({ name: `st2.liveaction__${verb}`, ...facts }, isEnd, async () =>
      liveactionView(execution, await view(), services),
    );
    if (runnerType === ANNOUNCEMENT && execution.status === 'succeeded')
      events.put(announcement(execution, momentAfter(execution.endedAt)));
  };

  /** An announcement is what such an execution ends with; so it is heard at every node, and after a restart of this one. */
  const announcement = (execution: Execution, at: number): StreamEvent => ({
    name: `st2.announcement__${routeOf(execution, services)}`,
    isEnd: false,
    at,
    announcedBy: execution.id,
    data: once(async () => {
      const result = await store.getResult(execution.id);
      const payload = isJsonObject(result) ? (result.output ?? result) : {};
      const { trace_context: trace = {} } = execution.context;
      return masker.maskJson(maskValues({ payload, trace_context: trace }));
    }),
  });

  const onOutput = (line: OutputLine): void => {
    if (outputReaders === 0) return;
    const { executionId } = line;
    const call = calls.get(executionId);
    const facts = { name: OUTPUT_EVENT, executionId, ...(call && { actionRef: call.actionRef }) };
    put(facts, false, async () => {
      const of = call ?? (await store.getExecution(executionId)) ?? { actionRef: '', runnerType: '' };
      return masker.maskJson(outputView(line, of));
    });
  };

  const gather = (): (() => void) => {
    const remote = store.dialect === 'postgres' ? followRemote({ store, log, now, changed: onExecution }) : undefined;
    const stop = executions.onChange((change) => {
      if (change.type === 'output') return onOutput(change.line);
      remote?.remember(change.execution);
      onExecution(change.type, change.execution);
    });
    return () => {
      stop();
      remote?.stop();
      events.clear();
    };
  };

  const epoch = newId();
  return {
    events,
    place: (sequence = events.last, at = momentAfter()) => ({ epoch, sequence, at }),
    async announcedSince(at) {
      const made = await announcedSince(at, services);
      return made.map((execution) => announcement(execution, (execution.endedAt ?? at) + 1));
    },
    ending: ending.signal,
    enter(wantsOutput) {
      clearTimeout(lingering);
      gathering ??= gather();
      readers += 1;
      if (wantsOutput) outputReaders += 1;
      return () => {
        readers -= 1;
        if (wantsOutput) outputReaders -= 1;
        if (readers > 0 || ending.signal.aborted) return;
        lingering = setTimeout(() => {
          gathering?.();
          gathering = undefined;
        }, LINGER).unref();
      };
    },
    close() {
      ending.abort();
      clearTimeout(lingering);
      gathering?.();
      events.wake();
    },
  };
}

/** The text of a body, made when it is first wanted. */
function once(body: () => Promise<Json>): () => Promise<string> {
  let made: Promise<string> | undefined;
  return () => {
    made ??= body().then((value) => JSON.stringify(value));
    return made;
  };
}

function routeOf({ parameters, actionRef, runnerType }: Execution, services: ApiServices): string {
  const action = services.registry.snapshot().actions.get(actionRef);
  const fallback = action?.parameters.route?.default ?? services.runnerParameters(runnerType)?.route?.default;
  const route = parameters.route ?? fallback;
  return typeof route === 'string' && route !== '' ? route : 'general';
}
