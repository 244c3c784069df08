import type { Command } from 'commander';
import { globals } from '../options.ts';
import { addSwitch, addWriting, type Collection } from './collection.ts';
import { addRequest } from './run.ts';

const ACTION: Collection = { path: '/actions', one: 'action', name: 'PACK.ACTION' };

/** `petrel action`. */
export function registerAction(program: Command): void {
  const action = program.command('action').description('actions');
  action
    .command('list')
    .description('actions of packs, and every operation of the Kubernetes API')
    .option('--pack <pack>', 'only those of this pack')
    .option('-n, --limit <count>', 'how many')
    .action(async (_, command: Command) => {
      const { list } = await import('../commands/action.ts');
      await list(command.optsWithGlobals());
    });
  action
    .command('get')
    .description('one action and its parameters')
    .argument('<action>', 'PACK.ACTION')
    .action(async (ref: string, _, command: Command) => {
      const { get } = await import('../commands/action.ts');
      await get(ref, globals(command));
    });
  addWriting(action, ACTION);
  addSwitch(action, ACTION);
  addRequest(action.command('execute').description('request an execution and print its id')).action(
    async (ref: string, parameters: string[], _, command: Command) => {
      const { request } = await import('../commands/run.ts');
      await request(ref, parameters, command.optsWithGlobals());
    },
  );
}
