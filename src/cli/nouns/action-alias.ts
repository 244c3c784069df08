import type { Command } from 'commander';
import { globals } from '../options.ts';
import { addReading, addSwitch, addWriting, type Collection, OF_PACK } from './collection.ts';

const ALIAS: Collection<'/actionalias'> = { path: '/actionalias', one: 'alias', name: 'PACK.ALIAS' };

/** `petrel action-alias`. */
export function registerActionAlias(program: Command): void {
  const alias = program.command('action-alias').description('chat commands for actions');
  addReading(alias, ALIAS, { about: 'registered aliases', filters: [OF_PACK] });
  alias
    .command('match')
    .description('which alias a command fits')
    .argument('<words...>', 'the command')
    .action(async (words: string[], _, command: Command) => {
      const { match } = await import('../commands/action-alias.ts');
      await match(words.join(' '), globals(command));
    });
  alias
    .command('execute')
    .description('run what a command asks for, as a chat would')
    .argument('<words...>', 'the command')
    .option('-u, --user <user>', 'who says it')
    .option('--channel <channel>', 'where it is said')
    .option('--route <route>', 'who is told of the end, e.g. hubot')
    .addHelpText('after', '\nExample:\n  petrel action-alias execute "run uptime"')
    .action(async (words: string[], _, command: Command) => {
      const { execute } = await import('../commands/action-alias.ts');
      await execute(words.join(' '), command.optsWithGlobals());
    });
  alias
    .command('help')
    .description('what can be said')
    .option('--pack <pack>', 'only what this pack understands')
    .option('--filter <expression>', 'only what matches a regular expression')
    .action(async (_, command: Command) => {
      const { help } = await import('../commands/action-alias.ts');
      await help(command.optsWithGlobals());
    });
  addWriting(alias, ALIAS);
  addSwitch(alias, ALIAS);
}
