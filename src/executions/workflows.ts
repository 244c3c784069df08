import { readFile } from 'node:fs/promises';
import { openValues, sealValues } from '../datastore/index.ts';
import type { Execution, Id, JournalEntry, Json, JsonObject, OutputLine } from '../model/index.ts';
import { newId, PetrelError, putRecent } from '../model/index.ts';
import type { StepFunction } from '../runners/index.ts';
import type { Operations } from '../store/index.ts';
import type { AnyConductor, Decision, WorkflowInput } from '../workflows/index.ts';
import { childOf } from './child-of.ts';
import type { Effects } from './effects.ts';
import { findAction, type Preparation } from './prepare.ts';
import { continuationOf } from './rerunning.ts';
import { sealResult } from './secret-outputs.ts';
import { environment, finalParameters } from './workflow-environment.ts';

/** What a workflow decided at its end. */
export type WorkflowEnd = NonNullable<Decision['end']>;

/** What a step came to, besides the effects. */
export interface Turn extends Pick<Decision, 'end' | 'pause' | 'goesOn'> {
  /** Paused children that are to be resumed. */
  readonly resumes: readonly Id[];
  /** Children that are to be canceled. */
  readonly cancels?: readonly Id[];
}

export interface WorkflowSteps {
  has(runnerType: string): boolean;
  /**
   * Takes the first step: by the definition, or where another execution ended, when the workflow is a re-run of its tasks. Throws
   * `PetrelError` when that cannot be done.
   */
  start(workflow: Execution, preparation: Preparation, effects: Effects): Promise<Turn>;
  /**
   * Feeds inputs, one after the other, and gathers in `effects` what is to be written. The caller holds the workflow's lock until
   * the effects are committed or dropped.
   */
  step(
    workflow: Execution,
    inputs: readonly WorkflowInput[],
    preparation: Preparation,
    effects: Effects,
  ): Promise<Turn>;
  /** The function that an execution of `core.step` stands for. Throws `PetrelError` (`invalid`) when no workflow awaits it. */
  stepFunction(id: Id, prepare: () => Preparation): Promise<StepFunction>;
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
  conductors: ReadonlyMap<string, AnyConductor>;
  now: () => number;
  /** Other nodes conduct the same workflows: what is in memory is held against the journal before it is used. Default false. */
  shared?: boolean;
}): WorkflowSteps {
  const { store, conductors, now, shared = false } = options;
  const live = new Map<Id, Live>();
  const tails = new Map<Id, Promise<unknown>>();

  const forget = (workflow: Id) => {
    live.delete(workflow);
    for (const conductor of conductors.values()) conductor.forget?.(workflow);
  };

  const load = async (conductor: AnyConductor, workflow: Execution, preparation: Preparation): Promise<Live> => {
    const known = live.get(workflow.id);
    if (known !== undefined && !shared) return known;
    const before = known ?? { state: conductor.initial(), nextSequence: 0 };
    const missed = await store.readJournal(workflow.id, before.nextSequence);
    if (missed.length === 0) return before;
    forget(workflow.id);
    return folded(conductor, before, missed, preparation);
  };

  const findStep = async (child: Execution, preparation: Preparation): Promise<StepFunction | undefined> => {
    const workflow = child.parentId === undefined ? undefined : await store.getExecution(child.parentId);
    const conductor = workflow && conductors.get(workflow.runnerType);
    if (workflow === undefined || conductor?.stepFunction === undefined) return undefined;
    const loaded = await load(conductor, workflow, preparation);
    putRecent(live, workflow.id, loaded, MAX_LIVE);
    return await preparation.inputs.evaluate(() =>
      conductor.stepFunction?.(loaded.state, child.id, environment(workflow, preparation, newId)),
    );
  };

  const turn = async (
    before: Live,
    workflow: Execution,
    inputs: readonly WorkflowInput[],
    preparation: Preparation,
    effects: Effects,
  ): Promise<Turn> => {
    const conductor = conductorOf(conductors, workflow);
    const step = await take(conductor, before, workflow, inputs, preparation, now());
    const { journal, children, output, live: after, ...taken } = step;
    effects.journal.push(...journal);
    effects.inserts.push(...children);
    if (output.length > 0) effects.also.push((tx) => tx.appendOutput(output));
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
        const source = folded(conductor, { state: conductor.initial(), nextSequence: 0 }, journal, preparation);
        return await turn(source, workflow, inputs, preparation, effects);
      }
      const action = await preparation.inputs.evaluate(() => findAction(preparation, workflow.actionRef));
      const definition = conductor.parse(await readFile(action.entryPath, 'utf8'), action.entryPath);
      const parameters = await preparation.inputs.evaluate(() => finalParameters(preparation, workflow));
      return await steps.step(
        workflow,
        [
          {
            type: 'start',
            definition,
            parameters,
            context: workflow.context,
            ...(workflow.notify && { notify: workflow.notify }),
          },
        ],
        preparation,
        effects,
      );
    },

    async step(workflow, inputs, preparation, effects) {
      const conductor = conductorOf(conductors, workflow);
      const before = await load(conductor, workflow, preparation);
      // It was canceled before its first step: its conductor knows nothing of it.
      if (before.nextSequence === 0 && inputs.some(({ type }) => type === 'cancel'))
        return { end: { status: 'canceled', result: null }, resumes: [] };
      return await turn(before, workflow, inputs, preparation, effects);
    },

    async stepFunction(id, prepare) {
      const child = await store.getExecution(id);
      const workflow = child?.parentId ?? id;
      const found = child && (await steps.locked(workflow, () => findStep(child, prepare())));
      if (found !== undefined) return found;
      throw new PetrelError(
        'invalid',
        `Execution ${id} is no step that a workflow waits for. Steps are requested by workflows in TypeScript, and by nobody else.`,
      );
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

    forget,
  };
  return steps;
}

function folded(
  conductor: AnyConductor,
  before: Live,
  journal: readonly JournalEntry[],
  preparation: Preparation,
): Live {
  let { state, nextSequence } = before;
  for (const { event } of journal) {
    state = conductor.fold(state, openEvent(event, preparation));
    nextSequence += 1;
  }
  return { state, nextSequence };
}

interface Taken extends Turn {
  readonly live: Live;
  readonly journal: Effects['journal'];
  readonly children: Execution[];
  readonly output: readonly OutputLine[];
}

/** Decides until nothing is left to decide: a child that cannot be created is an input of its own. */
async function take(
  conductor: AnyConductor,
  before: Live,
  workflow: Execution,
  given: readonly WorkflowInput[],
  preparation: Preparation,
  timestamp: number,
): Promise<Taken> {
  let { state, nextSequence } = before;
  const journal: Effects['journal'] = [];
  const children = new Map<Id, Execution>();
  const cancels: Id[] = [];
  const output: OutputLine[] = [];
  const inputs: WorkflowInput[] = [...given];
  const resumes: Id[] = [];
  const { outputSchema } = preparation.registry.actions.get(workflow.actionRef) ?? {};
  const described = { outputKey: conductor.outputKey, ...(outputSchema && { outputSchema }) };
  const sealed = (result: Json) => sealResult(result, described, preparation);
  let end: WorkflowEnd | undefined;
  let goesOn = false;
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
      if (typeof child === 'string')
        inputs.push({ type: 'refused', task: request.task, executionId: request.executionId, error: child });
      else children.set(child.id, child);
    }
    // One that was requested a moment ago is not requested at all.
    cancels.push(...(decision.cancels ?? []).filter((id) => !children.delete(id)));
    output.push(...linesOf(workflow, decision, preparation, timestamp));
    resumes.push(...(decision.resumes ?? []));
    // A re-run takes an end back; after any other input an end stays one.
    end = current.type === 'rerun' ? decision.end : (decision.end ?? end);
    goesOn ||= decision.goesOn === true;
    last = decision;
  }
  return {
    live: { state, nextSequence },
    journal,
    children: [...children.values()],
    output,
    resumes,
    ...(cancels.length > 0 && { cancels }),
    ...(end && { end: { status: end.status, result: sealed(end.result) } }),
    ...(last?.pause && { pause: { result: sealed(last.pause.result) } }),
    ...(goesOn && !last?.pause && { goesOn: true }),
  };
}

function linesOf(
  { id: executionId }: Execution,
  { output }: Decision,
  { masker }: Preparation,
  timestamp: number,
): OutputLine[] {
  const { sequence = 0, lines = [] } = output ?? {};
  return lines.map((line, index) => {
    const data = masker.mask(line);
    return { executionId, sequence: sequence + index, stream: 'stderr', timestamp, data };
  });
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

function openEvent(event: JsonObject, { cipher, masker }: Preparation): JsonObject {
  return openValues(event, cipher, masker);
}

function conductorOf(conductors: ReadonlyMap<string, AnyConductor>, workflow: Execution): AnyConductor {
  const conductor = conductors.get(workflow.runnerType);
  if (conductor === undefined)
    throw new PetrelError('internal', `No conductor for "${workflow.runnerType}" (execution ${workflow.id}).`);
  return conductor;
}
