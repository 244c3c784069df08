import { apply, type Change } from './changes.ts';
import type { Definition } from './definition.ts';
import { isLogged } from './errors.ts';
import { ConductError, type Language } from './expressions.ts';
import type { Graph, Node } from './graph.ts';
import { type Entry, type ErrorEntry, keyOf, latestEntry, readyToRun, type State, taskStates } from './state.ts';
import { isCompleted, type Status } from './statuses.ts';
import { afterRequest } from './task-machine.ts';
import { afterWorkflowRequest } from './workflow-machine.ts';

/** One workflow being conducted. `state` is changed in place, by `change` only. */
export interface Run {
  readonly definition: Definition;
  readonly graph: Graph;
  readonly language: Language;
  readonly state: State;
  /** What this step has changed so far. */
  readonly changes: Change[];
  /** Told of each change before it is made. */
  before?(change: Change): void;
}

/** Changes the state, and notes it for the journal. */
export function change(run: Run, what: Change): void {
  run.before?.(what);
  apply(run.state, what);
  run.changes.push(what);
}

export function setTaskStatus(run: Run, entry: Entry, status: Status): void {
  change(run, { do: 'task-status', entry: entry.index, status });
}

/** Adds to the workflow's errors; an equal entry is not added twice. What is undefined or null is left out. */
export function logError(run: Run, message: string, details: Omit<ErrorEntry, 'type' | 'message'> = {}): void {
  const given = Object.entries(details).filter(([, value]) => value !== undefined && value !== null);
  const error: ErrorEntry = { type: 'error', message, ...Object.fromEntries(given) };
  if (isLogged(run.state, error, run.language)) return;
  change(run, { do: 'error', error });
}

/**
 * Asks for a status of the workflow (orquesta.md, section 7); active tasks are told first. Throws ConductError
 * InvalidWorkflowStatusTransition when nothing comes of it.
 */
export function requestStatus(run: Run, request: Status): void {
  const { state } = run;
  const before = state.status;
  for (const entry of [...state.open]) {
    const items = state.staged.get(keyOf(entry.id, entry.route))?.items;
    const status = afterRequest(entry.status, request, items);
    if (status !== undefined) setTaskStatus(run, entry, status);
  }
  const after = afterWorkflowRequest(before, request, taskStates(state));
  if (after !== undefined && after !== before) change(run, { do: 'status', status: after });
  const under = (before === 'pausing' && request === 'paused') || (before === 'canceling' && request === 'canceled');
  if (request === before || state.status !== before || under) return;
  throw new ConductError(
    'InvalidWorkflowStatusTransition',
    `Unable to process event "workflow_${request}" for workflow in "${before ?? 'null'}" status.`,
  );
}

/** An error of the workflow's own: it fails, unless it has ended otherwise. */
export function fail(run: Run): void {
  if (afterWorkflowRequest(run.state.status, 'failed', taskStates(run.state)) !== undefined)
    requestStatus(run, 'failed');
}

/** Whether the tasks that lead to a task on a route have led there: yes, maybe later, no more. */
export function inboundStatus(
  { graph, state }: Run,
  node: Node,
  route: number,
): 'satisfied' | 'in-progress' | 'unsatisfied' {
  if (node.barrier === undefined) return 'satisfied';
  let arrived = 0;
  let open = false;
  for (const [from, ids] of node.inbound) {
    const entry = latestEntry(state, from, route);
    if (entry !== undefined && ids.some((id) => entry.next.get(id) === true)) arrived += 1;
    else if (entry === undefined || !isCompleted(entry.status)) open = true;
  }
  if (arrived >= node.barrier) return 'satisfied';
  const goesOn = taskStates(state).active || readyToRun(state).some(({ id }) => graph.nodes.has(id));
  return open && goesOn ? 'in-progress' : 'unsatisfied';
}

/** Whether a task that ended leads anywhere. `reachable`: joins count only while they can still be satisfied. */
export function hasNext(run: Run, entry: Entry, reachable: boolean): boolean {
  const node = run.graph.nodes.get(entry.id);
  return (node?.outgoing ?? []).some((edge) => {
    if (entry.next.get(edge.id) !== true || edge.to === 'continue') return false;
    const target = run.graph.nodes.get(edge.to);
    if (!reachable || target?.barrier === undefined) return true;
    return inboundStatus(run, target, entry.route) !== 'unsatisfied';
  });
}
