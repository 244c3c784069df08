import type { Command } from 'commander';
import { collect } from '../options.ts';
import { addReading, addSwitch, addWriting, type Collection } from './collection.ts';

const RULE: Collection = { path: '/rules', one: 'rule', name: 'PACK.RULE' };

/** `petrel rule` and `rule-enforcement`. */
export function registerRule(program: Command): void {
  const rule = program.command('rule').description('rules: which event asks for which action');
  addReading(rule, RULE, {
    about: 'registered rules',
    filters: {
      pack: 'only those of this pack',
      action: 'only those that ask for this action',
      trigger: 'only those on this trigger',
    },
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
      filters: {
        rule_ref: 'only of this rule',
        execution: 'only the one that asked for this execution',
        trigger_instance: 'only on this event',
      },
      limit: '20',
    },
  );
}
