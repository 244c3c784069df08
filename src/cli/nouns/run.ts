import type { Command } from 'commander';
import type { RunOptions } from '../commands/run.ts';
import { addAttributes } from '../options.ts';

/** What names an action and its parameters, and how it is run. `isAsync`: it is not waited for, unless it is to be. */
export function addRequest(command: Command, isAsync: boolean): Command {
  command
    .argument('[action]', 'PACK.ACTION')
    .argument('[parameters...]', 'name=value, name:=JSON, name=@file, @file with all of them; or a command line')
    .helpOption(false)
    .option('-h, --help', 'what there is; with an action, what that takes')
    .option('--trace-tag <tag>', 'a word to find it by later')
    .option('--trace-id <id>', 'the trace that it belongs to')
    .addHelpText('after', EXAMPLES);
  addHow(command, isAsync).action(async (action: string | undefined, parameters: string[], _, self: Command) => {
    const options = self.optsWithGlobals<RunOptions & { readonly help?: boolean }>();
    if (action === undefined && options.help === true) return self.help();
    if (action === undefined) return self.error('error: name the action: petrel run PACK.ACTION name=value');
    const commands = await import('../commands/run.ts');
    if (options.help === true) return await commands.explain(action, options);
    process.exitCode = await commands.run(action, parameters, { ...options, async: options.async ?? isAsync });
  });
  return command;
}

/** Options about how an action is run, and what is shown of it. */
export function addHow(command: Command, isAsync: boolean): Command {
  command
    .option('-a, --async', isAsync ? 'do not wait; the default' : 'do not wait; print the id')
    .option('--tail', 'show what it prints while it runs')
    .option('-e, --inherit-env', 'give it the variables of this shell as its parameter env')
    .option('-u, --user <user>', 'as whom it runs; administrators only')
    .option('--delay <milliseconds>', 'begin that much later')
    .option('--auto-dict', 'a list of "k:v,k2:v2" is one of objects');
  return addResult(command);
}

/** Options about what is shown of an execution. */
export function addResult(command: Command): Command {
  return addAttributes(command, false)
    .option('-k, --key <path>', 'only this part of the result, e.g. stdout or items.0.name')
    .option('-d, --detail', 'every attribute');
}

const EXAMPLES = `
Exit code: 0 succeeded, 1 failed or abandoned, 124 timed out, 130 canceled or left with Ctrl-C; 2 asked wrongly, 3 no server.

Examples:
  petrel run core.local cmd="date"
  petrel run core.local uname -a
  petrel run core.http url=http://127.0.0.1:8080 headers:='{"accept": "text/plain"}'
  petrel run platform.provision @parameters.yaml size=small zones=a,b labels=team=web,tier=1
  petrel run -h core.http`;

/** `petrel run`. */
export function registerRun(program: Command): void {
  addRequest(program.command('run').description('run an action and follow it to its end'), false);
}
