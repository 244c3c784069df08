import type { Command } from 'commander';

/** `petrel key`. */
export function registerKey(program: Command): void {
  const key = program.command('key').description('the datastore');
  const scoped = (command: Command) =>
    command.option('--scope <scope>', 'system or user', 'system').option('--user <user>', 'owner of a user key');
  scoped(key.command('list').description('keys, secrets as ciphertext'))
    .option('--prefix <prefix>', 'only keys that begin with this')
    .option('--decrypt', 'show secrets in clear text')
    .action(async (_, command: Command) => {
      const { list } = await import('../commands/key.ts');
      await list(command.optsWithGlobals());
    });
  scoped(key.command('get').description('one key').argument('<name>'))
    .option('--decrypt', 'show a secret in clear text')
    .action(async (name: string, _, command: Command) => {
      const { get } = await import('../commands/key.ts');
      await get(name, command.optsWithGlobals());
    });
  scoped(
    key
      .command('set')
      .description('create or replace a key')
      .argument('<name>')
      .argument('<value>', 'the value; @file reads a file, - standard input'),
  )
    .option('--encrypt', 'keep it encrypted, as a secret')
    .option('--secret', 'the same')
    .option('--ttl <seconds>', 'seconds until it vanishes')
    .action(async (name: string, value: string, _, command: Command) => {
      const { set } = await import('../commands/key.ts');
      await set(name, value, command.optsWithGlobals());
    });
  scoped(key.command('delete').description('remove a key').argument('<name>')).action(
    async (name: string, _, command: Command) => {
      const { remove } = await import('../commands/key.ts');
      await remove(name, command.optsWithGlobals());
    },
  );
  key
    .command('load')
    .description('set many keys from a file; all are looked at before the first is set')
    .argument(
      '<file>',
      'YAML or JSON: a list of name, value, and perhaps scope, user, secret, encrypted, ttl; - is standard input',
    )
    .option('--convert', 'values that are no text become JSON')
    .action(async (file: string, _, command: Command) => {
      const { load } = await import('../commands/key.ts');
      await load(file, command.optsWithGlobals());
    });
}
