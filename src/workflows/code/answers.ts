import type { WorkflowEnvironment } from '../conductor.ts';
import { reasonOf } from '../reason.ts';
import type { Answer } from './run.ts';
import type { Outcome, RecordedCall } from './state.ts';

/** What the code is told of a call that ended. Throws `MissingInput` when the child's result is not loaded. */
export function answerOf(
  outcome: Outcome,
  call: Pick<RecordedCall, 'kind' | 'ref'> | undefined,
  environment: Pick<WorkflowEnvironment, 'result'>,
): Answer {
  const { task: step, executionId, status, refusal } = outcome;
  if (status === 'succeeded') return { result: call?.kind === 'sleep' ? null : environment.result(executionId) };
  const what = `"${step}"${call?.kind === 'child' ? ` (${call.ref})` : ''}`;
  if (refusal !== undefined) {
    const failure = { step, status: 'failed', result: null, executionId } as const;
    return { message: `${what} was refused: ${refusal}`, failure };
  }
  const result = environment.result(executionId);
  const ended = status === 'timeout' ? 'timed out' : status === 'failed' ? 'failed' : `was ${status}`;
  return { message: `${what} ${ended}: ${reasonOf(result)}`, failure: { step, status, result, executionId } };
}
