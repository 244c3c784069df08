/**
 * Conductors: one per workflow language, each a fold over a journal and a pure decision what comes next. No I/O, no clock, no
 * randomness: the executions room feeds them what happened and carries out what they decide, so that a run can be rebuilt
 * from its journal at any time, on any machine. This room does not run actions, keep state or know the database.
 */
import { createActionChain } from './action-chain/index.ts';
import type { Conductor } from './conductor.ts';
import { jinjaTemplates } from './jinja-templates.ts';
import { createOrquesta } from './orquesta/index.ts';

export { renderValues } from './action-chain/render.ts';
export type { Conductor, Decision, TaskRequest, TaskToRerun, WorkflowEnvironment, WorkflowInput } from './conductor.ts';
export { type Complaint, graphOf, inspectWorkflow, languageOfWorkflow } from './files.ts';
export { type SimulatedAction, type Simulation, scriptedOutcomes, simulate } from './simulate.ts';
export type { Variables } from './templates.ts';

const chain = createActionChain(jinjaTemplates());
const orquesta = createOrquesta({ now: Date.now, random: Math.random });

/** All conductors by runner type. What a conductor is handed as its state is always what it answered before. */
export const conductors: ReadonlyMap<string, Conductor<unknown>> = new Map([
  [chain.runnerType, chain as Conductor<unknown>],
  [orquesta.runnerType, orquesta as Conductor<unknown>],
]);
