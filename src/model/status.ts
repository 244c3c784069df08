/**
 * StackStorm's execution statuses and the one table of allowed transitions (stackstorm-api.md, section 5).
 * Every change of status in the store goes through `canTransition`; a final status never changes.
 */
export const EXECUTION_STATUSES = [
  'requested',
  'scheduled',
  'delayed',
  'running',
  'pausing',
  'paused',
  'resuming',
  'pending',
  'succeeded',
  'failed',
  'timeout',
  'abandoned',
  'canceling',
  'canceled',
] as const;

export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

export type FinalStatus = 'succeeded' | 'failed' | 'timeout' | 'abandoned' | 'canceled';

const ENDS: readonly ExecutionStatus[] = ['succeeded', 'failed', 'timeout', 'abandoned', 'canceled'];

const TRANSITIONS: Readonly<Record<ExecutionStatus, readonly ExecutionStatus[]>> = {
  requested: ['scheduled', 'delayed', 'running', 'canceling', ...ENDS],
  delayed: ['requested', 'scheduled', 'running', 'canceling', ...ENDS],
  scheduled: ['delayed', 'running', 'canceling', ...ENDS],
  // A claim makes it `running` before its policies are asked; one that has to wait goes back to `delayed` without having run.
  running: ['running', 'delayed', 'pausing', 'paused', 'pending', 'canceling', ...ENDS],
  pausing: ['paused', 'canceling', ...ENDS],
  paused: ['resuming', 'running', 'canceling', ...ENDS],
  resuming: ['running', 'canceling', ...ENDS],
  pending: ['running', 'canceling', ...ENDS],
  canceling: ENDS,
  succeeded: [],
  failed: [],
  timeout: [],
  abandoned: [],
  canceled: [],
};

export function isFinal(status: ExecutionStatus): status is FinalStatus {
  return ENDS.includes(status);
}

export function canTransition(from: ExecutionStatus, to: ExecutionStatus): boolean {
  return TRANSITIONS[from].includes(to);
}
