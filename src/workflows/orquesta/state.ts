import type { Id } from '../../model/index.ts';
import type { Undone } from '../rollback-result.ts';
import type { Status } from './statuses.ts';
import type { TaskStates } from './workflow-machine.ts';

/** Variables by name, in the values of src/expressions. Never changed once made. */
export type Variables = ReadonlyMap<string, unknown>;

/**
 * What a task sees: the initial variables (the first context), what a transition published on top of another context, or two
 * contexts that met in a join. So a step adds one, however long the way was that led there.
 */
export type Context =
  | { readonly base: number | undefined; readonly variables: Variables }
  | { readonly base: number; readonly joined: number };

/** A retry policy with its numbers evaluated, and how often it was used. */
export interface Retry {
  readonly when: unknown;
  readonly count: number;
  readonly delay: number | undefined;
  readonly tally: number;
}

/** One run of a task on a route; an engine command's, too. */
export interface Entry {
  /** Its place in the sequence. */
  readonly index: number;
  readonly id: string;
  readonly route: number;
  /** Index of the context it sees. */
  readonly context: number;
  /** Back references (`<source>__t<key>`) to the indexes of the entries that led here. */
  readonly previous: Readonly<Record<string, number>>;
  status: Status | undefined;
  /** Whether each transition was taken. */
  readonly next: Map<string, boolean>;
  retry: Retry | undefined;
  /** The workflow's branch ended here. */
  terminal: boolean;
}

/** A task that is to run, or waits for others to arrive. */
export interface Staged {
  readonly id: string;
  readonly route: number;
  readonly context: number;
  readonly previous: Readonly<Record<string, number>>;
  readonly ready: boolean;
  /** Statuses of the items, undefined for those not run; of a task with items, once it was handed out. */
  readonly items: (Status | undefined)[] | undefined;
  /** An itemised task that failed: kept for reruns. */
  readonly completed: boolean;
  /** Runs although the workflow has failed. */
  readonly runOnFail: boolean;
  readonly retry: Retry | undefined;
}

/** An entry of the workflow's list of errors. */
export interface ErrorEntry {
  readonly type: 'error';
  readonly message: string;
  readonly task_id?: string;
  readonly route?: number;
  readonly task_transition_id?: string;
  readonly result?: unknown;
}

/** An action that succeeded and is to be undone. */
export interface Undo {
  /** The child that succeeded. */
  readonly child: Id;
  readonly task: string;
  readonly route: number;
  readonly item?: number;
  /** Index of the context that the task saw. */
  readonly context: number;
}

/** How far the undoing has come. */
export interface Rollback {
  readonly steps: readonly Undo[];
  /** How many of them are to be tried. */
  readonly until: number;
  /** How the compensations so far ended. */
  readonly results: readonly Undone[];
}

/** `task`, or `task[item]`. */
export function undoName({ task, item }: Pick<Undo, 'task' | 'item'>): string {
  return item === undefined ? task : `${task}[${item}]`;
}

/** Everything a workflow is, besides its definition. */
export interface State {
  status: Status | undefined;
  readonly contexts: Context[];
  readonly routes: (readonly string[])[];
  readonly sequence: Entry[];
  /** `<task>__r<route>` to the index of the latest entry. */
  readonly latest: Map<string, number>;
  /** By `<task>__r<route>`, in the order of arrival. */
  readonly staged: Map<string, Staged>;
  errors: ErrorEntry[];
  output: Variables | undefined;
  /** Indexes of the entries that reruns began with, one list for each rerun. */
  readonly reruns: (readonly number[])[];
  /** Once the workflow has failed and is undone. */
  rollback: Rollback | undefined;
  /** How many entries have each status: what the workflow's status depends on. */
  readonly counts: Map<Status, number>;
  /** Entries that are not completed. */
  readonly open: Set<Entry>;
}

export function emptyState(): State {
  return {
    status: undefined,
    contexts: [],
    routes: [],
    sequence: [],
    latest: new Map(),
    staged: new Map(),
    errors: [],
    output: undefined,
    reruns: [],
    rollback: undefined,
    counts: new Map(),
    open: new Set(),
  };
}

export function keyOf(id: string, route: number): string {
  return `${id}__r${route}`;
}

export function latestEntry(state: State, id: string, route: number): Entry | undefined {
  const index = state.latest.get(keyOf(id, route));
  return index === undefined ? undefined : state.sequence[index];
}

/** What the workflow's status depends on. */
export function taskStates(state: State): TaskStates {
  const some = (...statuses: readonly Status[]) => statuses.some((status) => (state.counts.get(status) ?? 0) > 0);
  return {
    active: some('requested', 'scheduled', 'delayed', 'running', 'resuming', 'pausing', 'canceling'),
    canceled: some('canceling', 'canceled'),
    paused: some('pausing', 'paused', 'pending'),
    staged: readyToRun(state).length > 0,
  };
}

/** The entry that was added last. */
export function newest(state: State): Entry {
  const entry = state.sequence.at(-1);
  if (entry === undefined) throw new Error('No task has been entered yet.');
  return entry;
}

/** What is staged, ready, and not kept for a rerun only. */
export function readyToRun(state: State): Staged[] {
  return [...state.staged.values()].filter(({ ready, completed }) => ready && !completed);
}
