import { Command, Option } from 'commander';
import { version } from '../version.ts';
import { registerAccess } from './nouns/access.ts';
import { registerAction } from './nouns/action.ts';
import { registerActionAlias } from './nouns/action-alias.ts';
import { registerCompletion } from './nouns/completion.ts';
import { registerEval } from './nouns/eval.ts';
import { registerExecution } from './nouns/execution.ts';
import { registerGenerate } from './nouns/generate.ts';
import { registerInquiry } from './nouns/inquiry.ts';
import { registerKey } from './nouns/key.ts';
import { registerPack } from './nouns/pack.ts';
import { registerPolicy } from './nouns/policy.ts';
import { registerResource } from './nouns/resource.ts';
import { registerRule } from './nouns/rule.ts';
import { registerRun } from './nouns/run.ts';
import { registerSensor } from './nouns/sensor.ts';
import { registerServer } from './nouns/server.ts';
import { registerTrace } from './nouns/trace.ts';
import { registerTrigger } from './nouns/trigger.ts';
import { registerWorkflow } from './nouns/workflow.ts';

/** What `petrel --help` shows: headings, and below each the nouns in this order. */
const GROUPS: readonly (readonly [heading: string, ...register: ((program: Command) => void)[]])[] = [
  ['Server:', registerServer],
  ['Running:', registerRun, registerAction, registerExecution, registerInquiry, registerWorkflow, registerEval],
  ['Events:', registerRule, registerTrigger, registerSensor, registerTrace],
  ['Content:', registerPack, registerActionAlias, registerPolicy, registerKey],
  ['Kubernetes:', registerResource, registerGenerate],
  ['Access:', registerAccess],
  ['Shell:', registerCompletion],
];

/** All commands there are. */
export function createProgram(): Command {
  const program = new Command('petrel')
    .description('Event-driven automation for Kubernetes platform teams')
    .version(version)
    .addOption(new Option('--data <dir>', 'data directory').default('.petrel').env('PETREL_DATA'))
    .addOption(new Option('--url <url>', 'address of the server, e.g. http://127.0.0.1:9101').env('PETREL_URL'))
    .addOption(
      new Option('--token <token>', 'token for the server; by default the data directory’s').env('PETREL_TOKEN'),
    )
    .option('--json', 'print JSON')
    .showHelpAfterError('(add --help for what there is)')
    .configureHelp({ showGlobalOptions: true });
  for (const [heading, ...registers] of GROUPS) {
    program.commandsGroup(heading);
    for (const register of registers) register(program);
  }
  program.helpCommand('help [command]', 'what there is, and how it is called');
  return program;
}
