import type { Command } from 'commander';
import { addAttributes, addListing, globals } from '../options.ts';

/** `petrel inquiry`. */
export function registerInquiry(program: Command): void {
  const inquiry = program.command('inquiry').description('questions that workflows ask people');
  addListing(inquiry.command('list').description('those that wait for an answer, the newest first'), '50').action(
    async (_, command: Command) => {
      const { list } = await import('../commands/inquiry.ts');
      await list(command.optsWithGlobals());
    },
  );
  addAttributes(
    inquiry.command('get').description('one that waits, with the schema of its answer').argument('<ids...>'),
  ).action(async (ids: string[], _, command: Command) => {
    const { get } = await import('../commands/inquiry.ts');
    await get(ids, globals(command));
  });
  inquiry
    .command('respond')
    .description('answer; without an answer a terminal is asked field by field')
    .argument('<id>')
    .argument('[fields...]', 'name=value, name:=JSON, name=@file')
    .option('-r, --response <json>', 'the whole answer, a JSON object; @file reads a file')
    .addHelpText('after', '\nExample:\n  petrel inquiry respond 6651e0b5c2d1f3a4b5c6d7e8 continue=true')
    .action(async (id: string, fields: string[], _, command: Command) => {
      const { respond } = await import('../commands/inquiry.ts');
      await respond(id, fields, command.optsWithGlobals());
    });
}
