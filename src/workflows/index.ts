/**
 * Conductors: one per workflow language, each a fold over a journal and a pure decision what comes next. No I/O, no clock, no
 * randomness: the executions room feeds them what happened and carries out what they decide, so that a run can be rebuilt
 * from its journal at any time, on any machine. This room does not run actions, keep state or know the database. The one exception is
 * code/: a workflow in TypeScript is a coroutine that is kept in memory, and is brought back from the journal when it is not there.
 */
import { createActionChain } from './action-chain/index.ts';
import { CODE, type CodeServices, createCode } from './code/index.ts';
import type { AnyConductor, Conductor } from './conductor.ts';
import { jinjaTemplates } from './jinja-templates.ts';
import { createOrquesta } from './orquesta/index.ts';

export { renderValues } from './action-chain/render.ts';
export type { CodeServices, LoadedWorkflow } from './code/index.ts';
export type {
  AnyConductor,
  Conductor,
  Decision,
  TaskRequest,
  TaskToRerun,
  WorkflowEnvironment,
  WorkflowInput,
} from './conductor.ts';
export { type Complaint, graphOf, inspectWorkflow, type KnownActions, languageOfWorkflow } from './files.ts';
export { reasonOf } from './reason.ts';
export { type SimulatedAction, type Simulation, scriptedOutcomes, simulate } from './simulate.ts';
export type { Variables } from './templates.ts';

const chain = createActionChain(jinjaTemplates());
const orquesta = createOrquesta({ now: Date.now, random: Math.random });

/** The conductors of languages in YAML by runner type. What a conductor is handed as its state is always what it answered before. */
export const conductors: ReadonlyMap<string, Conductor<unknown>> = new Map([
  [chain.runnerType, chain as Conductor<unknown>],
  [orquesta.runnerType, orquesta as Conductor<unknown>],
]);

/** What is known of a workflow language without its conductor. */
export type WorkflowKind = Pick<AnyConductor, 'runnerType' | 'description' | 'parameters' | 'outputKey' | 'history'>;

/** All workflow languages by runner type. */
export const workflowKinds: ReadonlyMap<string, WorkflowKind> = new Map<string, WorkflowKind>([
  ...conductors,
  [CODE.runnerType, CODE],
]);

/** The conductors of all languages. Those of workflows in TypeScript need somebody who loads them. */
export function createConductors(services: CodeServices): ReadonlyMap<string, AnyConductor> {
  const code = createCode(services);
  return new Map<string, AnyConductor>([...conductors, [code.runnerType, code as AnyConductor]]);
}
