import { type Execution, type Id, isFinal, type JournalEntry, type JsonObject, PetrelError } from '../model/index.ts';
import type { Operations } from '../store/index.ts';
import type { WorkflowInput } from '../workflows/index.ts';
import { found, listAll, UNFINISHED } from './asking.ts';
import { noEffects } from './effects.ts';
import type { ExecutionRequest, Executions, RerunOptions } from './executions.ts';
import { type Draft, type Preparation, prepareExecution } from './prepare.ts';
import type { WorkflowSteps } from './workflows.ts';

type Reading = Pick<Operations, 'readJournal' | 'getExecution' | 'listExecutions'>;

export interface RerunningServices {
  readonly store: Reading;
  readonly workflows: Pick<WorkflowSteps, 'has' | 'start'>;
  readonly executions: Pick<Executions, 'request' | 'openParameters'>;
  prepare(): Preparation;
}

/**
 * Running again, as StackStorm: always a new execution, which says in `context.re-run` where it comes from. With tasks it is a
 * workflow that goes on where the old one ended: its journal begins with a copy of the old one's.
 */
export function createRerunning(services: RerunningServices): Executions['rerun'] {
  const { store, workflows, executions } = services;
  return async (id, options) => {
    const before = await found(store, id);
    const request = requestOf(before, options, executions.openParameters(before));
    if (request.tasks.length > 0) {
      if (!workflows.has(before.runnerType)) {
        throw new PetrelError(
          'invalid',
          `Execution ${id} (${before.actionRef}) is no Orquesta workflow: there are no tasks to run again. Leave \`tasks\` out to run it again as a whole.`,
        );
      }
      await rehearse(services, request.draft);
    }
    return await executions.request(request.draft);
  };
}

/** Takes the first step and drops what comes of it, so that what cannot be run again is refused at once. */
async function rehearse({ workflows, prepare }: RerunningServices, draft: Draft): Promise<void> {
  const preparation = prepare();
  const execution = await preparation.inputs.evaluate(() => prepareExecution(preparation, draft));
  await workflows.start(execution, preparation, noEffects());
}

function requestOf(
  before: Execution,
  { tasks = [], reset = [], parameters = {}, merge = true, delay, user, traceContext }: RerunOptions,
  given: JsonObject,
): { readonly tasks: readonly string[]; readonly draft: ExecutionRequest } {
  if (tasks.length > 0 && Object.keys(parameters).length > 0) {
    throw new PetrelError(
      'invalid',
      'Parameters cannot be changed when tasks of a workflow are run again; leave out either `parameters` or `tasks`.',
    );
  }
  const others = reset.filter((task) => !tasks.includes(task));
  if (others.length > 0) {
    throw new PetrelError(
      'invalid',
      `Tasks to reset must be among those to run again; add ${others.join(', ')} to \`tasks\`.`,
    );
  }
  const source = {
    ref: before.id,
    ...(tasks.length > 0 && { tasks: [...tasks] }),
    ...(reset.length > 0 && { reset: [...reset] }),
  };
  return {
    tasks,
    draft: {
      actionRef: before.actionRef,
      parameters: merge ? { ...given, ...parameters } : parameters,
      literal: true,
      user,
      context: {
        're-run': source,
        ...(traceContext && { trace_context: traceContext }),
      },
      ...(delay !== undefined && { delay }),
    },
  };
}

export interface Continuation {
  /** Of the execution that ended. */
  readonly journal: readonly JournalEntry[];
  readonly inputs: readonly WorkflowInput[];
}

/**
 * What a re-run of tasks begins with; undefined for an execution that begins at the beginning. Throws `PetrelError`: `not_found`,
 * `conflict` (it has not ended, or tasks of it still run), `invalid` (another action, a workflow that never began).
 */
export async function continuationOf(store: Reading, workflow: Execution): Promise<Continuation | undefined> {
  const asked = askedOf(workflow.context);
  if (asked === undefined) return undefined;
  const source = await found(store, asked.ref);
  if (source.actionRef !== workflow.actionRef) {
    throw new PetrelError('invalid', `Execution ${source.id} ran ${source.actionRef}, not ${workflow.actionRef}.`);
  }
  if (!isFinal(source.status)) {
    throw new PetrelError(
      'conflict',
      `Execution ${source.id} is ${source.status}: tasks can be run again when the workflow has ended.`,
    );
  }
  const running = (await listAll(store, { parentId: source.id, statuses: UNFINISHED })).filter(isTask);
  if (running.length > 0) {
    const names = [...new Set(running.map(({ taskName }) => taskName))].join(', ');
    throw new PetrelError(
      'conflict',
      `Execution ${source.id} is ${source.status}, but tasks of it still run (${names}); wait for their end, or cancel them.`,
    );
  }
  const journal = await store.readJournal(source.id);
  if (journal.length === 0) {
    const advice = 'leave `tasks` out to run it again as a whole';
    throw new PetrelError('invalid', `Execution ${source.id} ended before its first task; ${advice}.`);
  }
  const tasks = asked.tasks.map((task) => ({ task, ...(asked.reset.includes(task) && { resetItems: true }) }));
  return { journal, inputs: [...(await lateEnds(store, source)), { type: 'rerun', tasks }] };
}

/** Tasks that ended after their workflow had failed: nobody has told it. */
async function lateEnds(store: Reading, source: Execution): Promise<readonly WorkflowInput[]> {
  const ended = (await listAll(store, { parentId: source.id })).filter(isTask);
  const endOfSource = source.endedAt ?? 0;
  return ended
    .filter(({ endedAt = 0 }) => endedAt >= endOfSource)
    .sort((left, right) => (left.endedAt ?? 0) - (right.endedAt ?? 0))
    .flatMap(({ id, taskName = '', status }): readonly WorkflowInput[] =>
      isFinal(status) ? [{ type: 'ended', task: taskName, executionId: id, status }] : [],
    );
}

/** Clients put other executions below a workflow, too. */
function isTask({ taskName }: Execution): boolean {
  return taskName !== undefined;
}

interface AskedRerun {
  readonly ref: Id;
  readonly tasks: readonly string[];
  readonly reset: readonly string[];
}

function askedOf(context: JsonObject): AskedRerun | undefined {
  const { ref, tasks, reset } = (context['re-run'] ?? {}) as { ref?: unknown; tasks?: unknown; reset?: unknown };
  const names = textsOf(tasks);
  return typeof ref === 'string' && names.length > 0 ? { ref, tasks: names, reset: textsOf(reset) } : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
