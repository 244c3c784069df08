import { canTransition, EXECUTION_STATUSES, type ExecutionStatus, isFinal } from '../model/index.ts';

/** A list for SQL's IN. The words are our own constants, never input. */
function words(statuses: readonly ExecutionStatus[]): string {
  return statuses.map((status) => `'${status}'`).join(', ');
}

/**
 * The condition that every change of a status carries: the status as it stands in the row, at the moment of the change,
 * may become `to`. So a final status is never overwritten, whoever comes late.
 */
export function mayBecome(to: ExecutionStatus): string {
  return GUARDS[to];
}

const GUARDS = Object.fromEntries(
  EXECUTION_STATUSES.map((to) => {
    const allowed = EXECUTION_STATUSES.filter((from) => canTransition(from, to));
    return [to, allowed.length === 0 ? '1 = 0' : `status IN (${words(allowed)})`];
  }),
  // The entries were made from the complete list of statuses.
) as Record<ExecutionStatus, string>;

/** Written as the partial index on unfinished executions is, so that it is used. */
export function isUnfinished(alias: string): string {
  return `${alias}.status NOT IN (${words(EXECUTION_STATUSES.filter(isFinal))})`;
}

/** The statuses of executions that have not ended. */
export const UNFINISHED = words(EXECUTION_STATUSES.filter((status) => !isFinal(status)));
