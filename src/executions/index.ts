/**
 * Request, claim, run, complete. Executions are rows; this room turns requests into rows, claims rows under a lease, hands each
 * to its runner or its workflow's conductor, and writes the end together with what the end brings about. Runners know nothing of the
 * store, and conductors do no I/O: both happen here.
 */
export {
  type AliasCommands,
  type AliasMatched,
  type AliasRun,
  type AliasSpeaker,
  acknowledge,
  createAliasCommands,
  displaysOf,
} from './alias-commands.ts';
export { type AliasResult, formatResult } from './alias-results.ts';
export { createEngine, type Engine, type EngineOptions } from './engine.ts';
export type { ExecutionLog } from './execution-log.ts';
export type { ExecutionChange, ExecutionRequest, Executions, Requester, RerunOptions } from './executions.ts';
export { createInputs, type Inputs } from './inputs.ts';
export { findInquiry } from './inquiries.ts';
export { createExecutionMetrics } from './metrics.ts';
export { eventProblem } from './parameters/index.ts';
export { type Draft, type Preparation, packConfig, prepareExecution } from './prepare.ts';
export { createRunTokens, type RunTokens, type TokenHolder } from './run-tokens.ts';
export { describeRunners, type RunnerType, runnerTypes } from './runner-types.ts';
export { failure, systemDatastore, type WorkerServices } from './worker.ts';
export { createWorkflowSteps, type WorkflowSteps } from './workflows.ts';
