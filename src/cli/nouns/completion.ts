import { Argument, type Command } from 'commander';

/** `petrel completion`. */
export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell; needs no server')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `
Examples:
  source <(petrel completion bash)
  petrel completion zsh > "\${fpath[1]}/_petrel"
  petrel completion fish > ~/.config/fish/completions/petrel.fish`,
    )
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { completion } = await import('../commands/completion.ts');
      process.stdout.write(completion(shell, program));
    });
}
