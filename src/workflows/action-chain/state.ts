import type { FinalStatus, Id, JsonObject } from '../../model/index.ts';
import type { Reference } from '../references.ts';
import type { Undone } from '../rollback-result.ts';
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
  /** `undoes`: the compensation of the task. */
  | { readonly type: 'requested'; readonly task: string; readonly execution_id: Id; readonly undoes?: true }
  /**
   * The child came to a stop: for good, or until it is resumed or answered. `published` are the rendered variables; of those in
   * `references` it has the name alone.
   */
  | {
      readonly type: 'ended';
      readonly task: string;
      readonly execution_id: Id;
      readonly status: ChildStatus;
      readonly published: JsonObject;
      readonly references?: Readonly<Record<string, Reference>>;
    }
  | { readonly type: 'refused'; readonly task: string; readonly execution_id: Id; readonly error: string }
  /** A child that had stopped ended while the chain was paused. */
  | {
      readonly type: 'changed';
      readonly execution_id: Id;
      readonly status: FinalStatus;
      /** Of one that was answered. */
      readonly published?: JsonObject;
      readonly references?: Readonly<Record<string, Reference>>;
    }
  | { readonly type: 'asked'; readonly wish: 'cancel' | 'pause' }
  | { readonly type: 'paused' }
  /** `continues`: the last task, which is awaited once more. */
  | { readonly type: 'resumed'; readonly continues?: Id }
  /** The chain has failed; before it ends these are undone, one after the other. */
  | {
      readonly type: 'rolls_back';
      readonly status: FinalStatus;
      readonly error?: string;
      readonly steps: readonly Undo[];
    }
  /** `error`: why it could not be. */
  | { readonly type: 'undone'; readonly error?: string }
  | { readonly type: 'finished'; readonly status: FinalStatus; readonly error?: string };

export type ChildStatus = FinalStatus | 'paused' | 'pending';

/** A run of a task that is to be undone. */
export interface Undo {
  readonly task: string;
  readonly execution_id: Id;
}

export interface Rollback {
  /** What the chain ends with afterwards. */
  readonly status: FinalStatus;
  readonly error: string | undefined;
  readonly steps: readonly Undo[];
  /** How the compensations so far ended. */
  readonly results: readonly Undone[];
}

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
  readonly phase: 'new' | 'running' | 'paused' | 'rolling back' | 'finished';
  readonly chain: Chain;
  readonly parameters: JsonObject;
  readonly context: JsonObject;
  readonly notify: JsonObject | undefined;
  readonly displayPublished: boolean;
  readonly skipNotify: readonly string[];
  readonly vars: JsonObject;
  readonly published: JsonObject;
  /** Where the variables stand that `vars` and `published` have the names of alone. */
  readonly references: ReadonlyMap<string, Reference>;
  readonly entries: readonly Entry[];
  /** The last run of each task: what templates see, so that a long loop does not make them slow. */
  readonly latest: ReadonlyMap<string, Entry>;
  /** The child that is awaited. */
  readonly current: { readonly task: string; readonly executionId: Id; readonly answered?: true } | undefined;
  /** What was asked of the chain while a child ran. */
  readonly wish: 'cancel' | 'pause' | undefined;
  readonly rollback: Rollback | undefined;
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
  references: new Map(),
  entries: [],
  latest: new Map(),
  current: undefined,
  wish: undefined,
  rollback: undefined,
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
      const { task, execution_id: executionId, status, published, references = {} } = event;
      return {
        ...state,
        ...added(state, { task, executionId, status, ...(state.current?.answered && { changed: true }) }),
        ...withPublished(state, published, references),
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
      const { status, published = {}, references = {} } = event;
      return {
        ...state,
        ...added(withoutLast(state), { ...last, status, changed: true }),
        ...withPublished(state, published, references),
      };
    }
    case 'asked':
      return { ...state, wish: event.wish };
    case 'paused':
      return { ...state, phase: 'paused', wish: undefined };
    case 'resumed':
      return resumed({ ...state, phase: 'running', wish: undefined }, event.continues);
    case 'rolls_back': {
      const { status, error, steps } = event;
      const rollback = { status, error, steps, results: [] };
      return { ...state, phase: 'rolling back', current: undefined, wish: undefined, rollback };
    }
    case 'undone':
      return { ...state, current: undefined, rollback: withUndone(state.rollback, event.error) };
    case 'finished':
      return { ...state, phase: 'finished', current: undefined, wish: undefined };
  }
}

function withPublished(
  state: ChainState,
  published: JsonObject,
  references: Readonly<Record<string, Reference>>,
): Pick<ChainState, 'vars' | 'published' | 'references'> {
  const kept = [...state.references].filter(([name]) => !Object.hasOwn(published, name));
  return {
    vars: { ...state.vars, ...published },
    published: { ...state.published, ...published },
    references: new Map([...kept, ...Object.entries(references)]),
  };
}

/** The entry of a child that goes on is dropped, and made anew when it stops again. */
function resumed(state: ChainState, continues: Id | undefined): ChainState {
  const last = state.entries.at(-1);
  if (continues === undefined || last === undefined) return state;
  const { task, executionId, status } = last;
  return { ...withoutLast(state), current: { task, executionId, ...(status === 'pending' && { answered: true }) } };
}

function withUndone(rollback: Rollback | undefined, error: string | undefined): Rollback | undefined {
  if (rollback === undefined) return undefined;
  const { task = '' } = rollback.steps[rollback.results.length] ?? {};
  return { ...rollback, results: [...rollback.results, { task, ...(error !== undefined && { error }) }] };
}

function added(state: ChainState, entry: Entry): Pick<ChainState, 'entries' | 'latest'> {
  return { entries: [...state.entries, entry], latest: new Map(state.latest).set(entry.task, entry) };
}

function withoutLast(state: ChainState): ChainState {
  const entries = state.entries.slice(0, -1);
  return { ...state, entries, latest: new Map(entries.map((entry) => [entry.task, entry])) };
}
