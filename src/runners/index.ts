/**
 * What executes actions: one file per runner, each from parameters to a result of StackStorm's shape. A runner knows neither the
 * store nor the status machine nor policies: it is handed a run and answers its end. It does not cast or validate parameters
 * either; the executions room has done that. Workflows (action-chain) are not run here but conducted, see src/workflows.
 */
import { type AnnouncementSettings, announcement } from './announcement.ts';
import { type HttpSettings, httpRequest } from './http-request.ts';
import { inquirer } from './inquirer.ts';
import { kubernetesJob } from './kubernetes-job/index.ts';
import { kubernetesOperation } from './kubernetes-operation.ts';
import { localShellCommand } from './local-shell-cmd.ts';
import { localShellScript } from './local-shell-script.ts';
import { noop } from './noop.ts';
import { type OperationSettings, petrelOperation } from './petrel-operation.ts';
import { type PythonRunnerSettings, pythonScript } from './python/index.ts';
import { refusedRunners } from './refused.ts';
import { remoteShellCommand, remoteShellScript, type SshSettings } from './remote-shell/index.ts';
import type { Runner } from './runner.ts';
import type { ShellSettings } from './shell-run.ts';
import { type TypescriptSettings, typescriptScript } from './typescript-script.ts';
import { type StepSettings, workflowStep } from './workflow-step.ts';

export { createEgress, type Egress, type EgressSettings } from './egress.ts';
export { childEnvironment } from './environment.ts';
export { sweepJobs } from './kubernetes-job/index.ts';
export type { Operation, OperationCall } from './petrel-operation.ts';
export { type ProcessOutcome, type ProcessRequest, runProcess } from './process.ts';
export {
  createPythonHost,
  type EnvironmentSettings,
  lintPython,
  type PackEnvironment,
  type PackTestRequest,
  type PythonEnd,
  type PythonHost,
  type PythonLaunch,
  type PythonPack,
  type PythonProcess,
  type PythonSettings,
  preparePackEnvironment,
  testPackPython,
} from './python/index.ts';
export { HOST_KEY_POLICIES, type HostKeyPolicy, type SshSettings } from './remote-shell/index.ts';
export {
  LEASE_LOST,
  type Run,
  type RunEnd,
  type Runner,
  type RunPending,
  type RunResult,
  type RunServices,
  SHUTDOWN,
} from './runner.ts';
export { withStrayRejections } from './stray-rejections.ts';
export { describeIssues, inputOf, storable } from './typescript-values.ts';
export type { StepFunction } from './workflow-step.ts';

export type RunnerDependencies = ShellSettings &
  HttpSettings &
  TypescriptSettings &
  StepSettings &
  AnnouncementSettings &
  OperationSettings &
  PythonRunnerSettings & { readonly ssh?: SshSettings };

/**
 * All runners by name: noop, local-shell-cmd, local-shell-script, remote-shell-cmd, remote-shell-script, http-request, python-script,
 * typescript-script, inquirer, announcement, workflow-step, kubernetes-operation, kubernetes-job, petrel-operation; and those that are
 * refused.
 */
export function createRunners(dependencies: RunnerDependencies): ReadonlyMap<string, Runner> {
  const ssh = dependencies.ssh ?? {};
  const runners = [
    noop,
    localShellCommand(dependencies),
    localShellScript(dependencies),
    remoteShellCommand(ssh),
    remoteShellScript(ssh),
    httpRequest(dependencies),
    pythonScript(dependencies),
    typescriptScript(dependencies),
    inquirer,
    announcement(dependencies),
    workflowStep(dependencies),
    kubernetesOperation,
    kubernetesJob,
    petrelOperation(dependencies),
    ...refusedRunners,
  ];
  return new Map(runners.map((runner) => [runner.name, runner]));
}
