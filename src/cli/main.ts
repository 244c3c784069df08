#!/usr/bin/env node
/**
 * The `petrel` command. One file per command under commands/, loaded only when it is called: a command that needs no server
 * starts in under 100 ms.
 */
import { Command, Option } from 'commander';
import { version } from '../version.ts';
import { accessOptions, registerAccess } from './access.ts';
import { collect, contentCommands, globals } from './content-commands.ts';
import { reportError } from './output.ts';

const program = new Command('petrel')
  .description('Event-driven automation for Kubernetes platform teams')
  .version(version)
  .addOption(new Option('--data <dir>', 'data directory').default('.petrel').env('PETREL_DATA'))
  .addOption(new Option('--url <url>', 'address of the server, e.g. http://127.0.0.1:9101').env('PETREL_URL'))
  .addOption(new Option('--token <token>', 'token for the server; by default the data directory’s').env('PETREL_TOKEN'))
  .option('--json', 'print JSON')
  .showHelpAfterError('(add --help for what there is)')
  .configureHelp({ showGlobalOptions: true });

/** Options of `petrel` itself, wherever they were written. */
export interface GlobalOptions {
  readonly data: string;
  readonly url?: string;
  readonly token?: string;
  readonly json?: boolean;
}

const serverOptions = (command: Command) =>
  command
    .option('--packs <dir>', 'a directory of packs; may be repeated', collect, [])
    .option(
      '--configs <dir>',
      'directory of pack configurations (PACK.yaml); by default configs/ in the data directory',
    )
    .addOption(
      new Option('--database <url>', 'postgres://... instead of SQLite in the data directory').env('PETREL_DATABASE'),
    )
    .option('--watch', 'pick up edited packs without a restart')
    .option(
      '--kubeconfig <file>',
      'kubeconfig file; by default KUBECONFIG, ~/.kube/config or the pod’s service account',
    )
    .option('--kubernetes-url <url>', 'address of the Kubernetes API, instead of a kubeconfig')
    .addOption(new Option('--kubernetes-token <token>', 'token for --kubernetes-url').env('PETREL_KUBERNETES_TOKEN'))
    .option('--ssh-user <name>', 'whom remote shell actions log in as unless they say so; by default stanley')
    .option('--ssh-key <file>', 'private key that remote shell actions log in with unless they give their own')
    .addOption(
      new Option('--ssh-host-keys <policy>', 'which keys of hosts are believed; by default first-use').choices([
        'first-use',
        'known-hosts',
        'any',
      ]),
    )
    .option('--ssh-known-hosts <file>', 'file for --ssh-host-keys known-hosts; by default ~/.ssh/known_hosts')
    .addOption(
      new Option('--python <command>', 'Python 3.8 or later that runs the Python of packs; by default python3').env(
        'PETREL_PYTHON',
      ),
    )
    .addOption(
      new Option(
        '--python-memory <megabytes>',
        'how much data a Python process may hold, 0 for no limit; by default 2048',
      )
        .env('PETREL_PYTHON_MEMORY')
        .argParser(Number),
    )
    .option('--no-common-libs', 'Python actions cannot import from lib/ of their pack')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 takes a free one', (text) => Number(text), 9101)
    .addOption(
      new Option('--log-level <level>', 'how much to log').choices(['debug', 'info', 'warn', 'error']).default('info'),
    );

accessOptions(serverOptions(program.command('start').description('run the server'))).action(
  async (_, command: Command) => {
    const { start } = await import('./commands/start.ts');
    await start(command.optsWithGlobals());
  },
);

program
  .command('demo')
  .description('watch the main job happen: sandbox servers, a server, and the story of one database')
  .option('--once', 'tell the story through deletion, check every effect, and exit with 0 or 1')
  .option('--port <port>', 'port of the server; 0 takes a free one', (text) => Number(text), 9101)
  .action(async (_, command: Command) => {
    const { demo } = await import('./commands/demo.ts');
    process.exitCode = await demo(command.optsWithGlobals());
  });

const sandbox = program
  .command('sandbox')
  .description('run stand-ins for Kubernetes, RDS, Consul and Vault on loopback')
  .action(async (_, command: Command) => {
    const { sandbox } = await import('./commands/sandbox.ts');
    await sandbox(globals(command));
  });
sandbox
  .command('kubernetes')
  .description('run a Kubernetes API server alone; kept in --data DIR when that is given, else in memory')
  .option('--port <port>', 'port to listen on; 0 takes a free one', (text) => Number(text), 0)
  .option('--kubeconfig <file>', 'where to write the kubeconfig; by default sandbox/kubeconfig in the data directory')
  .option('--tokens <file>', 'who may ask beside the administrator: lines of token,user,uid,"group,group"')
  .option('--rbac', 'let roles decide who may do what')
  .option('--no-kubelet', 'leave pods pending, as in a cluster without nodes')
  .addHelpText('after', '\nExample:\n  petrel sandbox kubernetes --port 6443 --kubeconfig ./kubeconfig')
  .action(async (_, command: Command) => {
    const { sandboxKubernetes } = await import('./commands/sandbox-kubernetes.ts');
    const asked = command.getOptionValueSourceWithGlobals('data') === 'cli';
    await sandboxKubernetes({ ...command.optsWithGlobals(), keep: asked });
  });

program
  .command('run')
  .description('run an action and wait for its end')
  .argument('<action>', 'PACK.ACTION')
  .argument('[parameters...]', 'name=value, name:=JSON, name=@file')
  .option('--async', 'do not wait; print the id')
  .addHelpText('after', '\nExample:\n  petrel run core.local cmd="date"')
  .action(async (action: string, parameters: string[], _, command: Command) => {
    const { run } = await import('./commands/run.ts');
    process.exitCode = await run(action, parameters, command.optsWithGlobals());
  });

const execution = program.command('execution').description('look at executions, stop them, run them again');
execution
  .command('list')
  .description('the newest executions')
  .option('--action <ref>', 'only of this action')
  .option('--status <status>', 'only in this status')
  .option('--all', 'also tasks of workflows')
  .option('-n, --limit <count>', 'how many', '20')
  .action(async (_, command: Command) => {
    const { list } = await import('./commands/execution.ts');
    await list(command.optsWithGlobals());
  });
const onExecution = (
  name: string,
  description: string,
  load: () => Promise<(id: string, options: GlobalOptions) => Promise<void>>,
) =>
  execution
    .command(name)
    .description(description)
    .argument('<id>')
    .action(async (id: string, _, command: Command) => {
      const run = await load();
      await run(id, globals(command));
    });
for (const [name, description] of [
  ['get', 'one execution with its tasks and result; ID or last'],
  ['output', 'what an execution printed'],
  ['cancel', 'cancel an execution and what it started'],
  ['pause', 'let a workflow stop once what runs of it has ended'],
  ['resume', 'let a paused workflow go on'],
] as const) {
  onExecution(name, description, async () => (await import('./commands/execution.ts'))[name]);
}
for (const [name, description] of [
  ['tree', 'an execution with everything it started; ID or last'],
  ['history', 'the journal of a workflow: what happened to it, step by step; ID or last'],
] as const) {
  onExecution(name, description, async () => (await import('./commands/execution-history.ts'))[name]);
}
execution
  .command('rerun')
  .description('run the same again and print the new id; with --tasks a workflow goes on with these where it ended')
  .argument('<id>')
  .option('--tasks <names>', 'tasks of an Orquesta workflow, with commas between them')
  .option('--reset <names>', 'those of them of which all items run again, and not only those that failed')
  .action(async (id: string, _, command: Command) => {
    const { rerun } = await import('./commands/execution.ts');
    await rerun(id, command.optsWithGlobals());
  });

const inquiry = program.command('inquiry').description('questions that workflows ask people');
inquiry
  .command('list')
  .description('those that wait for an answer, the newest first')
  .option('-n, --limit <count>', 'how many', '20')
  .action(async (_, command: Command) => {
    const { list } = await import('./commands/inquiry.ts');
    await list(command.optsWithGlobals());
  });
inquiry
  .command('get')
  .description('one that waits, with the schema of its answer')
  .argument('<id>')
  .action(async (id: string, _, command: Command) => {
    const { get } = await import('./commands/inquiry.ts');
    await get(id, globals(command));
  });
inquiry
  .command('respond')
  .description('answer; without an answer a terminal is asked field by field')
  .argument('<id>')
  .argument('[fields...]', 'name=value, name:=JSON, name=@file')
  .option('--response <json>', 'the whole answer, a JSON object; @file reads a file')
  .addHelpText('after', '\nExample:\n  petrel inquiry respond 6651e0b5c2d1f3a4b5c6d7e8 continue=true')
  .action(async (id: string, fields: string[], _, command: Command) => {
    const { respond } = await import('./commands/inquiry.ts');
    await respond(id, fields, command.optsWithGlobals());
  });

program
  .command('trigger')
  .description('events')
  .command('dispatch')
  .description('dispatch an event, as a sensor would')
  .argument('<trigger>', 'PACK.TRIGGER')
  .option('--payload <json>', 'the payload; @file reads a file', '{}')
  .option('--parameters <json>', 'parameters of the concrete trigger; @file reads a file', '{}')
  .option('--dedupe-key <key>', 'a second event with the same key is a no-op')
  .action(async (trigger: string, _, command: Command) => {
    const { dispatch } = await import('./commands/trigger.ts');
    await dispatch(trigger, command.optsWithGlobals());
  });

const rule = program.command('rule').description('rules');
rule
  .command('list')
  .description('registered rules')
  .action(async (_, command: Command) => {
    const { list } = await import('./commands/content.ts');
    await list('rules', globals(command));
  });
rule
  .command('test')
  .description('say whether a rule matches a payload and what it would run; needs no server and runs nothing')
  .argument('<rule>', 'PACK.RULE')
  .requiredOption('--payload <json>', 'the payload; @file reads a file')
  .option('--packs <dir>', 'a directory of packs; may be repeated', collect, [])
  .option('--configs <dir>', 'directory of pack configurations')
  .action(async (name: string, _, command: Command) => {
    const { test } = await import('./commands/rule.ts');
    process.exitCode = await test(name, command.optsWithGlobals());
  });

const sensor = program.command('sensor').description('sensors of packs');
sensor
  .command('list')
  .description('sensors and how each stands: running, waiting to be started again, disabled ...')
  .action(async (_, command: Command) => {
    const { list } = await import('./commands/sensor.ts');
    await list(globals(command));
  });
for (const [name, description] of [
  ['get', 'one sensor, with its last failure'],
  ['enable', 'start a sensor; kept over restarts'],
  ['disable', 'stop a sensor; kept over restarts'],
] as const) {
  sensor
    .command(name)
    .description(description)
    .argument('<sensor>', 'PACK.SENSOR')
    .action(async (ref: string, _, command: Command) => {
      const commands = await import('./commands/sensor.ts');
      await commands[name](ref, globals(command));
    });
}

const policy = program.command('policy').description('policies');
policy
  .command('list')
  .description('registered policies')
  .action(async (_, command: Command) => {
    const { list } = await import('./commands/content.ts');
    await list('policies', globals(command));
  });
policy
  .command('get')
  .description('one policy')
  .argument('<policy>', 'PACK.POLICY')
  .action(async (ref: string, _, command: Command) => {
    const { get } = await import('./commands/content.ts');
    await get('policies', ref, globals(command));
  });

program
  .command('eval')
  .description("evaluate a workflow's expression, YAQL or Jinja; needs no server")
  .argument('<expression>', "for example '<% ctx().a + 1 %>' or '{{ ctx().a + 1 }}'")
  .option('--context <json>', 'the variables, a JSON object; @file reads a file', '{}')
  .addOption(
    new Option('--language <language>', 'by default that of the delimiters; with it they may be left out').choices([
      'yaql',
      'jinja',
    ]),
  )
  .action(async (expression: string, _, command: Command) => {
    const { evaluate } = await import('./commands/eval.ts');
    process.exitCode = await evaluate(expression, command.optsWithGlobals());
  });

const action = program.command('action').description('actions');
action
  .command('list')
  .description('actions of packs, and every operation of the Kubernetes API')
  .option('--pack <pack>', 'only those of this pack')
  .option('-n, --limit <count>', 'how many')
  .action(async (_, command: Command) => {
    const { list } = await import('./commands/action.ts');
    await list(command.optsWithGlobals());
  });
action
  .command('get')
  .description('one action and its parameters')
  .argument('<action>', 'PACK.ACTION')
  .action(async (ref: string, _, command: Command) => {
    const { get } = await import('./commands/action.ts');
    await get(ref, globals(command));
  });

contentCommands(program);

const workflow = program.command('workflow').description('workflow files: Orquesta and action-chains; need no server');
workflow
  .command('lint')
  .description('check a workflow; every complaint has file, line and column')
  .argument('<file>')
  .action(async (file: string, _, command: Command) => {
    const { lint } = await import('./commands/workflow.ts');
    process.exitCode = await lint(file, globals(command));
  });
workflow
  .command('graph')
  .description('print a workflow as a Mermaid flowchart')
  .argument('<file>')
  .action(async (file: string, _, command: Command) => {
    const { graph } = await import('./commands/workflow.ts');
    await graph(file, globals(command));
  });
workflow
  .command('simulate')
  .description('conduct a workflow without running anything: what it requests, how it ends, its output')
  .argument('<file>')
  .option('--input <name=value>', 'an input; JSON where it is JSON; may be repeated', collect, [])
  .option('--outcomes <file>', 'JSON: task to a list of {status, result}, one for each run; what is not said succeeds')
  .action(async (file: string, _, command: Command) => {
    const { simulation } = await import('./commands/workflow.ts');
    process.exitCode = await simulation(file, command.optsWithGlobals());
  });

const resource = program.command('resource').description('custom resource kinds that packs declare, and their objects');
const onResource = (
  command: Command,
  load: () => Promise<(name: string, options: GlobalOptions) => Promise<void>>,
): Command =>
  command.action(async (name: string, _, self: Command) => {
    const run = await load();
    await run(name, self.optsWithGlobals());
  });
onResource(
  resource
    .command('list')
    .description('declared resources; with one, its objects and how they stand')
    .argument('[resource]', 'PACK.RESOURCE'),
  async () => (await import('./commands/resource.ts')).list,
);
for (const [name, description] of [
  ['get', 'one object with its state'],
  ['explain', 'desired, observed, difference, what would be done and why, history'],
  ['abandon', 'release an object on purpose: its finalizer goes, what it stands for stays'],
] as const) {
  onResource(
    resource
      .command(name)
      .description(description)
      .argument('<name>', 'NAME, NAMESPACE/NAME, KIND/NAMESPACE/NAME or uid'),
    async () => (await import('./commands/resource.ts'))[name],
  );
}
onResource(
  resource
    .command('reconcile')
    .description('look and try again now')
    .argument('<name>', 'an object, or PACK.RESOURCE for all of its objects')
    .option('--dry-run', 'only say what would be done and why'),
  async () => (await import('./commands/resource.ts')).reconcile,
);
onResource(
  resource
    .command('orphans')
    .description('what carries our owner tag and belongs to no object')
    .argument('[resource]', 'PACK.RESOURCE'),
  async () => (await import('./commands/resource.ts')).orphans,
);
resource
  .command('crd')
  .description('print the CustomResourceDefinition of a declared resource; needs no server')
  .argument('<resource>', 'PACK.RESOURCE')
  .option('--packs <dir>', 'a directory of packs; may be repeated', collect, [])
  .action(async (name: string, _, command: Command) => {
    const { crd } = await import('./commands/resource.ts');
    await crd(name, command.optsWithGlobals());
  });

const kubernetesOptions = (command: Command) =>
  command
    .option('--kubeconfig <file>', 'with --from cluster: kubeconfig file; by default KUBECONFIG or ~/.kube/config')
    .option('--kubernetes-url <url>', 'with --from cluster: address of the Kubernetes API, instead of a kubeconfig')
    .addOption(new Option('--kubernetes-token <token>', 'token for --kubernetes-url').env('PETREL_KUBERNETES_TOKEN'));
const generate = program.command('generate').description('TypeScript from API descriptions; needs no server');
kubernetesOptions(
  generate
    .command('client')
    .description('a typed client from swagger 1.2, swagger 2.0 or OpenAPI 3')
    .requiredOption('--from <source>', 'a file, a directory of swagger 1.2, a URL, or cluster'),
)
  .option('--out <dir>', 'directory to write to; by default TITLE-client')
  .option('--force', 'replace what was generated there before')
  .action(async (_, command: Command) => {
    const { client } = await import('./commands/generate.ts');
    await client(command.optsWithGlobals());
  });
generate
  .command('types')
  .description('types for the SDK from CustomResourceDefinitions')
  .requiredOption('--crd <file>', 'YAML or JSON, one or several documents; - is standard input')
  .option('--out <file>', 'file to write to; by default the types are printed')
  .option('--force', 'overwrite a file that was not generated')
  .action(async (_, command: Command) => {
    const { types } = await import('./commands/generate.ts');
    await types(command.optsWithGlobals());
  });

program
  .command('migrate')
  .description('definitions of the past as those of today; needs no server')
  .command('tpr')
  .description('ThirdPartyResources as CustomResourceDefinitions')
  .argument('<file>', 'YAML or JSON, one or several documents; - is standard input')
  .option('--out <file>', 'file to write to; by default the definitions are printed')
  .action(async (file: string, _, command: Command) => {
    const { tpr } = await import('./commands/migrate.ts');
    await tpr(file, command.optsWithGlobals());
  });

const key = program.command('key').description('the datastore');
const scoped = (command: Command) =>
  command.option('--scope <scope>', 'system or user', 'system').option('--user <user>', 'owner of a user key');
scoped(key.command('list').description('keys, secrets as ciphertext'))
  .option('--prefix <prefix>', 'only keys that begin with this')
  .option('--decrypt', 'show secrets in clear text')
  .action(async (_, command: Command) => {
    const { list } = await import('./commands/key.ts');
    await list(command.optsWithGlobals());
  });
scoped(key.command('get').description('one key').argument('<name>'))
  .option('--decrypt', 'show a secret in clear text')
  .action(async (name: string, _, command: Command) => {
    const { get } = await import('./commands/key.ts');
    await get(name, command.optsWithGlobals());
  });
scoped(
  key
    .command('set')
    .description('create or replace a key')
    .argument('<name>')
    .argument('<value>', 'the value; @file reads a file, - standard input'),
)
  .option('--secret', 'encrypt it')
  .option('--ttl <seconds>', 'seconds until it vanishes')
  .action(async (name: string, value: string, _, command: Command) => {
    const { set } = await import('./commands/key.ts');
    await set(name, value, command.optsWithGlobals());
  });
scoped(key.command('delete').description('remove a key').argument('<name>')).action(
  async (name: string, _, command: Command) => {
    const { remove } = await import('./commands/key.ts');
    await remove(name, command.optsWithGlobals());
  },
);

registerAccess(program);

program.parseAsync().catch((error: unknown) => {
  process.exitCode = reportError(error, process.argv.includes('--json'));
});
