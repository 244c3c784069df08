import type { Runner } from './runner.ts';
import { shellCommand } from './shell-command.ts';
import { SHELL_PARAMETERS } from './shell-parameters.ts';
import { runShell, type ShellSettings, shellIdentity } from './shell-run.ts';

/** One line for the shell (stackstorm-packs.md, section 5.2). */
export function localShellCommand(settings: ShellSettings): Runner {
  return {
    name: 'local-shell-cmd',
    description: 'Runs a shell command on this host.',
    parameters: { cmd: { type: 'string', description: 'The command line, as for a shell.' }, ...SHELL_PARAMETERS },
    async run(run) {
      const { cmd } = run.runnerParameters;
      const identity = shellIdentity(run.runnerParameters, settings);
      return await runShell(shellCommand(typeof cmd === 'string' ? cmd : '', identity), identity, run, settings);
    },
  };
}
