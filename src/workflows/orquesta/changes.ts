import {
  type Entry,
  type ErrorEntry,
  keyOf,
  type Retry,
  type Rollback,
  type Staged,
  type State,
  type Undo,
  undoName,
  type Variables,
} from './state.ts';
import { isCompleted, type Status } from './statuses.ts';

/**
 * Everything that can happen to a workflow's state. A step is a list of these: it is what the journal keeps, and applying the lists
 * of all steps gives the state again. Nothing is evaluated then, so a run is rebuilt as it was whatever has changed meanwhile: the
 * clock, the datastore, the pack. `entry` is an index of the sequence.
 */
export type Change =
  | { readonly do: 'status'; readonly status: Status }
  | { readonly do: 'context'; readonly base: number | undefined; readonly variables: Variables }
  | { readonly do: 'join-contexts'; readonly base: number; readonly joined: number }
  | { readonly do: 'route'; readonly references: readonly string[] }
  | {
      readonly do: 'enter';
      readonly id: string;
      readonly route: number;
      readonly context: number;
      readonly previous: Readonly<Record<string, number>>;
      readonly retry: Retry | undefined;
    }
  | { readonly do: 'task-status'; readonly entry: number; readonly status: Status }
  | { readonly do: 'transition'; readonly entry: number; readonly id: string; readonly taken: boolean }
  | { readonly do: 'tally'; readonly entry: number; readonly tally: number }
  | { readonly do: 'terminal'; readonly entry: number; readonly terminal: boolean }
  | { readonly do: 'stage'; readonly staged: Staged }
  | { readonly do: 'unstage'; readonly id: string; readonly route: number }
  | {
      readonly do: 'item';
      readonly id: string;
      readonly route: number;
      readonly item: number;
      readonly status: Status | undefined;
    }
  | { readonly do: 'error'; readonly error: ErrorEntry }
  | { readonly do: 'forget-errors'; readonly task: string }
  | { readonly do: 'output'; readonly output: Variables | undefined }
  | { readonly do: 'rerun'; readonly entries: readonly number[] }
  | { readonly do: 'rollback'; readonly steps: readonly Undo[] }
  | { readonly do: 'stop-rollback'; readonly until: number }
  /** `error`: why it could not be. */
  | { readonly do: 'undone'; readonly error?: string };

/** The one place where a state changes. */
export function apply(state: State, change: Change): void {
  switch (change.do) {
    case 'status':
      state.status = change.status;
      return;
    case 'context':
      state.contexts.push({ base: change.base, variables: change.variables });
      return;
    case 'join-contexts':
      state.contexts.push({ base: change.base, joined: change.joined });
      return;
    case 'route':
      state.routes.push(change.references);
      return;
    case 'enter':
      enter(state, change);
      return;
    case 'task-status':
      setStatus(state, entryAt(state, change.entry), change.status);
      return;
    case 'transition':
      entryAt(state, change.entry).next.set(change.id, change.taken);
      return;
    case 'tally': {
      const entry = entryAt(state, change.entry);
      if (entry.retry !== undefined) entry.retry = { ...entry.retry, tally: change.tally };
      return;
    }
    case 'terminal':
      entryAt(state, change.entry).terminal = change.terminal;
      return;
    case 'stage':
      state.staged.set(keyOf(change.staged.id, change.staged.route), change.staged);
      return;
    case 'unstage':
      state.staged.delete(keyOf(change.id, change.route));
      return;
    case 'item':
      setItem(state, change.id, change.route, change.item, change.status);
      return;
    case 'error':
      state.errors.push(change.error);
      return;
    case 'forget-errors':
      state.errors = state.errors.filter((error) => error.task_id !== change.task);
      return;
    case 'output':
      state.output = change.output;
      return;
    case 'rerun':
      state.reruns.push(change.entries);
      return;
    case 'rollback':
      state.rollback = { steps: change.steps, until: change.steps.length, results: [] };
      return;
    case 'stop-rollback':
      if (state.rollback !== undefined) state.rollback = { ...state.rollback, until: change.until };
      return;
    case 'undone':
      if (state.rollback !== undefined) state.rollback = withUndone(state.rollback, change.error);
  }
}

function withUndone(rollback: Rollback, error: string | undefined): Rollback {
  const undo = rollback.steps[rollback.results.length];
  const result = { task: undo === undefined ? '' : undoName(undo), ...(error !== undefined && { error }) };
  return { ...rollback, results: [...rollback.results, result] };
}

function entryAt(state: State, index: number): Entry {
  const entry = state.sequence[index];
  if (entry === undefined) throw new Error(`There is no entry ${index}.`);
  return entry;
}

function enter(state: State, { id, route, context, previous, retry }: Change & { readonly do: 'enter' }): void {
  const index = state.sequence.length;
  const entry: Entry = {
    index,
    id,
    route,
    context,
    previous,
    status: undefined,
    next: new Map(),
    retry,
    terminal: false,
  };
  state.sequence.push(entry);
  state.latest.set(keyOf(id, route), index);
  state.open.add(entry);
}

function setStatus(state: State, entry: Entry, status: Status): void {
  const { counts, open } = state;
  if (entry.status !== undefined) counts.set(entry.status, (counts.get(entry.status) ?? 0) - 1);
  counts.set(status, (counts.get(status) ?? 0) + 1);
  entry.status = status;
  if (isCompleted(status)) open.delete(entry);
  else open.add(entry);
}

function setItem(state: State, id: string, route: number, item: number, status: Status | undefined): void {
  const items = state.staged.get(keyOf(id, route))?.items;
  if (items !== undefined) items[item] = status;
}
