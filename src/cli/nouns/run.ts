import type { Command } from 'commander';

/** What names an action and its parameters. */
export function addRequest(command: Command): Command {
  return command
    .argument('<action>', 'PACK.ACTION')
    .argument('[parameters...]', 'name=value, name:=JSON, name=@file, or @file with all of them');
}

/** `petrel run`. */
export function registerRun(program: Command): void {
  addRequest(program.command('run').description('run an action and follow it to its end'))
    .option('-a, --async', 'do not wait; print the id')
    .option('--tail', 'show what it prints while it runs')
    .addHelpText(
      'after',
      `
Exit code: 0 succeeded, 1 failed or abandoned, 124 timed out, 130 canceled or left with Ctrl-C; 2 asked wrongly, 3 no server.

Examples:
  petrel run core.local cmd="date"
  petrel run core.http url=http://127.0.0.1:8080 headers:='{"accept": "text/plain"}'
  petrel run platform.provision @parameters.yaml size=small`,
    )
    .action(async (action: string, parameters: string[], _, command: Command) => {
      const { run } = await import('../commands/run.ts');
      process.exitCode = await run(action, parameters, command.optsWithGlobals());
    });
}
