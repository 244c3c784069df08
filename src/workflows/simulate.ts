import { type FinalStatus, type Id, isFinal, type Json, type JsonObject, PetrelError } from '../model/index.ts';
import type { Conductor, TaskRequest, WorkflowInput } from './conductor.ts';

/** How an action ends in a simulation. */
export interface SimulatedOutcome {
  readonly status: FinalStatus;
  readonly result: Json;
}

/** One action that was requested, and how it ended. */
export interface SimulatedAction extends SimulatedOutcome {
  readonly task: string;
  readonly route: number | undefined;
  readonly item: number | undefined;
  /** It undoes what the task did. */
  readonly compensates?: true;
  readonly action: string;
  readonly parameters: JsonObject;
  /** Seconds. */
  readonly delay: number | undefined;
}

export interface Simulation {
  /** In the order in which they were requested. */
  readonly actions: readonly SimulatedAction[];
  /** Undefined: the workflow waits for something that no action's end brings. */
  readonly status: FinalStatus | undefined;
  readonly result: Json;
}

export interface SimulationOptions {
  readonly parameters: JsonObject;
  /** How the n-th run (from 0) of a task, or of one item of it, ends. */
  outcome(task: string, run: number, item: number | undefined): SimulatedOutcome;
  /** More actions than these are taken for a workflow without end. Default 10,000. */
  readonly most?: number;
}

/**
 * Conducts a workflow without running anything: actions end as the options say, in the order in which they were requested. Keys
 * of the datastore are not there. Throws `PetrelError` (`invalid`) for a workflow without end.
 */
export function simulate<State>(
  conductor: Conductor<State>,
  definition: JsonObject,
  { parameters, outcome, most = 10_000 }: SimulationOptions,
): Simulation {
  const results = new Map<Id, Json>();
  const environment = {
    actionRef: 'simulated.workflow',
    executionId: 'simulated',
    config: {},
    actionParameters: () => ({}),
    key: () => undefined,
    decrypt: (ciphertext: string) => ciphertext,
    result: (id: Id) => results.get(id) ?? null,
    times: () => ({ createdAt: 0, updatedAt: 0 }),
    newId: () => `simulated-${ids++}`,
  };
  let ids = 0;
  let state = conductor.initial();
  const waiting: TaskRequest[] = [];
  const step = (input: WorkflowInput) => {
    const decision = conductor.decide(state, input, environment);
    for (const event of decision.events) state = conductor.fold(state, event);
    waiting.push(...decision.requests);
    return decision.end;
  };
  const runs = new Map<string, number>();
  const actions: SimulatedAction[] = [];
  let end = step({ type: 'start', definition, parameters, context: {} });
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (actions.length >= most) {
      throw new PetrelError('invalid', `The workflow does not come to an end: ${most} actions were requested.`);
    }
    const { task, executionId, actionRef: action, parameters: given, delay } = next;
    const place = placeOf(next);
    const { item } = place;
    const counter = `${task} ${item ?? ''}`;
    const run = runs.get(counter) ?? 0;
    runs.set(counter, run + 1);
    const { status, result } = outcome(task, run, item);
    const seconds = delay === undefined ? undefined : delay / 1000;
    actions.push({ task, ...place, action, parameters: given, delay: seconds, status, result });
    results.set(executionId, result);
    if (end === undefined) end = step({ type: 'ended', task, executionId, status });
  }
  return { actions, status: end?.status, result: end?.result ?? null };
}

function placeOf({ context, compensates }: TaskRequest): Pick<SimulatedAction, 'route' | 'item' | 'compensates'> {
  // As the conductor writes it; an action-chain has no such places.
  const { task_route: route, item_id: item } = (context.orquesta ?? {}) as { task_route?: number; item_id?: number };
  return { route, item, ...(compensates && { compensates }) };
}

/**
 * Outcomes as a file writes them: task to a list of `{status, result}`, one for each run; for a task with items also
 * `{items: {<index>: [...]}}`. A task's compensation is one more run of it. What is not said succeeds with null. Throws `PetrelError` (`invalid`).
 */
export function scriptedOutcomes(script: Json): SimulationOptions['outcome'] {
  const tasks = objectOf(script, 'The outcomes');
  return (task, run, item) => {
    const scripted = tasks[task];
    const list = Array.isArray(scripted) ? scripted : itemList(task, scripted, item);
    const entry = list?.[run];
    if (entry === undefined) return { status: 'succeeded', result: null };
    const { status = 'succeeded', result = null } = objectOf(entry, `Outcome ${run + 1} of "${task}"`);
    if (typeof status === 'string' && isFinal(status as FinalStatus)) return { status: status as FinalStatus, result };
    throw new PetrelError(
      'invalid',
      `Outcome ${run + 1} of "${task}" has the status ${JSON.stringify(status)}; write succeeded, failed, timeout, abandoned or canceled.`,
    );
  };
}

function itemList(task: string, scripted: Json | undefined, item: number | undefined): readonly Json[] | undefined {
  if (scripted === undefined) return undefined;
  const items = objectOf(objectOf(scripted, `The outcomes of "${task}"`).items ?? {}, `The items of "${task}"`);
  const list = items[String(item)];
  return Array.isArray(list) ? list : undefined;
}

function objectOf(value: Json, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new PetrelError('invalid', `${what} must be a mapping.`);
}
