import { castParameter } from '../../expressions/index.ts';
import { type FinalStatus, type Id, type Json, type JsonObject, messageOf, PetrelError } from '../../model/index.ts';
import type { Decision, TaskRequest, WorkflowEnvironment, WorkflowInput } from '../conductor.ts';
import { reasonOf } from '../reason.ts';
import { type Reference, type References, recordingReads, referencesInto } from '../references.ts';
import type { Templates } from '../templates.ts';
import { renderUndo, undosOf } from './compensation.ts';
import { type ChainTask, chainOf, findTask, parametersOf, startOf, taskDocument } from './definition.ts';
import { RenderFailure, renderValues } from './render.ts';
import { chainResult } from './result.ts';
import { type ChainEvent, type ChainState, type ChildStatus, type Entry, fold } from './state.ts';
import { chainVariables, publishVariables, taskVariables } from './variables.ts';

/** What one decision is made of: the state as it becomes, and what is to be written and done. */
interface Step {
  readonly state: ChainState;
  readonly events: readonly ChainEvent[];
  readonly requests: readonly TaskRequest[];
  readonly resumes?: readonly Id[];
  readonly outcome?: 'ended' | 'paused';
}

interface Conducting {
  readonly environment: WorkflowEnvironment;
  readonly templates: Templates;
  /** Into the results that were read on the way. */
  readonly references: References;
}

/** Everything that may happen to a chain, and what it does then (action-chain.md, sections 5 and 6). */
export function decide(
  state: ChainState,
  input: WorkflowInput,
  given: { readonly environment: WorkflowEnvironment; readonly templates: Templates },
): Decision {
  const { environment, read } = recordingReads(given.environment);
  const conducting = { environment, templates: given.templates, references: referencesInto(read) };
  const step = stepOf({ state, events: [], requests: [] }, input, conducting);
  return decisionOf(undoNext(step, conducting), conducting);
}

function stepOf(step: Step, input: WorkflowInput, conducting: Conducting): Step {
  const { phase, current } = step.state;
  if (phase === 'rolling back') return rollingBack(step, input, conducting);
  switch (input.type) {
    case 'start':
      return phase === 'new' ? start(step, input, conducting) : step;
    case 'ended':
    case 'stopped':
      if (phase === 'finished') return step;
      return current?.executionId === input.executionId
        ? record(step, current, input.status, conducting)
        : recordChange(step, input.executionId, input.status, conducting);
    case 'resumed':
      return continueWith(step, input.executionId);
    case 'refused':
      // A refusal of a task that is not awaited comes too late.
      return phase === 'running' && current?.task === input.task
        ? refuse(step, current, input.error, conducting)
        : step;
    case 'cancel':
      return cancel(step);
    case 'pause':
      return phase === 'running' ? write(step, { type: 'asked', wish: 'pause' }) : step;
    case 'resume':
      return resume(step, conducting);
    case 'rerun':
      throw new PetrelError(
        'invalid',
        'Tasks can be run again in Orquesta workflows only; run the action-chain again as a whole.',
      );
  }
}

function start(step: Step, input: WorkflowInput & { type: 'start' }, conducting: Conducting): Step {
  const { display_published: displayPublished, skip_notify: skipNotify, ...parameters } = input.parameters;
  const started = {
    type: 'started',
    version: 1,
    definition: input.definition,
    parameters,
    context: input.context,
    ...(input.notify === undefined ? {} : { notify: input.notify }),
    display_published: displayPublished !== false,
    skip_notify: Array.isArray(skipNotify) ? skipNotify.filter((name) => typeof name === 'string') : [],
  } as const;
  const name = startOf(chainOf(input.definition));
  if (name === undefined) {
    const { actionRef } = conducting.environment;
    const bare = write(step, { ...started, vars: {} });
    return finish(bare, 'failed', `Failed to find default node in ${actionRef.slice(actionRef.indexOf('.') + 1)}.`);
  }
  const before = fold(step.state, { ...started, vars: {} });
  try {
    const context = once(() => chainVariables(before, conducting.environment, conducting.templates));
    const vars = renderValues(before.chain.vars, context, conducting.templates);
    return advance(write(step, { ...started, vars }), name, conducting);
  } catch (error) {
    if (!(error instanceof RenderFailure)) throw error;
    const failed = write(step, { ...started, vars: {} });
    return finish(failed, 'failed', `Failed initializing \`\`vars\`\` in chain.. ${error.reason}`);
  }
}

/** Requests the next task. */
function advance(step: Step, name: string, conducting: Conducting): Step {
  const { environment } = conducting;
  const task = findTask(step.state.chain, name);
  if (task === undefined) return finish(step, 'failed', `Unable to find node with name "${name}".`);
  const ref = task.ref ?? 'None';
  const schemas = environment.actionParameters(ref);
  if (schemas === undefined) {
    const why = `Action with reference "${ref}" doesn't exist.. Task :: ${name} - Action with ref ${ref} not registered.`;
    return finish(step, 'failed', `Failed to run task "${name}". ${why}`);
  }
  let rendered: JsonObject;
  try {
    const context = once(() => taskVariables(step.state, environment, conducting.templates));
    rendered = renderValues(parametersOf(task), context, conducting.templates);
  } catch (error) {
    if (!(error instanceof RenderFailure)) throw error;
    const why = `Failed rendering value for action parameter "${error.key}" in task "${name}" (template string=${error.source}): ${error.reason}`;
    return finish(
      step,
      'failed',
      error.isBroken ? why : `Failed to run task "${name}". Parameter rendering failed.. ${why}`,
    );
  }
  let parameters: JsonObject;
  try {
    const cast = Object.entries(rendered).map(([key, value = null]): [string, Json] => [
      key,
      castParameter(key, Object.hasOwn(schemas, key) ? schemas[key] : undefined, value),
    ]);
    parameters = Object.fromEntries(cast);
  } catch (error) {
    if (!(error instanceof PetrelError)) throw error;
    return finish(step, 'failed', messageOf(error));
  }
  const executionId = environment.newId();
  const notify = notifyOf(step.state, task);
  const request: TaskRequest = {
    task: name,
    executionId,
    actionRef: ref,
    parameters,
    context: { chain: taskDocument(task) },
    ...(notify === undefined ? {} : { notify }),
  };
  const requested = write(step, { type: 'requested', task: name, execution_id: executionId });
  return { ...requested, requests: [...step.requests, request] };
}

function notifyOf(state: ChainState, task: ChainTask): JsonObject | undefined {
  if (task.name !== null && state.skipNotify.includes(task.name)) return {};
  return task.notify ?? state.notify;
}

/** The awaited child has ended, or stopped until something happens to it. Variables are published whatever its status. */
function record(
  step: Step,
  { task, executionId, answered }: NonNullable<ChainState['current']>,
  status: ChildStatus,
  conducting: Conducting,
): Step {
  const { state } = step;
  const entry: Entry = { task, executionId, status, ...(answered && { changed: true }) };
  const ended = { type: 'ended', task, execution_id: executionId, status } as const;
  try {
    const published = publishedBy(state, entry, conducting);
    return proceed(write(step, { ...ended, ...published }), entry, conducting);
  } catch (error) {
    if (!(error instanceof RenderFailure)) throw error;
    const recorded = write(step, { ...ended, published: {} });
    // A canceled child lacks what it would have published; that the chain is canceled says enough.
    if (state.wish === 'cancel') return proceed(recorded, entry, conducting);
    // Unlike StackStorm: what a child lacks that has not ended is published when it has.
    if (status === 'paused' || status === 'pending') return proceed(recorded, entry, conducting);
    return finish(recorded, 'failed', publishFailure(error, task));
  }
}

/** What a task publishes; large variables that stand in a result have their name alone. */
function publishedBy(
  state: ChainState,
  entry: Entry,
  conducting: Conducting,
): { readonly published: JsonObject; readonly references?: Readonly<Record<string, Reference>> } {
  const publish = findTask(state.chain, entry.task)?.publish ?? {};
  const context = once(() => publishVariables(state, entry, conducting.environment, conducting.templates));
  const published = renderValues(publish, context, conducting.templates);
  const references: Record<string, Reference> = {};
  for (const [name, value = null] of Object.entries(published)) {
    const reference = conducting.references.find(value);
    if (reference !== undefined) references[name] = reference;
  }
  const names = Object.keys(references);
  if (names.length === 0) return { published };
  return { published: { ...published, ...Object.fromEntries(names.map((name) => [name, null])) }, references };
}

function refuse(step: Step, current: { task: string; executionId: Id }, error: string, conducting: Conducting): Step {
  const { task, executionId } = current;
  const refused = write(step, { type: 'refused', task, execution_id: executionId, error });
  return proceed(refused, { task, executionId, status: 'failed', refusal: error }, conducting);
}

/** What follows a run of a task. What was asked of the chain meanwhile counts only once the next task is known to exist. */
function proceed(step: Step, entry: Entry, conducting: Conducting): Step {
  const { wish, chain } = step.state;
  const next = nextOf(chain, entry);
  if (next !== '' && findTask(chain, next) === undefined) {
    const why = `Failed to get next node "${entry.task}".. Unable to find node with name "${next}".`;
    return finish(step, 'failed', why);
  }
  if (wish === 'cancel') return finish(step, 'canceled');
  if (wish === 'pause' || entry.status === 'paused' || entry.status === 'pending') {
    return { ...write(step, { type: 'paused' }), outcome: 'paused' };
  }
  return next === '' ? finish(step, statusAfter(entry.status)) : advance(step, next, conducting);
}

function nextOf(chain: ChainState['chain'], { task, status }: Entry): string {
  const definition = findTask(chain, task);
  if (definition === undefined || status === 'canceled' || status === 'paused' || status === 'pending') return '';
  return status === 'succeeded' ? definition.on_success : definition.on_failure;
}

/** The chain's status is that of the last task that ran. */
function statusAfter(status: ChildStatus): FinalStatus {
  return status === 'succeeded' || status === 'timeout' || status === 'canceled' ? status : 'failed';
}

/** A child that had stopped ended while the chain was paused: it is seen when the chain is resumed. */
function recordChange(step: Step, executionId: Id, status: ChildStatus, conducting: Conducting): Step {
  const { state } = step;
  const last = state.entries.at(-1);
  if (state.phase !== 'paused' || last?.executionId !== executionId || last.status === status) return step;
  if (status === 'paused' || status === 'pending') return step;
  const changed = { type: 'changed', execution_id: executionId, status } as const;
  if (last.status !== 'pending') return write(step, changed);
  try {
    const published = publishedBy(state, { ...last, status, changed: true }, conducting);
    return write(step, { ...changed, ...published });
  } catch (error) {
    if (!(error instanceof RenderFailure)) throw error;
    return finish(write(step, changed), 'failed', publishFailure(error, last.task));
  }
}

function publishFailure({ key, source, reason }: RenderFailure, task: string): string {
  return `Failed rendering value for publish parameter "${key}" in task "${task}" (template string=${source}): ${reason}`;
}

/** A child that runs is left to end; the executions room cancels those that can be canceled. */
function cancel(step: Step): Step {
  const { phase, current } = step.state;
  if (phase === 'finished') return step;
  if (phase === 'running' && current !== undefined) {
    return step.state.wish === 'cancel' ? step : write(step, { type: 'asked', wish: 'cancel' });
  }
  return finish(step, 'canceled');
}

/** The child that the chain stopped for was resumed by itself. In StackStorm the chain stays paused until it is resumed as well. */
function continueWith(step: Step, executionId: Id): Step {
  const { phase, entries } = step.state;
  const last = entries.at(-1);
  const isAwaited = phase === 'paused' && last?.executionId === executionId && last.status === 'paused';
  return isAwaited ? write(step, { type: 'resumed', continues: executionId }) : step;
}

function resume(step: Step, conducting: Conducting): Step {
  const { phase, entries, chain, wish } = step.state;
  // Resumed before the pause came to pass.
  if (phase === 'running' && wish === 'pause') return write(step, { type: 'resumed' });
  if (phase !== 'paused') return step;
  const last = entries.at(-1);
  if (last === undefined) {
    const first = startOf(chain);
    const resumed = write(step, { type: 'resumed' });
    return first === undefined ? finish(resumed, 'succeeded') : advance(resumed, first, conducting);
  }
  if (last.status === 'paused') {
    return { ...write(step, { type: 'resumed', continues: last.executionId }), resumes: [last.executionId] };
  }
  // Not answered yet: the answer is awaited, and the chain goes on with it.
  if (last.status === 'pending') return write(step, { type: 'resumed', continues: last.executionId });
  // As StackStorm: what was a timeout counts as a failure after a resume.
  const status = last.status === 'timeout' ? 'failed' : last.status;
  const resumed = write(step, { type: 'resumed' });
  return nextOf(chain, last) === '' ? finish(resumed, statusAfter(status)) : proceed(resumed, last, conducting);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function write(step: Step, event: ChainEvent): Step {
  return { ...step, state: fold(step.state, event), events: [...step.events, event] };
}

/** What happens to a chain that is being undone. Neither is it paused meanwhile, nor is anything else of it awaited. */
function rollingBack(step: Step, input: WorkflowInput, { environment }: Conducting): Step {
  const { current } = step.state;
  if (input.type === 'cancel') return write(step, { type: 'asked', wish: 'cancel' });
  if (current === undefined) return step;
  if (input.type === 'refused') return write(step, { type: 'undone', error: input.error });
  if (input.type !== 'ended' || input.executionId !== current.executionId) return step;
  if (input.status === 'succeeded') return write(step, { type: 'undone' });
  return write(step, { type: 'undone', error: reasonOf(environment.result(input.executionId)) });
}

/** Requests the next compensation of a chain that is being undone; one that fails keeps none of the others from being tried. */
function undoNext(step: Step, conducting: Conducting): Step {
  const { environment, templates } = conducting;
  const { phase, rollback, current, wish } = step.state;
  if (phase !== 'rolling back' || rollback === undefined || current !== undefined) return step;
  const next = wish === 'cancel' ? undefined : rollback.steps[rollback.results.length];
  if (next === undefined) return finish(step, wish === 'cancel' ? 'canceled' : rollback.status, rollback.error);
  const undo = renderUndo(step.state, next, environment, templates);
  if ('why' in undo) {
    const undone = write(step, { type: 'undone', error: undo.why });
    return undoNext(undone, conducting);
  }
  const executionId = environment.newId();
  const context = { chain: { compensates: next.execution_id } };
  const request = { task: next.task, executionId, ...undo, context, compensates: true } as const;
  const requested = write(step, { type: 'requested', task: next.task, execution_id: executionId, undoes: true });
  return { ...requested, requests: [...step.requests, request] };
}

function finish(step: Step, status: FinalStatus, error?: string): Step {
  const isToBeUndone = step.state.rollback === undefined && (status === 'failed' || status === 'timeout');
  const steps = isToBeUndone ? undosOf(step.state) : [];
  if (steps.length > 0)
    return write(step, { type: 'rolls_back', status, ...(error !== undefined && { error }), steps });
  const finished = write(step, { type: 'finished', status, ...(error === undefined ? {} : { error }) });
  return { ...finished, outcome: 'ended' };
}

function decisionOf({ state, events, requests, resumes, outcome }: Step, { environment }: Conducting): Decision {
  const last = events.at(-1);
  return {
    // Events hold nothing but JSON; their types just say more precisely which.
    events: events as readonly JsonObject[],
    requests,
    ...(resumes === undefined ? {} : { resumes }),
    ...(outcome === 'ended' && last?.type === 'finished'
      ? { end: { status: last.status, result: chainResult(state, environment, last.error) } }
      : {}),
    ...(outcome === 'paused' ? { pause: { result: chainResult(state, environment) } } : {}),
    ...(outcome === undefined && events.some(({ type }) => type === 'resumed') ? { goesOn: true } : {}),
  };
}
