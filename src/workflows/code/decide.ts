import { type Id, PetrelError } from '../../model/index.ts';
import type { StepFunction } from '../../runners/index.ts';
import type { Decision, WorkflowEnvironment, WorkflowInput } from '../conductor.ts';
import { answerOf } from './answers.ts';
import { retryDelay } from './calls.ts';
import { Draft } from './draft.ts';
import { failedResult, storedOutput } from './result.ts';
import { failureOf } from './run.ts';
import type { LiveRun, Runs } from './runs.ts';
import type { CodeState, Outcome } from './state.ts';
import { goOnUndoing, rollBack, rollbackSoFar, undone } from './undo.ts';

export interface Deciding {
  readonly environment: WorkflowEnvironment;
  readonly runs: Runs;
  now(): number;
}

const NOTHING: Decision = { events: [], requests: [] };

/** Everything that may happen to a workflow in TypeScript, and what it does then. */
export async function decide(state: CodeState, input: WorkflowInput, deciding: Deciding): Promise<Decision> {
  const decision = await orMismatch(state, input, deciding, () => decided(state, input, deciding));
  if (decision.end !== undefined) deciding.runs.drop(deciding.environment.executionId);
  return decision;
}

async function decided(state: CodeState, input: WorkflowInput, deciding: Deciding): Promise<Decision> {
  if (input.type === 'rerun') {
    throw new PetrelError(
      'invalid',
      `Tasks can be run again in Orquesta workflows only; run ${deciding.environment.actionRef} again as a whole: leave \`tasks\` out.`,
    );
  }
  if (input.type === 'start') return state.phase === 'new' ? await start(state, input, deciding) : NOTHING;
  if (state.phase === 'finished' || state.phase === 'new') return NOTHING;
  switch (input.type) {
    case 'ended':
    case 'refused':
      return await ended(state, input, deciding);
    case 'stopped':
    case 'resumed':
      return stopped(state, input, deciding);
    case 'cancel':
      return cancel(state, deciding);
    case 'pause':
      return pause(state, deciding);
    case 'resume':
      return await resume(state, deciding);
  }
}

/** Code that does not do again what it did is no code to go on with: the workflow fails, and nothing is rolled back. */
async function orMismatch(
  state: CodeState,
  input: WorkflowInput,
  deciding: Deciding,
  work: () => Promise<Decision>,
): Promise<Decision> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PetrelError) || error.details.position === undefined) throw error;
    const draft = new Draft(state, deciding.environment);
    const ended = input.type === 'ended' ? input.executionId : undefined;
    for (const id of state.pending.keys()) if (id !== ended) draft.abandon(id);
    const failure = failureOf(error);
    return draft.end('failed', failedResult(failure, rollbackSoFar(state)), failure.error);
  }
}

async function start(
  state: CodeState,
  { parameters, context }: WorkflowInput & { type: 'start' },
  deciding: Deciding,
): Promise<Decision> {
  const { environment, runs } = deciding;
  const { config } = environment;
  const startedAt = deciding.now();
  const loaded = await runs.load(environment.actionRef);
  const live = await runs.create(loaded, state, { parameters, context, config, startedAt }, environment);
  const draft = new Draft(state, environment);
  const { file, fingerprint } = loaded;
  const definition = { file, fingerprint };
  draft.write({ type: 'started', version: 1, definition, parameters, context, config, at: startedAt });
  await live.run.begin();
  draft.collect(live.run);
  return await conclude(draft, state, live, deciding);
}

/** A child has ended, or was never created. */
async function ended(
  state: CodeState,
  input: WorkflowInput & { type: 'ended' | 'refused' },
  deciding: Deciding,
): Promise<Decision> {
  const { environment, runs } = deciding;
  const id = input.executionId ?? '';
  if (state.undoing?.current?.executionId === id) {
    return await undone(state, state.undoing, input, deciding);
  }
  const pending = state.pending.get(id);
  if (pending === undefined) return NOTHING;
  const { call, task, tries } = pending;
  const end =
    input.type === 'ended'
      ? { status: input.status, at: environment.times(id).updatedAt }
      : ({ status: 'failed', at: deciding.now(), refusal: input.error } as const);
  const outcome: Outcome = { call, task, tries, executionId: id, ...end };
  const draft = new Draft(state, environment);
  if (state.wish !== undefined) {
    draft.write(eventOf(outcome, true));
    return settled(draft, state, id);
  }
  const answer = answerOf(outcome, state.calls[call], environment);
  const live = await runs.of(state, environment);
  if (retried(draft, outcome, live, environment)) return draft.decision();
  draft.write(eventOf(outcome, false));
  draft.delivered.push(outcome);
  await live.run.deliver(call, answer, outcome.at);
  draft.collect(live.run);
  return await conclude(draft, state, live, deciding);
}

function eventOf({ task, executionId, at, ...outcome }: Outcome, held: boolean) {
  const what = { task, execution_id: executionId, at, ...(held && { held: true as const }) };
  return outcome.refusal === undefined
    ? ({ type: 'ended', status: outcome.status, ...what } as const)
    : ({ type: 'refused', error: outcome.refusal, ...what } as const);
}

/** Requests the call once more, if it has tries left. The code is not told of those that failed. */
function retried(
  draft: Draft,
  { call: number, task, executionId, status, tries, refusal }: Outcome,
  { run }: LiveRun,
  environment: WorkflowEnvironment,
): boolean {
  const call = run.calls[number];
  const mayPass = status !== 'succeeded' && status !== 'canceled' && refusal === undefined;
  const delay = mayPass ? retryDelay(call?.retry, tries + 1) : undefined;
  if (call === undefined || delay === undefined) return false;
  const next = environment.newId();
  draft.write({ type: 'retried', task, execution_id: executionId, status, next, tries: tries + 1, delay });
  draft.requestAgain(number, next, call, delay);
  return true;
}

/** What follows when the code has been told: it goes on, or has come to its end. */
async function conclude(draft: Draft, state: CodeState, live: LiveRun, deciding: Deciding): Promise<Decision> {
  const { run, definition } = live;
  const { actionRef } = deciding.environment;
  const fail = (error: unknown) => rollBack(draft, state, live, failureOf(error), deciding);
  if (run.stray !== undefined) return fail(new PetrelError('invalid', run.stray));
  if (run.end === undefined) {
    if (run.open.size > 0) return draft.decision();
    const what = `The code of ${actionRef} awaits something that is no step, so nothing would ever wake it: a timer, a request, a promise of its own. Do that inside a step.`;
    return fail(new PetrelError('invalid', what));
  }
  if ('error' in run.end) return fail(run.end.error);
  try {
    const result = await storedOutput(definition, run.end.value, actionRef);
    for (const number of run.open) draft.cancel(number, run);
    return draft.end('succeeded', { result });
  } catch (error) {
    return fail(error);
  }
}

function stopped(
  state: CodeState,
  { type, executionId, ...input }: WorkflowInput & { type: 'stopped' | 'resumed' },
  { environment }: Deciding,
): Decision {
  const child = state.pending.get(executionId) ?? state.undoing?.current;
  if (!state.pending.has(executionId) && state.undoing?.current?.executionId !== executionId) return NOTHING;
  const draft = new Draft(state, environment);
  const what = { task: child?.task ?? '', execution_id: executionId };
  if ('status' in input) draft.write({ type: 'stopped', ...what, status: input.status });
  else draft.write({ type: 'continued', ...what });
  return type === 'stopped' ? settled(draft, state, executionId) : draft.decision();
}

/** A workflow that is to stand still does so once nothing runs any more; `except` has just come to its end. */
function settled(draft: Draft, state: CodeState, except?: Id): Decision {
  const { wish, pending, undoing } = state;
  const others = [...pending].filter(([id]) => id !== except);
  const isUndoing = undoing?.current !== undefined && undoing.current.executionId !== except;
  if (wish === 'cancel') return others.length === 0 && !isUndoing ? canceled(draft, state) : draft.decision();
  if (wish !== 'pause' || state.paused) return draft.decision();
  // A sleep may take days, and what waits for somebody as well: their ends are held when they come.
  const runs = others.some(([, child]) => child.kind !== 'sleep' && child.stopped === undefined);
  const undoes = isUndoing && undoing?.current?.stopped === undefined;
  return runs || undoes ? draft.decision() : draft.pause();
}

function canceled(draft: Draft, state: CodeState): Decision {
  const { undoing } = state;
  if (undoing === undefined) return draft.end('canceled', { result: null });
  return draft.end('canceled', failedResult(undoing, rollbackSoFar(state)), undoing.error);
}

function cancel(state: CodeState, { environment }: Deciding): Decision {
  const draft = new Draft(state, environment);
  if (state.wish !== 'cancel') draft.write({ type: 'asked', wish: 'cancel' });
  return settled(draft, { ...state, wish: 'cancel' });
}

function pause(state: CodeState, { environment }: Deciding): Decision {
  if (state.wish !== undefined) return NOTHING;
  const draft = new Draft(state, environment);
  draft.write({ type: 'asked', wish: 'pause' });
  return settled(draft, { ...state, wish: 'pause' });
}

/** What ended meanwhile is told to the code now, one after the other. */
async function resume(state: CodeState, deciding: Deciding): Promise<Decision> {
  const { environment, runs } = deciding;
  if (state.wish !== 'pause') return NOTHING;
  const answers = state.held.map((outcome) => answerOf(outcome, state.calls[outcome.call], environment));
  const draft = new Draft(state, environment);
  draft.write({ type: 'resumed', at: deciding.now() });
  const resumes = [...state.pending].filter(([, { stopped }]) => stopped === 'paused').map(([id]) => id);
  const live = await runs.of(state, environment);
  const decision = async (): Promise<Decision> => {
    if (state.undoing !== undefined) return goOnUndoing(draft, state.undoing, live, deciding);
    for (const [index, outcome] of state.held.entries()) {
      const answer = answers[index];
      // A race before it may have been decided against it.
      if (answer === undefined || !live.run.open.has(outcome.call)) continue;
      if (retried(draft, outcome, live, environment)) continue;
      draft.write({ type: 'delivered', task: outcome.task, execution_id: outcome.executionId });
      draft.delivered.push(outcome);
      await live.run.deliver(outcome.call, answer, outcome.at);
      draft.collect(live.run);
      if (live.run.end !== undefined) break;
    }
    return await conclude(draft, state, live, deciding);
  };
  const next = await decision();
  return { ...next, ...(next.end === undefined && { resumes, goesOn: true as const }) };
}

/** The function that a child stands for: the code is brought to where it asked for it. */
export async function stepFunction(
  state: CodeState,
  child: Id,
  { environment, runs }: Deciding,
): Promise<StepFunction | undefined> {
  const undoing = state.undoing?.current?.executionId === child ? state.undoing : undefined;
  const pending = state.pending.get(child);
  if (undoing === undefined && pending === undefined) return undefined;
  const { run } = await runs.of(state, environment);
  const number = undoing?.calls[undoing.next] ?? -1;
  const step =
    pending === undefined ? run.calls[number]?.undo?.step?.(run.resultOf(number)) : run.calls[pending.call]?.step;
  // The execution is one of `core.step`; what a step is handed is the configuration of the workflow's own pack.
  return step && { ...step, run: (context) => step.run({ ...context, config: structuredClone(state.config) }) };
}
