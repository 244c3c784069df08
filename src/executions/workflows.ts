import { readFile } from 'node:fs/promises';
import { openParameters, openValues, sealValues } from '../datastore/index.ts';
import type { Action, Execution, Id, JournalEntry, Json, JsonObject, ParameterSchemas } from '../model/index.ts';
import { newId, PetrelError, putRecent } from '../model/index.ts';
import type { Operations } from '../store/index.ts';
import type { Conductor, Decision, TaskRequest, WorkflowEnvironment, WorkflowInput } from '../workflows/index.ts';
import type { Effects } from './effects.ts';
import { mergeSchemas, renderFinal } from './parameters/index.ts';
import { findAction, type Preparation, packConfig, prepareExecution, runnerParametersOf } from './prepare.ts';
import { continuationOf } from './rerunning.ts';

/** What a workflow decided at its end. */
export type WorkflowEnd = NonNullable<Decision['end']>;

/** What a step came to, besides the effects. */
export interface Turn extends Pick<Decision, 'end' | 'pause' | 'goesOn'> {
  /** Paused children that are to be resumed. */
  readonly resumes: readonly Id[];
}

export interface WorkflowSteps {
  has(runnerType: string): boolean;
  /**
   * Takes the first step: by the definition, or where another execution ended, when the workflow is a re-run of its tasks. Throws
   * `PetrelError` when that cannot be done.
   */
  start(workflow: Execution, preparation: Preparation, effects: Effects): Promise<Turn>;
  /**
   * Feeds one input and gathers in `effects` what is to be written. The caller holds the workflow's lock until the effects are
   * committed or dropped.
   */
  step(workflow: Execution, input: WorkflowInput, preparation: Preparation, effects: Effects): Promise<Turn>;
  /** Runs one step of a workflow at a time. */
  locked<T>(workflow: Id, work: () => Promise<T>): Promise<T>;
  /** Drops the cached state: the next step folds the journal anew. */
  forget(workflow: Id): void;
}

interface Live {
  readonly state: unknown;
  readonly nextSequence: number;
}

/** States kept in memory; a workflow beyond that is folded from its journal again when its turn comes. */
const MAX_LIVE = 10_000;

/** The event-sourced host of the conductors: journal in, decisions out, children as executions. */
export function createWorkflowSteps(options: {
  store: Pick<Operations, 'readJournal' | 'getExecution' | 'listExecutions'>;
  conductors: ReadonlyMap<string, Conductor<unknown>>;
  now: () => number;
}): WorkflowSteps {
  const { store, conductors, now } = options;
  const live = new Map<Id, Live>();
  const tails = new Map<Id, Promise<unknown>>();

  const load = async (conductor: Conductor<unknown>, workflow: Execution, preparation: Preparation): Promise<Live> =>
    live.get(workflow.id) ?? rebuilt(conductor, await store.readJournal(workflow.id), preparation);

  const turn = async (
    before: Live,
    workflow: Execution,
    inputs: readonly WorkflowInput[],
    preparation: Preparation,
    effects: Effects,
  ): Promise<Turn> => {
    const conductor = conductorOf(conductors, workflow);
    const step = await take(conductor, before, workflow, inputs, preparation, now());
    const { journal, children, live: after, ...taken } = step;
    effects.journal.push(...journal);
    effects.inserts.push(...children);
    effects.committed.push(() =>
      taken.end ? live.delete(workflow.id) : putRecent(live, workflow.id, after, MAX_LIVE),
    );
    return taken;
  };

  const steps: WorkflowSteps = {
    has: (runnerType) => conductors.has(runnerType),

    async start(workflow, preparation, effects) {
      const conductor = conductorOf(conductors, workflow);
      const continuation = await continuationOf(store, workflow);
      if (continuation !== undefined) {
        const { journal, inputs } = continuation;
        for (const entry of journal) effects.journal.push({ ...entry, executionId: workflow.id });
        return await turn(rebuilt(conductor, journal, preparation), workflow, inputs, preparation, effects);
      }
      const action = await preparation.inputs.evaluate(() => findAction(preparation, workflow.actionRef));
      const definition = conductor.parse(await readFile(action.entryPath, 'utf8'), action.entryPath);
      const parameters = await preparation.inputs.evaluate(() => finalParameters(preparation, workflow));
      return await steps.step(
        workflow,
        { type: 'start', definition, parameters, context: workflow.context },
        preparation,
        effects,
      );
    },

    async step(workflow, input, preparation, effects) {
      const conductor = conductorOf(conductors, workflow);
      const before = await load(conductor, workflow, preparation);
      // It was canceled before its first step: its conductor knows nothing of it.
      if (before.nextSequence === 0 && input.type === 'cancel')
        return { end: { status: 'canceled', result: null }, resumes: [] };
      return await turn(before, workflow, [input], preparation, effects);
    },

    async locked(workflow, work) {
      const before = tails.get(workflow) ?? Promise.resolve();
      const turn = before.then(work, work);
      const tail = turn.catch(() => undefined);
      tails.set(workflow, tail);
      try {
        return await turn;
      } finally {
        if (tails.get(workflow) === tail) tails.delete(workflow);
      }
    },

    forget: (workflow) => {
      live.delete(workflow);
    },
  };
  return steps;
}

function rebuilt(conductor: Conductor<unknown>, journal: readonly JournalEntry[], preparation: Preparation): Live {
  let state = conductor.initial();
  for (const { event } of journal) state = conductor.fold(state, openEvent(event, preparation));
  return { state, nextSequence: journal.length };
}

interface Taken extends Turn {
  readonly live: Live;
  readonly journal: Effects['journal'];
  readonly children: Execution[];
}

/** Decides until nothing is left to decide: a child that cannot be created is an input of its own. */
async function take(
  conductor: Conductor<unknown>,
  before: Live,
  workflow: Execution,
  given: readonly WorkflowInput[],
  preparation: Preparation,
  timestamp: number,
): Promise<Taken> {
  let { state, nextSequence } = before;
  const journal: Effects['journal'] = [];
  const children: Execution[] = [];
  const inputs: WorkflowInput[] = [...given];
  const resumes: Id[] = [];
  let end: WorkflowEnd | undefined;
  let last: Decision | undefined;
  for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
    const current = input;
    const ids: Id[] = [];
    const decision = await preparation.inputs.evaluate(() =>
      conductor.decide(state, current, environment(workflow, preparation, repeatableIds(ids))),
    );
    for (const event of decision.events) {
      state = conductor.fold(state, event);
      const stored = sealValues(event, preparation.cipher, preparation.masker);
      journal.push({ executionId: workflow.id, sequence: nextSequence++, timestamp, event: stored });
    }
    for (const request of decision.requests) {
      const child = await childOf(workflow, request, preparation);
      if (typeof child === 'string') inputs.push({ type: 'refused', task: request.task, error: child });
      else children.push(child);
    }
    resumes.push(...(decision.resumes ?? []));
    // A re-run takes an end back; after any other input an end stays one.
    end = current.type === 'rerun' ? decision.end : (decision.end ?? end);
    last = decision;
  }
  return {
    live: { state, nextSequence },
    journal,
    children,
    resumes,
    ...(end && { end }),
    ...(last?.pause && { pause: last.pause }),
    ...(last?.goesOn && { goesOn: true }),
  };
}

/** The child execution, or why it was refused. */
async function childOf(
  workflow: Execution,
  request: TaskRequest,
  preparation: Preparation,
): Promise<Execution | string> {
  const user = typeof workflow.context.user === 'string' ? workflow.context.user : '';
  try {
    return await preparation.inputs.evaluate(() =>
      prepareExecution(preparation, {
        id: request.executionId,
        actionRef: request.actionRef,
        parameters: request.parameters,
        literal: !reevaluatesData(workflow, preparation),
        user,
        context: { ...request.context, parent: parentContext(workflow) },
        parent: workflow,
        taskName: request.task,
        ...(request.delay !== undefined && { delay: request.delay }),
      }),
    );
  } catch (error) {
    if (error instanceof PetrelError) return error.message;
    throw error;
  }
}

/**
 * Whether the workflow's pack has `reevaluate_data: true` in its configuration: then what a task hands on is rendered once more
 * when the child is requested, as StackStorm does to all data (st2#5956).
 */
function reevaluatesData(workflow: Execution, { registry }: Preparation): boolean {
  const action = registry.actions.get(workflow.actionRef);
  return action !== undefined && registry.packs.get(action.pack)?.config.reevaluate_data === true;
}

/** `context.parent` of a child, as StackStorm has it; the grandparent's is kept inside. */
function parentContext(workflow: Execution): JsonObject {
  const { chain: _, ...context } = workflow.context;
  return { ...context, execution_id: workflow.id };
}

/** Ids that come out the same when the same decision is made again, after an input was loaded. */
function repeatableIds(ids: Id[]): () => Id {
  let index = 0;
  return () => {
    const id = ids[index] ?? newId();
    ids[index++] = id;
    return id;
  };
}

/** Undefined when there is none; whether there is one must be known to go on. */
function providedAction({ inputs }: Preparation, ref: string): Action | undefined {
  try {
    return inputs.action(ref);
  } catch (error) {
    if (error instanceof PetrelError && error.code === 'not_found') return undefined;
    throw error;
  }
}

function environment(workflow: Execution, preparation: Preparation, nextId: () => Id): WorkflowEnvironment {
  const { registry, inputs, cipher, masker } = preparation;
  const user = typeof workflow.context.user === 'string' ? workflow.context.user : '';
  const action = findAction(preparation, workflow.actionRef);
  return {
    actionRef: workflow.actionRef,
    executionId: workflow.id,
    config: packConfig(preparation, action.pack, user),
    inspectsActions: true,
    actionParameters(ref): ParameterSchemas | undefined {
      const target = registry.actions.get(ref) ?? providedAction(preparation, ref);
      return target && mergeSchemas(runnerParametersOf(preparation, target), target.parameters);
    },
    key: inputs.key,
    decrypt(ciphertext) {
      const plain = cipher.decrypt(ciphertext);
      masker.add(plain);
      return plain;
    },
    result: (id): Json => inputs.result(id),
    times(id) {
      const { createdAt, startedAt, endedAt } = inputs.execution(id);
      return { createdAt, updatedAt: endedAt ?? startedAt ?? createdAt };
    },
    newId: nextId,
  };
}

function finalParameters(preparation: Preparation, workflow: Execution): JsonObject {
  const action = findAction(preparation, workflow.actionRef);
  const user = typeof workflow.context.user === 'string' ? workflow.context.user : '';
  const schemas = runnerParametersOf(preparation, action);
  const { cipher, masker } = preparation;
  const { runnerParameters, actionParameters } = renderFinal({
    runnerParameters: schemas,
    actionParameters: action.parameters,
    values: openParameters(workflow.parameters, mergeSchemas(schemas, action.parameters), cipher, masker),
    variables: {},
    actionContext: workflow.context,
    config: () => packConfig(preparation, action.pack, user),
    jinja: preparation.jinja,
    key: preparation.inputs.key,
  });
  return { ...runnerParameters, ...actionParameters };
}

function openEvent(event: JsonObject, { cipher, masker }: Preparation): JsonObject {
  return openValues(event, cipher, masker);
}

function conductorOf(conductors: ReadonlyMap<string, Conductor<unknown>>, workflow: Execution): Conductor<unknown> {
  const conductor = conductors.get(workflow.runnerType);
  if (conductor === undefined)
    throw new PetrelError('internal', `No conductor for "${workflow.runnerType}" (execution ${workflow.id}).`);
  return conductor;
}
