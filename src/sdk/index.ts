/**
 * What a pack author imports: `import { defineAction, secret, z } from 'petrel/sdk'`.
 * Types and small helpers only; nothing here knows how Petrel runs an action.
 */
export { z } from 'zod';
export {
  type ActionContext,
  type ActionDefinition,
  type Datastore,
  defineAction,
  isTransientError,
  type Logger,
  secret,
  TransientError,
} from './action.ts';
export type {
  ExecOptions,
  ExecResult,
  KubernetesApi,
  KubernetesObject,
  KubernetesRequest,
  ListOptions,
  LogOptions,
  ObjectMeta,
  ObjectReference,
  PodReference,
} from './kubernetes.ts';
export { noCluster } from './no-cluster.ts';
export {
  defineResource,
  type HandlerDefinition,
  type ResourceDefinition,
  type ResourceVersionDefinition,
} from './resource.ts';
export {
  defineSensor,
  type SensorContext,
  type SensorDefinition,
  type SensorEvent,
  type SensorTrigger,
  type SensorTriggerType,
} from './sensor.ts';
export { type TestContext, type TestSettings, testContext, testRun } from './testing.ts';
export {
  never,
  type TestCall,
  type TestedWorkflow,
  type TestOutcome,
  type TestWorkflowSettings,
  testWorkflow,
} from './testing-workflow.ts';
export {
  type ChildOptions,
  defineWorkflow,
  isStepError,
  type Rollback,
  type StepContext,
  StepError,
  type StepFailure,
  type StepOptions,
  type StepRetry,
  type UndoFunction,
  type WorkflowContext,
  type WorkflowDefinition,
} from './workflow.ts';
