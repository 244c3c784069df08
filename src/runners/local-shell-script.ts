import { chmod, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../model/index.ts';
import { failedBeforeStart } from './failure.ts';
import type { Runner } from './runner.ts';
import { pythonValues, scriptArguments } from './script-arguments.ts';
import { scriptCommand } from './shell-command.ts';
import { SHELL_PARAMETERS } from './shell-parameters.ts';
import { runShell, type ShellSettings, shellIdentity } from './shell-run.ts';

/**
 * A script file of the pack (stackstorm-packs.md, section 5.3). `content_version` is taken for compatibility and must be
 * empty: Petrel runs the pack as it is on disk.
 */
export function localShellScript(settings: ShellSettings): Runner {
  return {
    name: 'local-shell-script',
    description: 'Runs a script of the pack on this host.',
    parameters: {
      ...SHELL_PARAMETERS,
      content_version: {
        type: 'string',
        description: 'Git revision of the pack to run; not supported, leave it empty.',
      },
      debug: { type: 'boolean', description: 'Sets ST2_ACTION_DEBUG for the script.', default: false },
    },
    async run(run) {
      const { action, runnerParameters } = run;
      const version = runnerParameters.content_version;
      if (typeof version === 'string' && version !== '') {
        return failedBeforeStart(
          `Action ${action.ref} asks for revision "${version}" of its pack (content_version); Petrel runs packs as they are on disk: leave it empty.`,
        );
      }
      const problem = await makeExecutable(action.ref, action.entryPath);
      if (problem !== undefined) return failedBeforeStart(problem);
      try {
        const prefix = typeof runnerParameters.kwarg_op === 'string' ? runnerParameters.kwarg_op : '--';
        const { text } = scriptArguments(action.parameters, pythonValues(run), prefix);
        const identity = shellIdentity(runnerParameters, settings);
        return await runShell(scriptCommand(action.entryPath, text, identity), identity, run, settings);
      } catch (error) {
        return failedBeforeStart(messageOf(error));
      }
    },
  };
}

/** Answers what is wrong with the script, if anything. Git and archives lose the executable bit easily, so it is set. */
async function makeExecutable(ref: string, path: string): Promise<string | undefined> {
  if (path === '') return `Action ${ref} has no entry_point: name the script in its metadata.`;
  try {
    const { mode } = await stat(path);
    if ((mode & 0o111) !== 0o111) await chmod(path, mode | 0o111);
    return undefined;
  } catch (error) {
    return `The script ${path} of action ${ref} (in ${dirname(path)}) cannot be run: ${messageOf(error)}`;
  }
}
