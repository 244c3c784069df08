import type { Command } from 'commander';
import { collect } from '../options.ts';
import { addReading, addSwitch, addWriting, type Collection, OF_PACK, times } from './collection.ts';

const RULE: Collection<'/rules'> = { path: '/rules', one: 'rule', name: 'PACK.RULE' };

/** `petrel rule` and `rule-enforcement`. */
export function registerRule(program: Command): void {
  const rule = program.command('rule').description('rules: which event asks for which action');
  addReading(rule, RULE, {
    about: 'registered rules',
    filters: [
      OF_PACK,
      { flags: '--action <action>', about: 'only those that ask for this action' },
      { flags: '-g, --trigger <trigger>', about: 'only those on this trigger' },
      { flags: '--enabled', about: 'only those that are on', value: () => 'true' },
      { flags: '--disabled', query: 'enabled', about: 'only those that are off', value: () => 'false' },
    ],
  });
  addWriting(rule, RULE);
  addSwitch(rule, RULE);
  rule
    .command('test')
    .description('say whether a rule matches a payload and what it would run; needs no server and runs nothing')
    .argument('<rule>', 'PACK.RULE')
    .requiredOption('--payload <json>', 'the payload; @file reads a file')
    .option('--packs <dir>', 'a directory of packs; may be repeated', collect, [])
    .option('--configs <dir>', 'directory of pack configurations')
    .action(async (name: string, _, command: Command) => {
      const { test } = await import('../commands/rule.ts');
      process.exitCode = await test(name, command.optsWithGlobals());
    });

  addReading(
    program.command('rule-enforcement').description('what rules asked for, and why they could not'),
    { path: '/ruleenforcements', one: 'enforcement', name: 'ID' },
    {
      about: 'the newest enforcements',
      filters: [
        { flags: '-r, --rule <rule>', alias: '--rule-ref <rule>', query: 'rule_ref', about: 'only of this rule' },
        { flags: '-e, --execution <id>', about: 'only the one that asked for this execution' },
        { flags: '-g, --trigger-instance <id>', about: 'only on this event' },
        ...times('enforced_at_gt', 'enforced_at_lt'),
      ],
      limit: '50',
    },
  );
}
