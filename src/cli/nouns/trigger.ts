import type { Command } from 'commander';
import { globals } from '../options.ts';
import { addReading } from './collection.ts';

/** `petrel trigger`, `trigger-instance`, `timer` and `webhook`. */
export function registerTrigger(program: Command): void {
  const trigger = program.command('trigger').description('kinds of events');
  addReading(
    trigger,
    { path: '/triggertypes', one: 'kind of events, with the schema of its payload', name: 'PACK.TRIGGER' },
    { about: 'kinds of events that there are', filters: { pack: 'only those of this pack' } },
  );
  trigger
    .command('dispatch')
    .description('dispatch an event, as a sensor would')
    .argument('<trigger>', 'PACK.TRIGGER')
    .option('--payload <json>', 'the payload; @file reads a file', '{}')
    .option('--parameters <json>', 'parameters of the concrete trigger; @file reads a file', '{}')
    .option('--dedupe-key <key>', 'a second event with the same key is a no-op')
    .action(async (name: string, _, command: Command) => {
      const { dispatch } = await import('../commands/trigger.ts');
      await dispatch(name, command.optsWithGlobals());
    });

  const instance = program.command('trigger-instance').description('events that happened');
  addReading(
    instance,
    { path: '/triggerinstances', one: 'event with its payload', name: 'ID' },
    {
      about: 'the newest events',
      filters: { trigger: 'only of this trigger', trigger_type: 'only of this kind', status: 'only in this status' },
      limit: '20',
    },
  );
  instance
    .command('re-emit')
    .description('dispatch the payload of an event once more')
    .argument('<id>')
    .action(async (id: string, _, command: Command) => {
      const { reEmit } = await import('../commands/trigger.ts');
      await reEmit(id, globals(command));
    });

  addReading(
    program.command('timer').description('timers that rules have set'),
    { path: '/timers', one: 'timer', name: 'reference or ID' },
    { about: 'all timers', filters: { timer_type: 'only of this kind, e.g. core.st2.CronTimer' } },
  );
  addReading(
    program.command('webhook').description('webhooks that answer'),
    { path: '/webhooks', one: 'webhook', name: 'its url, below /webhooks/' },
    { about: 'all webhooks' },
  );
}
