import type { Command } from 'commander';
import { collect, globals } from '../options.ts';

/** `petrel workflow`. */
export function registerWorkflow(program: Command): void {
  const workflow = program
    .command('workflow')
    .description('workflow files: Orquesta and action-chains; need no server');
  workflow
    .command('lint')
    .description('check a workflow; every complaint has file, line and column')
    .argument('<file>')
    .action(async (file: string, _, command: Command) => {
      const { lint } = await import('../commands/workflow.ts');
      process.exitCode = await lint(file, globals(command));
    });
  workflow
    .command('inspect')
    .description('the same as st2 says it, of a file or of what a server has')
    .option('--file <file>', 'a workflow’s file')
    .option('--action <action>', 'a workflow on the server: PACK.ACTION')
    .action(async (_, command: Command) => {
      const { inspect } = await import('../commands/workflow.ts');
      process.exitCode = await inspect(command.optsWithGlobals());
    });
  workflow
    .command('graph')
    .description('print a workflow as a Mermaid flowchart')
    .argument('<file>')
    .action(async (file: string, _, command: Command) => {
      const { graph } = await import('../commands/workflow.ts');
      await graph(file, globals(command));
    });
  workflow
    .command('simulate')
    .description('conduct a workflow without running anything: what it requests, how it ends, its output')
    .argument('<file>')
    .option('--input <name=value>', 'an input; JSON where it is JSON; may be repeated', collect, [])
    .option(
      '--outcomes <file>',
      'JSON: task to a list of {status, result}, one for each run; what is not said succeeds',
    )
    .action(async (file: string, _, command: Command) => {
      const { simulation } = await import('../commands/workflow.ts');
      process.exitCode = await simulation(file, command.optsWithGlobals());
    });
}
