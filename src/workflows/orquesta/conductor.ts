import { createHash } from 'node:crypto';
import { createEvaluator, type Evaluator, toJson } from '../../expressions/index.ts';
import { isJsonObject, type Json, type JsonObject, PetrelError, putRecent } from '../../model/index.ts';
import type { Conductor, Decision, WorkflowEnvironment, WorkflowInput } from '../conductor.ts';
import { recordingReads, referencesInto } from '../references.ts';
import { definitionOf } from './definition.ts';
import { flattened, KNOWN_VARIABLES } from './flattened.ts';
import { graphOf } from './graph.ts';
import { history } from './history.ts';
import { hostOf } from './host.ts';
import { type Call, callsIn, type Inspection, inspectContents, inspectDefinition } from './inspect/index.ts';
import { decode, encode } from './journal.ts';
import { fold, type LiveWorkflow, newWorkflow, type OrquestaEvent } from './live.ts';
import { loadDefinition } from './load.ts';
import { unknownTasks } from './notify.ts';
import { rollback } from './rollback.ts';
import type { Run } from './run.ts';
import { Step } from './step.ts';

/** StackStorm's Orquesta: a graph of tasks, conducted by events. `clock` serves YAQL's `now()` and `random()` in expressions. */
export function createOrquesta(clock: {
  readonly now: () => number;
  readonly random: () => number;
}): Conductor<LiveWorkflow> {
  const evaluator = createEvaluator(clock);
  const inspected = remembering((definition) => inspect(decode(definition), evaluator));
  return {
    runnerType: 'orquesta',
    description: 'Runs a workflow of tasks: in parallel, in turn, by condition.',
    parameters: {
      notify: {
        type: 'array',
        description: "Names of tasks whose ends are notified as the workflow's own.",
        default: [],
      },
    },
    outputKey: 'output',
    parse(text, path) {
      const definition = encode(loadDefinition(text, path).written);
      if (isJsonObject(definition)) return definition;
      throw new PetrelError('invalid', `${path}: a workflow definition is a mapping.`);
    },
    initial: newWorkflow,
    // The journal of a workflow holds what `decide` wrote and nothing else.
    fold: (workflow, event) => fold(workflow, event as unknown as OrquestaEvent),
    history: (events) => history(events as readonly unknown[] as readonly OrquestaEvent[]),
    decide(workflow, input, environment) {
      const refused =
        input.type === 'start' ? (refusal(inspected(input.definition), environment) ?? unknownTasks(input)) : undefined;
      if (refused !== undefined) return { events: [], requests: [], end: { status: 'failed', result: refused } };
      return decide(workflow, input, environment, evaluator);
    },
  };
}

/** One step: the input is taken in, everything that follows from it is requested, and the state is left as it was. */
function decide(
  workflow: LiveWorkflow,
  input: WorkflowInput,
  given: WorkflowEnvironment,
  evaluator: Evaluator,
): Decision {
  const { environment, read } = recordingReads(given);
  const definition =
    workflow.definition ?? (input.type === 'start' ? definitionOf(decode(input.definition)) : undefined);
  if (definition === undefined) throw new Error('The workflow has not started.');
  const undoing = rollback(workflow.state);
  const language = {
    evaluator,
    host: hostOf(workflow, environment),
    reevaluateData: environment.config.reevaluate_data === true,
    result: environment.result,
  };
  const { state } = workflow;
  const run: Run = { definition, graph: graphOf(definition), language, state, changes: [], before: undoing.before };
  try {
    const step = new Step(workflow, run, environment);
    step.take(input);
    return step.decision(input, referencesInto(read));
  } finally {
    undoing.undo();
  }
}

/** What inspection says of a definition alone. */
interface Inspected {
  readonly inspection: Inspection;
  readonly calls: readonly Call[];
}

/** Throws `PetrelError` as `inspectDefinition`. */
function inspect(raw: unknown, evaluator: Evaluator): Inspected {
  return { inspection: inspectDefinition(raw, { known: KNOWN_VARIABLES, evaluator }), calls: callsIn(raw) };
}

/** The result of a workflow that inspection finds something wrong with. */
function refusal({ inspection, calls }: Inspected, environment: WorkflowEnvironment): Json | undefined {
  const { inspectsActions = false, actionParameters } = environment;
  const findings = flattened(inspection, inspectsActions ? inspectContents(calls, actionParameters) : []);
  if (findings.length === 0) return undefined;
  return { errors: findings.map((finding) => toJson({ ...finding })), output: null };
}

/** Definitions whose inspection is remembered: it is half of the 15 ms that conducting a chain of 100 tasks takes the first time. */
const MOST_REMEMBERED = 500;

/** Works out once what depends on a definition alone; of those not asked for lately it forgets. */
function remembering<T>(work: (definition: JsonObject) => T): (definition: JsonObject) => T {
  const known = new Map<string, { readonly answer: T }>();
  return (definition) => {
    const key = createHash('sha256').update(JSON.stringify(definition)).digest('base64');
    const found = known.get(key) ?? { answer: work(definition) };
    putRecent(known, key, found, MOST_REMEMBERED);
    return found.answer;
  };
}
