import type { Command } from 'commander';
import { globals } from '../options.ts';
import { addReading, addWriting, type Collection, OF_PACK, times } from './collection.ts';

const TRIGGER: Collection<'/triggertypes'> = {
  path: '/triggertypes',
  one: 'kind of events, with the schema of its payload',
  name: 'PACK.TRIGGER',
};

/** `petrel trigger`, `trigger-instance`, `timer` and `webhook`. */
export function registerTrigger(program: Command): void {
  const trigger = program.command('trigger').description('kinds of events');
  addReading(trigger, TRIGGER, { about: 'kinds of events that there are', filters: [OF_PACK] });
  addWriting(trigger, TRIGGER);
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
      filters: [
        { flags: '--trigger <trigger>', about: 'only of this trigger' },
        { flags: '--trigger-type <kind>', about: 'only of this kind' },
        { flags: '--status <status>', about: 'only in this status' },
        ...times('timestamp_gt', 'timestamp_lt'),
      ],
      limit: '50',
    },
  );
  instance
    .command('re-emit')
    .description('dispatch the payload of an event once more')
    .argument('<ids...>')
    .action(async (ids: string[], _, command: Command) => {
      const { reEmit } = await import('../commands/trigger.ts');
      await reEmit(ids, globals(command));
    });

  addReading(
    program.command('timer').description('timers that rules have set'),
    { path: '/timers', one: 'timer', name: 'reference or ID' },
    {
      about: 'all timers',
      filters: [{ flags: '--timer-type <kind>', about: 'only of this kind, e.g. core.st2.CronTimer; also -ty' }],
    },
  );
  addReading(
    program.command('webhook').description('webhooks that answer'),
    { path: '/webhooks', one: 'webhook', name: 'its url, below /webhooks/' },
    { about: 'all webhooks', filters: [OF_PACK] },
  );
}
