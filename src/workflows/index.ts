/**
 * Conductors: one per workflow language, each a fold over a journal and a pure decision what comes next. No I/O, no clock, no
 * randomness: the executions room feeds them what happened and carries out what they decide, so that a run can be rebuilt
 * from its journal at any time, on any machine. This room does not run actions, keep state or know the database.
 */
import { createActionChain } from './action-chain/index.ts';
import type { Conductor } from './conductor.ts';
import type { Templates } from './templates.ts';

export type { Conductor, Decision, TaskRequest, WorkflowEnvironment, WorkflowInput } from './conductor.ts';
export type { Templates } from './templates.ts';

/** All conductors by runner type. */
export function createConductors(templates: Templates): ReadonlyMap<string, Conductor<unknown>> {
  const chain = createActionChain(templates);
  // The state of a conductor is its own: whoever holds several hands each back what it got from it.
  return new Map([[chain.runnerType, chain as Conductor<unknown>]]);
}
