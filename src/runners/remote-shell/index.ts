/**
 * Commands and scripts on other machines, over SSH (stackstorm-packs.md, section 5.4). The login shell must be of the Bourne family, as
 * StackStorm needs it. What is logged in with, what is exported and sudo's password are in no argument of a program: other users of
 * the remote machine can list those.
 */
import { accessSync, constants } from 'node:fs';
import { messageOf } from '../../model/index.ts';
import { failedByError } from '../failure.ts';
import type { Runner } from '../runner.ts';
import { pythonValues, scriptArguments } from '../script-arguments.ts';
import { optionalText } from '../shell-run.ts';
import { REMOTE_PARAMETERS } from './parameters.ts';
import { runOnHosts, type SshSettings } from './run-on-hosts.ts';

export { HOST_KEY_POLICIES, type HostKeyPolicy } from './host-keys.ts';
export type { SshSettings } from './run-on-hosts.ts';

export function remoteShellCommand(settings: SshSettings): Runner {
  return {
    name: 'remote-shell-cmd',
    description: 'Runs a shell command on other hosts, over SSH.',
    parameters: { cmd: { type: 'string', description: 'The command line, as for a shell.' }, ...REMOTE_PARAMETERS },
    run: (run) => runOnHosts({ kind: 'command', command: optionalText(run.runnerParameters.cmd) ?? '' }, run, settings),
  };
}

export function remoteShellScript(settings: SshSettings): Runner {
  return {
    name: 'remote-shell-script',
    description: 'Runs a script of the pack on other hosts, over SSH.',
    parameters: REMOTE_PARAMETERS,
    async run(run) {
      const { action, runnerParameters } = run;
      try {
        accessSync(action.entryPath, constants.R_OK);
      } catch (error) {
        return failedByError(new Error(`The script of action ${action.ref} cannot be read: ${messageOf(error)}`));
      }
      try {
        const prefix = optionalText(runnerParameters.kwarg_op) ?? '--';
        const { text } = scriptArguments(action.parameters, pythonValues(run), prefix);
        return await runOnHosts({ kind: 'script', path: action.entryPath, args: text }, run, settings);
      } catch (error) {
        return failedByError(error);
      }
    },
  };
}
