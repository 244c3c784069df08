import { PetrelError } from '../../model/index.ts';
import type { TaskToRerun } from '../conductor.ts';
import { ConductError } from './expressions.ts';
import { byCode } from './graph.ts';
import { change, type Run } from './run.ts';
import { stage } from './start.ts';
import { type Entry, keyOf, latestEntry, newest, type State } from './state.ts';
import { isAbended, isCompleted } from './statuses.ts';

/** One task to run again. */
export interface RerunRequest {
  readonly task: string;
  /** Default 0. */
  readonly route?: number;
  /** All items again, and not only those that failed. Default false. */
  readonly resetItems?: boolean;
}

/**
 * Runs tasks of a workflow that has ended again (orquesta.md, section 10). Without a list: the branches' ends that failed. Throws
 * ConductError: WorkflowIsActiveAndNotRerunableError, InvalidTaskRerunRequest.
 */
export function rerun(run: Run, requests: readonly RerunRequest[]): void {
  const { state } = run;
  if (!isCompleted(state.status)) {
    throw new ConductError(
      'WorkflowIsActiveAndNotRerunableError',
      'Unable to rerun workflow because it is not in a completed state.',
    );
  }
  const wanted = requests.length > 0 ? asked(state, requests) : failedEnds(state);
  const kept = withoutContained(state, wanted);
  for (const entry of state.sequence) {
    if ([...entry.next.values()].includes(true)) notAnEnd(run, entry);
  }
  const begun: number[] = [];
  for (const { entry, resetItems } of kept) {
    // As the original, only what the task led to itself is an end no more.
    for (const later of state.sequence) {
      if (Object.values(later.previous).includes(entry.index)) notAnEnd(run, later);
    }
    notAnEnd(run, entry);
    change(run, { do: 'forget-errors', task: entry.id });
    begun.push(begin(run, entry, resetItems));
  }
  change(run, { do: 'rerun', entries: begun });
  change(run, { do: 'output', output: undefined });
  change(run, { do: 'status', status: 'resuming' });
}

/**
 * As StackStorm's host asks for it: a task without a route on all those it ran on. Throws `PetrelError` (`invalid`) for what cannot be
 * run again.
 */
export function rerunTasks(run: Run, tasks: readonly TaskToRerun[]): void {
  if (run.state.rollback !== undefined) {
    const advice = 'leave `tasks` out to run it again as a whole';
    throw new PetrelError(
      'invalid',
      `The workflow was rolled back: there is nothing its tasks could go on with; ${advice}.`,
    );
  }
  const requests = tasks.flatMap((task): readonly RerunRequest[] => {
    const routes = task.route === undefined ? routesOf(run.state, task.task) : [];
    return routes.length === 0 ? [task] : routes.map((route) => ({ ...task, route }));
  });
  try {
    rerun(run, requests);
  } catch (error) {
    if (!(error instanceof ConductError)) throw error;
    throw new PetrelError('invalid', error.message, { cause: error });
  }
}

function routesOf({ sequence }: State, task: string): readonly number[] {
  return [...new Set(sequence.filter(({ id }) => id === task).map(({ route }) => route))];
}

function notAnEnd(run: Run, entry: Entry): void {
  if (entry.terminal) change(run, { do: 'terminal', entry: entry.index, terminal: false });
}

interface Wanted {
  readonly entry: Entry;
  readonly resetItems: boolean;
}

function asked(state: State, requests: readonly RerunRequest[]): Wanted[] {
  const unknown: string[] = [];
  const wanted: Wanted[] = [];
  for (const { task, route = 0, resetItems = false } of requests) {
    const entry = latestEntry(state, task, route);
    if (entry === undefined) unknown.push(`${task}|${route}`);
    else wanted.push({ entry, resetItems });
  }
  if (unknown.length === 0) return wanted;
  throw new ConductError(
    'InvalidTaskRerunRequest',
    `Unable to rerun task|route(s) because it doesn't exist or isn't rerunnable: ${unknown.join(', ')}`,
  );
}

function failedEnds(state: State): Wanted[] {
  return state.sequence
    .filter((entry) => entry.terminal && isAbended(entry.status))
    .map((entry) => ({ entry, resetItems: false }));
}

/** A request whose tasks another one runs anyway is dropped. */
function withoutContained(state: State, wanted: readonly Wanted[]): Wanted[] {
  const sequences = wanted.map(({ entry }) => new Set([entry, ...downstreamOf(state, entry)]));
  return wanted
    .filter(({ entry }, index) => {
      return !sequences.some(
        (sequence, other) =>
          other !== index &&
          sequence.has(entry) &&
          !(sequences[index]?.has(wanted[other]?.entry ?? entry) === true && other > index),
      );
    })
    .sort((left, right) => byCode(left.entry.id, right.entry.id) || left.entry.route - right.entry.route);
}

/** Everything that ran because an entry did. */
function downstreamOf(state: State, entry: Entry): Entry[] {
  const reached = new Set([entry.index]);
  const found: Entry[] = [];
  for (const [index, later] of state.sequence.entries()) {
    if (reached.has(index) || !Object.values(later.previous).some((source) => reached.has(source))) continue;
    reached.add(index);
    found.push(later);
  }
  return found;
}

/** Makes a task ready to run again. Answers the index of its entry. */
function begin(run: Run, entry: Entry, resetItems: boolean): number {
  const { state } = run;
  const { id, route, context, previous } = entry;
  const kept = state.staged.get(keyOf(id, route));
  if (kept?.items !== undefined && kept.completed) {
    const items = kept.items.map((status) => (resetItems || isAbended(status) ? undefined : status));
    stage(run, { ...kept, items, completed: false });
    return entry.index;
  }
  const retry = entry.retry && { ...entry.retry, tally: 0 };
  change(run, { do: 'enter', id, route, context, previous, retry });
  stage(run, { id, route, context, previous, ready: true });
  return newest(state).index;
}
