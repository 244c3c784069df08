/** Statuses of tasks and workflows, as StackStorm names them. */
export type Status =
  | 'requested'
  | 'scheduled'
  | 'delayed'
  | 'running'
  | 'pending'
  | 'pausing'
  | 'paused'
  | 'resuming'
  | 'retrying'
  | 'canceling'
  | 'canceled'
  | 'succeeded'
  | 'failed'
  | 'timeout'
  | 'abandoned';

const COMPLETED: ReadonlySet<unknown> = new Set(['succeeded', 'failed', 'timeout', 'abandoned', 'canceled']);
const ABENDED: ReadonlySet<unknown> = new Set(['failed', 'timeout', 'abandoned']);
const ACTIVE: ReadonlySet<unknown> = new Set([
  'requested',
  'scheduled',
  'delayed',
  'running',
  'resuming',
  'pausing',
  'canceling',
]);
const STARTING: ReadonlySet<unknown> = new Set(['requested', 'scheduled', 'delayed', 'running', 'pending']);
const CONDUCTING: ReadonlySet<unknown> = new Set([
  'requested',
  'scheduled',
  'delayed',
  'running',
  'resuming',
  'retrying',
]);

export const isCompleted = (status: Status | undefined): boolean => COMPLETED.has(status);
/** Ended, but neither well nor by wish. */
export const isAbended = (status: Status | undefined): boolean => ABENDED.has(status);
/** Something is being done; pending, paused and retrying are not. */
export const isActive = (status: Status | undefined): boolean => ACTIVE.has(status);
/** The first statuses of a run. */
export const isStarting = (status: Status | undefined): boolean => STARTING.has(status);
/** A workflow that hands out tasks. */
export const isConducting = (status: Status | undefined): boolean => CONDUCTING.has(status);
