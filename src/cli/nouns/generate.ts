import { type Command, Option } from 'commander';

/** `petrel generate` and `migrate`. */
export function registerGenerate(program: Command): void {
  const kubernetesOptions = (command: Command) =>
    command
      .option('--kubeconfig <file>', 'with --from cluster: kubeconfig file; by default KUBECONFIG or ~/.kube/config')
      .option('--kubernetes-url <url>', 'with --from cluster: address of the Kubernetes API, instead of a kubeconfig')
      .addOption(new Option('--kubernetes-token <token>', 'token for --kubernetes-url').env('PETREL_KUBERNETES_TOKEN'));
  const generate = program.command('generate').description('TypeScript from API descriptions; needs no server');
  kubernetesOptions(
    generate
      .command('client')
      .description('a typed client from swagger 1.2, swagger 2.0 or OpenAPI 3')
      .requiredOption('--from <source>', 'a file, a directory of swagger 1.2, a URL, or cluster'),
  )
    .option('--out <dir>', 'directory to write to; by default TITLE-client')
    .option('--force', 'replace what was generated there before')
    .action(async (_, command: Command) => {
      const { client } = await import('../commands/generate.ts');
      await client(command.optsWithGlobals());
    });
  generate
    .command('types')
    .description('types for the SDK from CustomResourceDefinitions')
    .requiredOption('--crd <file>', 'YAML or JSON, one or several documents; - is standard input')
    .option('--out <file>', 'file to write to; by default the types are printed')
    .option('--force', 'overwrite a file that was not generated')
    .action(async (_, command: Command) => {
      const { types } = await import('../commands/generate.ts');
      await types(command.optsWithGlobals());
    });

  program
    .command('migrate')
    .description('definitions of the past as those of today; needs no server')
    .command('tpr')
    .description('ThirdPartyResources as CustomResourceDefinitions')
    .argument('<file>', 'YAML or JSON, one or several documents; - is standard input')
    .option('--out <file>', 'file to write to; by default the definitions are printed')
    .action(async (file: string, _, command: Command) => {
      const { tpr } = await import('../commands/migrate.ts');
      await tpr(file, command.optsWithGlobals());
    });
}
