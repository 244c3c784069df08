import type { JsonObject } from '../../model/index.ts';
import type { Decision, WorkflowInput } from '../conductor.ts';
import { reasonOf } from '../reason.ts';
import { rollbackResult } from '../rollback-result.ts';
import { retryDelay } from './calls.ts';
import type { Deciding } from './decide.ts';
import { Draft } from './draft.ts';
import { failedResult } from './result.ts';
import type { LiveRun } from './runs.ts';
import type { CodeState, Undoing } from './state.ts';

/** What a failed workflow undoes: the calls that succeeded and say how, the last to end first. It ends at once when there are none. */
export function rollBack(
  draft: Draft,
  state: CodeState,
  live: LiveRun,
  failure: Pick<Undoing, 'error' | 'traceback'>,
  deciding: Deciding,
): Decision {
  const { run } = live;
  for (const number of run.open) draft.cancel(number, run);
  const calls = [...state.delivered, ...draft.delivered]
    .filter(({ call, status }) => status === 'succeeded' && run.calls[call]?.undo !== undefined)
    .map(({ call }) => call)
    .reverse();
  if (calls.length === 0) return draft.end('failed', failedResult(failure), failure.error);
  draft.write({ type: 'failed', ...failure, undoes: calls });
  return undoNext(draft, { ...failure, calls, next: 0, current: undefined, results: [] }, live, deciding);
}

/** A call's undoing has ended, or could not be requested: it is tried again, or the next one is undone. */
export async function undone(
  state: CodeState,
  undoing: Undoing,
  input: WorkflowInput & { type: 'ended' | 'refused' },
  deciding: Deciding,
): Promise<Decision> {
  const { environment, runs } = deciding;
  const { current } = undoing;
  if (current === undefined) return { events: [], requests: [] };
  const status = input.type === 'ended' ? input.status : 'failed';
  const { task, executionId, tries } = current;
  const error =
    status === 'succeeded'
      ? undefined
      : input.type === 'refused'
        ? input.error
        : reasonOf(environment.result(executionId));
  const live = await runs.of(state, environment);
  const draft = new Draft(state, environment);
  const undo = live.run.calls[undoing.calls[undoing.next] ?? -1]?.undo;
  const mayPass = input.type === 'ended' && status !== 'succeeded' && status !== 'canceled' && state.wish !== 'cancel';
  const delay = mayPass ? retryDelay(undo?.retry, tries + 1) : undefined;
  if (undo !== undefined && delay !== undefined) {
    const next = environment.newId();
    draft.write({ type: 'retried', task, execution_id: executionId, status, next, tries: tries + 1, delay });
    draft.request(next, { ...undo, task }, 'rollback', delay);
    return draft.decision();
  }
  draft.write({ type: 'undone', task, execution_id: executionId, status, ...(error !== undefined && { error }) });
  const results = [...undoing.results, { task, ...(error !== undefined && { error }) }];
  const now = { ...undoing, next: undoing.next + 1, current: undefined, results };
  if (state.wish === 'pause') return state.paused ? draft.decision() : draft.pause();
  if (state.wish === 'cancel') {
    return draft.end('canceled', failedResult(now, rollbackSoFar({ ...state, undoing: now })), now.error);
  }
  return undoNext(draft, now, live, deciding);
}

/** After a pause. */
export function goOnUndoing(draft: Draft, undoing: Undoing, live: LiveRun, deciding: Deciding): Decision {
  return undoing.current === undefined ? undoNext(draft, undoing, live, deciding) : draft.decision();
}

/** What a rollback that ends before its time has done, and what is left; undefined when there was none. */
export function rollbackSoFar({ undoing, calls }: CodeState): JsonObject | undefined {
  if (undoing === undefined) return undefined;
  const left = undoing.calls.slice(undoing.next).map((call) => calls[call]?.task ?? '');
  return rollbackResult(undoing.results, left);
}

function undoNext(draft: Draft, undoing: Undoing, { run }: LiveRun, { environment }: Deciding): Decision {
  const call = run.calls[undoing.calls[undoing.next] ?? -1];
  if (call?.undo === undefined)
    return draft.end('failed', failedResult(undoing, rollbackResult(undoing.results)), undoing.error);
  const id = environment.newId();
  draft.write({ type: 'undoing', task: call.task, ref: call.undo.ref, execution_id: id });
  draft.request(id, { ...call.undo, task: call.task }, 'rollback');
  return draft.decision();
}
