import type { FinalStatus, Id, JsonObject } from '../../model/index.ts';
import { type Chain, chainOf } from './definition.ts';

/**
 * What a chain writes to its journal. Results of children are not in it: they are read by the child's id. `version` numbers
 * the behaviour a run was started with, so that a later release can go on with it as it began.
 */
export type ChainEvent =
  | {
      readonly type: 'started';
      readonly version: 1;
      readonly definition: JsonObject;
      /** The action's parameters, without the runner's. */
      readonly parameters: JsonObject;
      readonly context: JsonObject;
      readonly notify?: JsonObject;
      readonly display_published: boolean;
      readonly skip_notify: readonly string[];
      /** Rendered. */
      readonly vars: JsonObject;
    }
  | { readonly type: 'requested'; readonly task: string; readonly execution_id: Id }
  /** The child came to a stop: for good, or until it is resumed or answered. `published` are the rendered variables. */
  | {
      readonly type: 'ended';
      readonly task: string;
      readonly execution_id: Id;
      readonly status: ChildStatus;
      readonly published: JsonObject;
    }
  | { readonly type: 'refused'; readonly task: string; readonly execution_id: Id; readonly error: string }
  /** A child that had stopped ended while the chain was paused. */
  | {
      readonly type: 'changed';
      readonly execution_id: Id;
      readonly status: FinalStatus;
      /** Of one that was answered. */
      readonly published?: JsonObject;
    }
  | { readonly type: 'asked'; readonly wish: 'cancel' | 'pause' }
  | { readonly type: 'paused' }
  /** `continues`: the last task, which is awaited once more. */
  | { readonly type: 'resumed'; readonly continues?: Id }
  | { readonly type: 'finished'; readonly status: FinalStatus; readonly error?: string };

export type ChildStatus = FinalStatus | 'paused' | 'pending';

/** One run of a task. */
export interface Entry {
  readonly task: string;
  readonly executionId: Id;
  readonly status: ChildStatus;
  /** Why the child was never created. */
  readonly refusal?: string;
  /** It ended while the chain was paused, or had waited for an answer. */
  readonly changed?: true;
}

export interface ChainState {
  readonly phase: 'new' | 'running' | 'paused' | 'finished';
  readonly chain: Chain;
  readonly parameters: JsonObject;
  readonly context: JsonObject;
  readonly notify: JsonObject | undefined;
  readonly displayPublished: boolean;
  readonly skipNotify: readonly string[];
  readonly vars: JsonObject;
  readonly published: JsonObject;
  readonly entries: readonly Entry[];
  /** The last run of each task: what templates see, so that a long loop does not make them slow. */
  readonly latest: ReadonlyMap<string, Entry>;
  /** The child that is awaited. */
  readonly current: { readonly task: string; readonly executionId: Id; readonly answered?: true } | undefined;
  /** What was asked of the chain while a child ran. */
  readonly wish: 'cancel' | 'pause' | undefined;
}

export const INITIAL: ChainState = {
  phase: 'new',
  chain: chainOf({}),
  parameters: {},
  context: {},
  notify: undefined,
  displayPublished: true,
  skipNotify: [],
  vars: {},
  published: {},
  entries: [],
  latest: new Map(),
  current: undefined,
  wish: undefined,
};

export function fold(state: ChainState, event: ChainEvent): ChainState {
  switch (event.type) {
    case 'started':
      return {
        ...state,
        phase: 'running',
        chain: chainOf(event.definition),
        parameters: event.parameters,
        context: event.context,
        notify: event.notify,
        displayPublished: event.display_published,
        skipNotify: event.skip_notify,
        vars: event.vars,
      };
    case 'requested':
      return { ...state, current: { task: event.task, executionId: event.execution_id } };
    case 'ended': {
      const { task, execution_id: executionId, status, published } = event;
      return {
        ...state,
        ...added(state, { task, executionId, status, ...(state.current?.answered && { changed: true }) }),
        vars: { ...state.vars, ...published },
        published: { ...state.published, ...published },
        current: undefined,
      };
    }
    case 'refused': {
      const { task, execution_id: executionId, error: refusal } = event;
      return {
        ...state,
        ...added(state, { task, executionId, status: 'failed', refusal }),
        current: undefined,
      };
    }
    case 'changed': {
      const last = state.entries.at(-1);
      if (last?.executionId !== event.execution_id) return state;
      const { status, published = {} } = event;
      return {
        ...state,
        ...added(withoutLast(state), { ...last, status, changed: true }),
        vars: { ...state.vars, ...published },
        published: { ...state.published, ...published },
      };
    }
    case 'asked':
      return { ...state, wish: event.wish };
    case 'paused':
      return { ...state, phase: 'paused', wish: undefined };
    case 'resumed':
      return resumed({ ...state, phase: 'running', wish: undefined }, event.continues);
    case 'finished':
      return { ...state, phase: 'finished', current: undefined, wish: undefined };
  }
}

/** The entry of a child that goes on is dropped, and made anew when it stops again. */
function resumed(state: ChainState, continues: Id | undefined): ChainState {
  const last = state.entries.at(-1);
  if (continues === undefined || last === undefined) return state;
  const { task, executionId, status } = last;
  return { ...withoutLast(state), current: { task, executionId, ...(status === 'pending' && { answered: true }) } };
}

function added(state: ChainState, entry: Entry): Pick<ChainState, 'entries' | 'latest'> {
  return { entries: [...state.entries, entry], latest: new Map(state.latest).set(entry.task, entry) };
}

function withoutLast(state: ChainState): ChainState {
  const entries = state.entries.slice(0, -1);
  return { ...state, entries, latest: new Map(entries.map((entry) => [entry.task, entry])) };
}
