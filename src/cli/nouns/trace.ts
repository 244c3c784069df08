import type { Command } from 'commander';
import { addReading } from './collection.ts';

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
      filters: {
        trace_tag: 'only with this tag',
        execution: 'only the one with this execution',
        rule: 'only those with this rule',
        trigger_instance: 'only the one with this event',
      },
      limit: '20',
    },
  );
}
