import { type Command, Option } from 'commander';

/** `petrel eval`. */
export function registerEval(program: Command): void {
  program
    .command('eval')
    .description("evaluate a workflow's expression, YAQL or Jinja; needs no server")
    .argument('<expression>', "for example '<% ctx().a + 1 %>' or '{{ ctx().a + 1 }}'")
    .option('--context <json>', 'the variables, a JSON object; @file reads a file', '{}')
    .addOption(
      new Option('--language <language>', 'by default that of the delimiters; with it they may be left out').choices([
        'yaql',
        'jinja',
      ]),
    )
    .action(async (expression: string, _, command: Command) => {
      const { evaluate } = await import('../commands/eval.ts');
      process.exitCode = await evaluate(expression, command.optsWithGlobals());
    });
}
