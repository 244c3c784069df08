import type { ParameterSchemas } from '../model/index.ts';
import { failedByError } from './failure.ts';
import type { Runner } from './runner.ts';
import { SHELL_PARAMETERS } from './shell-parameters.ts';

const WINRM: ParameterSchemas = {
  host: { type: 'string', description: 'The Windows host.', required: true },
  username: { type: 'string', description: 'Whom to log in as.', required: true },
  password: { type: 'string', description: 'Password to log in with.', required: true, secret: true },
  port: { type: 'integer', description: 'Port of WinRM.', default: 5986 },
  scheme: { type: 'string', description: 'http or https.', default: 'https' },
  transport: { type: 'string', description: 'How to log in.', default: 'ntlm' },
  verify_ssl_cert: { type: 'boolean', description: 'Whether the certificate must be good.', default: true },
  ...Object.fromEntries(Object.entries(SHELL_PARAMETERS).filter(([name]) => ['cwd', 'env', 'timeout'].includes(name))),
  kwarg_op: { type: 'string', description: 'Prefix of named arguments.', default: '-' },
};
const CMD: ParameterSchemas = { cmd: { type: 'string', description: 'The command.' } };

const WINDOWS =
  'Petrel does not speak WinRM. Run an OpenSSH server on the Windows host and a script that ssh starts, or run the action as a Kubernetes Job (runner kubernetes-job) with a WinRM client.';
const WORKFLOWS =
  "Rewrite the workflow for Orquesta (runner orquesta; of Mistral's, StackStorm's orquestaconvert does a good part), or as an action-chain.";

/** Runners of StackStorm's that are not here on purpose: packs with such actions load, and a request says what to do instead. */
const REFUSED: readonly {
  readonly name: string;
  readonly parameters: ParameterSchemas;
  readonly instead: string;
  readonly isDropped?: boolean;
}[] = [
  { name: 'winrm-cmd', parameters: { ...CMD, ...WINRM }, instead: WINDOWS },
  { name: 'winrm-ps-cmd', parameters: { ...CMD, ...WINRM }, instead: WINDOWS },
  { name: 'winrm-ps-script', parameters: WINRM, instead: WINDOWS },
  {
    name: 'mistral-v2',
    parameters: {
      workflow: { type: 'string', description: 'The workflow to run.' },
      task: { type: 'string', description: 'The task to run up to.' },
      context: { type: 'object', description: 'More context.', default: {} },
      debug: { type: 'boolean', description: 'Whether to trace.', default: false },
      skip_notify: { type: 'array', description: 'Tasks without notification.', default: [] },
    },
    isDropped: true,
    instead: `Mistral was taken out of StackStorm in 3.0. ${WORKFLOWS}`,
  },
  {
    name: 'cloudslang',
    parameters: {
      inputs: { type: 'object', description: 'Inputs of the flow.', default: {} },
      timeout: { type: 'integer', description: 'Seconds.', default: 600 },
    },
    isDropped: true,
    instead: `CloudSlang was taken out of StackStorm in 3.0. ${WORKFLOWS}`,
  },
];

export const refusedRunners: readonly Runner[] = REFUSED.map(({ name, parameters, instead, isDropped }) => ({
  name,
  description: `Not supported. ${instead}`,
  parameters,
  ...(isDropped === true && { dropped: instead }),
  run: async ({ action }) =>
    failedByError(`The action ${action.ref} needs the runner ${name}, which Petrel does not have. ${instead}`),
}));
