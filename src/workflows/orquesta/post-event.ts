import { truthy } from '../../expressions/index.ts';
import { merged, variablesOf } from './contexts.ts';
import { ConductError, evaluate, type Moment, messageOfFailure } from './expressions.ts';
import { type Edge, isCommand, type Node } from './graph.ts';
import { retryOf } from './retry.ts';
import { change, fail, hasNext, inboundStatus, logError, type Run, setTaskStatus } from './run.ts';
import { stage } from './start.ts';
import {
  type Entry,
  keyOf,
  latestEntry,
  newest,
  readyToRun,
  type Staged,
  taskStates,
  type Variables,
} from './state.ts';
import { isAbended, isActive, isCompleted, isStarting, type Status } from './statuses.ts';
import { afterAction, afterItem } from './task-machine.ts';
import { afterTask } from './workflow-machine.ts';

/** What happened to a task's action, or to one item of it. */
export interface TaskEvent {
  readonly status: Status;
  /** Read when something asks for it. Default: there is none. */
  readonly result?: () => unknown;
  readonly item?: {
    readonly index: number;
    /** The results of all items so far, null for those without one. */
    readonly results?: () => readonly unknown[];
  };
}

/**
 * Takes an event in (orquesta.md, section 5): the task's status changes; when it ended, its transitions are decided and what they
 * lead to is staged; the workflow's status follows. Throws ConductError for a task there is not, and what its retry policy throws.
 */
export function postEvent(run: Run, id: string, route: number, event: TaskEvent): Entry {
  const { graph, state } = run;
  const node = graph.nodes.get(id);
  if (node === undefined) throw new ConductError('InvalidTask', `Task "${id}" does not exist.`);
  const staged = state.staged.get(keyOf(id, route));
  const entry = entryFor(run, node, route, staged, event);
  if (staged !== undefined) {
    if (staged.items === undefined) change(run, { do: 'unstage', id, route });
    else if (event.item !== undefined) {
      change(run, { do: 'item', id, route, item: event.item.index, status: event.status });
    }
  }
  if (event.status === 'failed') {
    logError(run, 'Execution failed. See result for details.', { task_id: id, result: event.result?.() });
  }
  const before = entry.status;
  const status = isCommand(id) ? event.status : statusAfter(entry, event, staged);
  if (status !== undefined && status !== before) setTaskStatus(run, entry, status);
  const commands: [string, number][] = [];
  const ended = isCompleted(entry.status);
  if (ended) {
    const result = resultOf(run, id, event);
    unstage(run, entry, staged);
    const moment = { task: { id, route, result } };
    if (retries(run, entry, moment)) again(run, entry);
    else if (entry.status !== before) commands.push(...decide(run, node, entry, moment));
  }
  follow(run, entry);
  for (const [command, at] of commands) {
    postEvent(run, command, at, { status: command === 'fail' ? 'failed' : 'succeeded' });
  }
  if (ended && (node.outgoing.length === 0 || isCompleted(state.status))) {
    change(run, { do: 'terminal', entry: entry.index, terminal: true });
  }
  return entry;
}

/** The entry that the event belongs to: the latest, or a new one. */
function entryFor(run: Run, node: Node, route: number, staged: Staged | undefined, event: TaskEvent): Entry {
  const { state } = run;
  const latest = latestEntry(state, node.name, route);
  if (staged === undefined && latest === undefined) {
    throw new ConductError('InvalidTaskStateEntry', `Task "${node.name}" is not staged or has not started yet.`);
  }
  const isNew =
    latest === undefined || isCommand(node.name) || (isCompleted(latest.status) && isStarting(event.status));
  if (!isNew) return latest;
  const { context = 0, previous = {} } = staged ?? latest ?? {};
  change(run, { do: 'enter', id: node.name, route, context, previous, retry: retryOf(run, node, context) });
  return newest(state);
}

function statusAfter(entry: Entry, { status, item }: TaskEvent, staged: Staged | undefined): Status | undefined {
  if (item === undefined) return afterAction(entry.status, status);
  const others = (staged?.items ?? []).filter((_, index) => index !== item.index);
  return afterItem(entry.status, status, others);
}

function resultOf({ definition }: Run, id: string, { item, result }: TaskEvent): () => unknown {
  const isItemised = definition.tasks.get(id)?.with !== undefined;
  return isItemised ? () => item?.results?.() ?? [] : () => result?.() ?? null;
}

/** A task that ended is no longer staged; one whose items failed is kept for reruns. */
function unstage(run: Run, { id, route, status }: Entry, staged: Staged | undefined): void {
  if (staged === undefined) return;
  if (staged.items !== undefined && isAbended(status))
    change(run, { do: 'stage', staged: { ...staged, completed: true } });
  else if (run.state.staged.has(keyOf(id, route))) change(run, { do: 'unstage', id, route });
}

function retries({ state, language }: Run, entry: Entry, moment: Moment): boolean {
  const { retry } = entry;
  if (retry === undefined || !isActive(state.status) || retry.tally >= retry.count) return false;
  if (retry.when === undefined || retry.when === null) return isAbended(entry.status);
  return truthy(evaluate(retry.when, variablesOf(state, entry.context), moment, state, language));
}

function again(run: Run, entry: Entry): void {
  const { id, route, context, previous } = entry;
  change(run, { do: 'tally', entry: entry.index, tally: (entry.retry?.tally ?? 0) + 1 });
  setTaskStatus(run, entry, 'retrying');
  stage(run, { id, route, context, previous, ready: true, retry: entry.retry });
}

/** Decides the transitions of a task that ended, and stages what they lead to. Answers the engine commands among that. */
function decide(run: Run, node: Node, entry: Entry, moment: Moment): [string, number][] {
  const commands: [string, number][] = [];
  const targets: Staged[] = [];
  for (const edge of node.outgoing) {
    const target = take(run, entry, edge, moment);
    if (target === undefined) continue;
    targets.push(target);
    if (isCommand(edge.to)) commands.push([edge.to, target.route]);
  }
  if (commands.some(([command]) => command === 'fail')) {
    for (const target of targets) {
      if (target.ready && !isCommand(target.id)) change(run, { do: 'stage', staged: { ...target, runOnFail: true } });
    }
  }
  return commands;
}

/** Decides one transition; what it leads to is staged. Undefined when it is not taken. */
function take(run: Run, entry: Entry, edge: Edge, moment: Moment): Staged | undefined {
  const { state, language } = run;
  const variables = variablesOf(state, entry.context);
  const about = { task_id: entry.id, route: entry.route, task_transition_id: edge.id };
  try {
    const holds = edge.when === undefined || truthy(evaluate(edge.when, variables, moment, state, language));
    change(run, { do: 'transition', entry: entry.index, id: edge.id, taken: holds });
    if (!holds) return undefined;
  } catch (error) {
    logError(run, messageOfFailure(error), about);
    fail(run);
    return undefined;
  }
  const published = publish(run, entry, edge, moment, variables, about);
  if (published === undefined) {
    fail(run);
    return undefined;
  }
  if (published.size === 0) return arrive(run, entry, edge, entry.context);
  change(run, { do: 'context', base: entry.context, variables: published });
  return arrive(run, entry, edge, state.contexts.length - 1);
}

/** The variables that a transition publishes; undefined when one could not be rendered (all errors are logged). */
function publish(
  run: Run,
  entry: Entry,
  edge: Edge,
  moment: Moment,
  variables: Variables,
  about: Parameters<typeof logError>[2],
): Variables | undefined {
  const { definition, state, language } = run;
  let seen = variables;
  let failed = false;
  const published = new Map<string, unknown>();
  for (const [name, value] of definition.tasks.get(entry.id)?.next[edge.ref]?.publish ?? []) {
    try {
      const rendered = evaluate(value, seen, moment, state, language);
      published.set(name, rendered);
      seen = merged(seen, new Map([[name, rendered]]));
    } catch (error) {
      failed = true;
      logError(run, messageOfFailure(error), about);
    }
  }
  return failed ? undefined : published;
}

/** Stages what a transition leads to, or adds to what waits there already. */
function arrive(run: Run, entry: Entry, edge: Edge, context: number): Staged | undefined {
  const { graph, state } = run;
  const node = graph.nodes.get(edge.to);
  if (node === undefined) return undefined;
  const route = routeTo(run, node, entry.route, edge);
  const { index } = entry;
  const ready = inboundStatus(run, node, route) === 'satisfied';
  const waiting = state.staged.get(keyOf(edge.to, route));
  if (waiting === undefined)
    return stage(run, { id: edge.to, route, context, previous: { [edge.back]: index }, ready });
  change(run, { do: 'join-contexts', base: waiting.context, joined: context });
  return stage(run, {
    ...waiting,
    context: state.contexts.length - 1,
    previous: { ...waiting.previous, [edge.back]: index },
    items: undefined,
    ready,
  });
}

/** Arrivals at a split task that is in no cycle open a route of their own. */
function routeTo(run: Run, node: Node, route: number, edge: Edge): number {
  const { routes } = run.state;
  const current = routes[route] ?? [];
  if (!node.isSplit || node.inCycle || current.includes(edge.back)) return route;
  change(run, { do: 'route', references: [...current, edge.back] });
  return routes.length - 1;
}

/** The workflow's status after a task's event. */
function follow(run: Run, entry: Entry): void {
  const { state, graph } = run;
  if (entry.status === undefined) return;
  const event = isAbended(entry.status) && hasNext(run, entry, false) ? 'remediated' : entry.status;
  const completed = isCompleted(entry.status);
  const incomplete = readyToRun(state).length > 0 || (completed && hasNext(run, entry, true));
  const status = afterTask(state.status, event, taskStates(state), incomplete);
  if (status === undefined) return;
  if (status !== state.status) change(run, { do: 'status', status });
  if (!isCompleted(status)) return;
  for (const { id, route, ready } of state.staged.values()) {
    const node = graph.nodes.get(id);
    if (ready || node === undefined || inboundStatus(run, node, route) !== 'unsatisfied') continue;
    const message = `UnreachableJoinError: The join task|route "${id}|${route}" is partially satisfied but unreachable.`;
    logError(run, message, { task_id: id, route });
    fail(run);
  }
}
