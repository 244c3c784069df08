import type { Command } from 'commander';
import { addReading, SORT } from './collection.ts';

/** `petrel trace`. */
export function registerTrace(program: Command): void {
  addReading(
    program.command('trace').description('what followed from what'),
    {
      path: '/traces',
      one: 'trace: events, rules and executions, each with what caused it',
      name: 'ID of any part of it',
    },
    {
      about: 'the newest traces',
      filters: [
        { flags: '-c, --trace-tag <tag>', about: 'only with this tag' },
        { flags: '-e, --execution <id>', about: 'only the one with this execution' },
        { flags: '-r, --rule <rule>', about: 'only those with this rule' },
        { flags: '-g, --trigger-instance <id>', about: 'only the one with this event' },
        SORT,
      ],
      limit: '50',
    },
  );
}
