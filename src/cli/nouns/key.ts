import { type Command, Option } from 'commander';
import { addAttributes, addListing } from '../options.ts';

/** `petrel key`. */
export function registerKey(program: Command): void {
  const key = program.command('key').description('the datastore');
  const scoped = (command: Command) =>
    command
      .option('-s, --scope <scope>', 'system or user', 'system')
      .option('-u, --user <user>', 'owner of a user key');
  addListing(scoped(key.command('list').description('keys, secrets as ciphertext')))
    .option('--prefix <prefix>', 'only keys that begin with this')
    .option('-d, --decrypt', 'show secrets in clear text')
    .action(async (_, command: Command) => {
      const { list } = await import('../commands/key.ts');
      await list(command.optsWithGlobals());
    });
  addAttributes(scoped(key.command('get').description('keys, by name').argument('<names...>', 'KEY')))
    .option('-d, --decrypt', 'show a secret in clear text')
    .action(async (names: string[], _, command: Command) => {
      const { get } = await import('../commands/key.ts');
      await get(names, command.optsWithGlobals());
    });
  scoped(
    key
      .command('set')
      .description('create or replace a key')
      .argument('<name>', 'KEY')
      .argument('[value]', 'the value; @file reads a file, - standard input; without it a terminal is asked'),
  )
    .option('-e, --encrypt', 'keep it encrypted, as a secret')
    .addOption(new Option('--secret', 'the same').hideHelp())
    .option('-p, --encrypted', 'the value is a secret’s ciphertext already')
    .option('-l, --ttl <seconds>', 'seconds until it vanishes')
    .action(async (name: string, value: string | undefined, _, command: Command) => {
      const { set } = await import('../commands/key.ts');
      await set(name, value, command.optsWithGlobals());
    });
  scoped(key.command('delete').description('remove keys').argument('<names...>', 'KEY')).action(
    async (names: string[], _, command: Command) => {
      const { remove } = await import('../commands/key.ts');
      await remove(names, command.optsWithGlobals());
    },
  );
  scoped(key.command('delete_by_prefix').description('remove all keys that begin with something'))
    .requiredOption('-p, --prefix <prefix>', 'what they begin with')
    .action(async (_, command: Command) => {
      const { removeByPrefix } = await import('../commands/key.ts');
      await removeByPrefix(command.optsWithGlobals());
    });
  key
    .command('load')
    .description('set many keys from a file; all are looked at before the first is set')
    .argument(
      '<file>',
      'YAML or JSON: a list of name, value, and perhaps scope, user, secret, encrypted, ttl; - is standard input',
    )
    .option('-c, --convert', 'values that are no text become JSON')
    .action(async (file: string, _, command: Command) => {
      const { load } = await import('../commands/key.ts');
      await load(file, command.optsWithGlobals());
    });
}
