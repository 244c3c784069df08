import { Argument, type Command, Option } from 'commander';
import type { NamesOptions } from '../commands/completion.ts';

/** `petrel completion`. */
export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands, options and names in a shell; needs no server')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addOption(new Option('--names <kind>', 'what the script asks for').hideHelp())
    .addOption(new Option('--of <action>', 'what the script asks for').hideHelp())
    .addHelpText(
      'after',
      `
Examples:
  source <(petrel completion bash)
  petrel completion zsh > "\${fpath[1]}/_petrel"
  petrel completion fish > ~/.config/fish/completions/petrel.fish`,
    )
    .action(async (shell: 'bash' | 'zsh' | 'fish', _, command: Command) => {
      const { completion, printNames } = await import('../commands/completion.ts');
      const options = command.optsWithGlobals<NamesOptions>();
      if (options.names !== undefined) return await printNames(options);
      process.stdout.write(completion(shell, program));
    });
}
