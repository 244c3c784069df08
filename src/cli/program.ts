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
import { registerRunner, registerSensor } from './nouns/sensor.ts';
import { registerServer } from './nouns/server.ts';
import { registerTrace } from './nouns/trace.ts';
import { registerTrigger } from './nouns/trigger.ts';
import { registerWorkflow } from './nouns/workflow.ts';

/** What `petrel --help` shows: headings, and below each the nouns in this order. */
const GROUPS: readonly (readonly [heading: string, ...register: ((program: Command) => void)[]])[] = [
  ['Server:', registerServer],
  [
    'Running:',
    registerRun,
    registerAction,
    registerExecution,
    registerInquiry,
    registerRunner,
    registerWorkflow,
    registerEval,
  ],
  ['Events:', registerRule, registerTrigger, registerSensor, registerTrace],
  ['Content:', registerPack, registerActionAlias, registerPolicy, registerKey],
  ['Kubernetes:', registerResource, registerGenerate],
  ['Access:', registerAccess],
  ['Shell:', registerCompletion],
];

/** All commands there are. Whatever is wrong with how one is called is thrown, as a `CommanderError`. */
export function createProgram(): Command {
  const program = new Command('petrel')
    .description('Event-driven automation for Kubernetes platform teams')
    .version(version)
    .addOption(new Option('--data <dir>', 'data directory').default('.petrel').env('PETREL_DATA'))
    .addOption(new Option('--url <url>', 'address of the server, e.g. http://127.0.0.1:9101').env('PETREL_URL'))
    .addOption(
      new Option('--token <token>', 'token for the server; by default the data directory’s').env('PETREL_TOKEN'),
    )
    .option('--api-key <key>', 'API key for the server, instead of a token')
    .option('-j, --json', 'print JSON')
    .option('-y, --yaml', 'print YAML')
    .exitOverride()
    .configureOutput({ outputError: () => {} }) // whoever catches the error tells it
    .configureHelp({ showGlobalOptions: true });
  for (const [heading, ...registers] of GROUPS) {
    program.commandsGroup(heading);
    for (const register of registers) register(program);
  }
  program.helpCommand('help [command]', 'what there is, and how it is called');
  addTokens(program);
  return program;
}

/** As st2, whose every command but `auth` takes `-t TOKEN`. */
function addTokens(command: Command): void {
  for (const one of command.commands) {
    addTokens(one);
    const isTaken = one.options.some(({ short }) => short === '-t');
    if (one.commands.length === 0 && !isTaken) one.addOption(new Option('-t <token>', 'as --token').hideHelp());
  }
}
