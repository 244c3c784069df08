import { messageOf } from '../model/index.ts';
import type { RunEnd } from './runner.ts';

/** A shell action that never got as far as its shell; the result has the shell runners' fields. */
export function failedBeforeStart(error: string): RunEnd {
  return {
    status: 'failed',
    result: { failed: true, succeeded: false, return_code: -1, stdout: '', stderr: '', error },
  };
}

/** A runner that could not do its work: StackStorm's result of a runner that raised. */
export function failedByError(error: unknown, status: 'failed' | 'timeout' | 'canceled' = 'failed'): RunEnd {
  const traceback = error instanceof Error ? (error.stack ?? error.message) : '';
  return { status, result: { error: messageOf(error), traceback } };
}
