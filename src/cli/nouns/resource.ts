import type { Command } from 'commander';
import { addListing, collect, type GlobalOptions } from '../options.ts';

/** `petrel resource`. */
export function registerResource(program: Command): void {
  const resource = program
    .command('resource')
    .description('custom resource kinds that packs declare, and their objects');
  const onResource = (
    command: Command,
    load: () => Promise<(name: string, options: GlobalOptions) => Promise<void>>,
  ): Command =>
    command.action(async (name: string, _, self: Command) => {
      const run = await load();
      await run(name, self.optsWithGlobals());
    });
  onResource(
    addListing(
      resource.command('list').description('declared resources; with one, its objects and how they stand'),
    ).argument('[resource]', 'PACK.RESOURCE'),
    async () => (await import('../commands/resource.ts')).list,
  );
  for (const [name, description] of [
    ['get', 'one object with its state'],
    ['explain', 'desired, observed, difference, what would be done and why, history'],
    ['abandon', 'release an object on purpose: its finalizer goes, what it stands for stays'],
  ] as const) {
    onResource(
      resource
        .command(name)
        .description(description)
        .argument('<name>', 'NAME, NAMESPACE/NAME, KIND/NAMESPACE/NAME or uid'),
      async () => (await import('../commands/resource.ts'))[name],
    );
  }
  onResource(
    resource
      .command('reconcile')
      .description('look and try again now')
      .argument('<name>', 'an object, or PACK.RESOURCE for all of its objects')
      .option('--dry-run', 'only say what would be done and why'),
    async () => (await import('../commands/resource.ts')).reconcile,
  );
  onResource(
    addListing(resource.command('orphans').description('what carries our owner tag and belongs to no object')).argument(
      '[resource]',
      'PACK.RESOURCE',
    ),
    async () => (await import('../commands/resource.ts')).orphans,
  );
  resource
    .command('crd')
    .description('print the CustomResourceDefinition of a declared resource; needs no server')
    .argument('<resource>', 'PACK.RESOURCE')
    .option('--packs <dir>', 'a directory of packs; may be repeated', collect, [])
    .action(async (name: string, _, command: Command) => {
      const { crd } = await import('../commands/resource.ts');
      await crd(name, command.optsWithGlobals());
    });
}
