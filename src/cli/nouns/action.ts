import type { Command } from 'commander';
import { addReading, addSwitch, addWriting, type Collection, OF_PACK } from './collection.ts';
import { addRequest } from './run.ts';

const ACTION: Collection<'/actions'> = { path: '/actions', one: 'action', name: 'PACK.ACTION' };

/** `petrel action`. */
export function registerAction(program: Command): void {
  const action = program.command('action').description('actions');
  addReading(action, ACTION, {
    about: 'actions of packs, and every operation of the Kubernetes API',
    filters: [OF_PACK],
    get: async (names, options) => {
      const { get } = await import('../commands/action.ts');
      await get(names, options);
    },
  });
  addWriting(action, ACTION);
  addSwitch(action, ACTION);
  action
    .command('clone')
    .description('make an action of another name that does the same')
    .argument('<action>', 'PACK.ACTION')
    .argument('<pack>', 'the pack of the new one')
    .argument('<name>', 'the name of the new one')
    .option('-f, --force', 'in place of one that is there')
    .action(async (ref: string, pack: string, name: string, _, command: Command) => {
      const { clone } = await import('../commands/action.ts');
      await clone(ref, pack, name, command.optsWithGlobals());
    });
  addRequest(action.command('execute').description('request an execution and print its id'), true);
}
