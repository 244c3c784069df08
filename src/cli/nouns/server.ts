import { type Command, Option } from 'commander';
import { collect, globals } from '../options.ts';
import { accessOptions } from './access.ts';

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
    .option('--stackstorm-key <file>', "StackStorm's key file (encryption_key_path), to read secrets that it encrypted")
    .option('--no-common-libs', 'Python actions cannot import from lib/ of their pack')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 takes a free one', (text) => Number(text), 9101)
    .addOption(
      new Option('--log-level <level>', 'how much to log').choices(['debug', 'info', 'warn', 'error']).default('info'),
    );

/** `petrel start`, `demo` and `sandbox`. */
export function registerServer(program: Command): void {
  accessOptions(serverOptions(program.command('start').description('run the server'))).action(
    async (_, command: Command) => {
      const { start } = await import('../commands/start.ts');
      await start(command.optsWithGlobals());
    },
  );

  program
    .command('demo')
    .description('watch the main job happen: sandbox servers, a server, and the story of one database')
    .option('--once', 'tell the story through deletion, check every effect, and exit with 0 or 1')
    .option('--port <port>', 'port of the server; 0 takes a free one', (text) => Number(text), 9101)
    .action(async (_, command: Command) => {
      const { demo } = await import('../commands/demo.ts');
      process.exitCode = await demo(command.optsWithGlobals());
    });

  const sandbox = program
    .command('sandbox')
    .description('run stand-ins for Kubernetes, RDS, Consul and Vault on loopback')
    .action(async (_, command: Command) => {
      const { sandbox } = await import('../commands/sandbox.ts');
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
      const { sandboxKubernetes } = await import('../commands/sandbox-kubernetes.ts');
      const asked = command.getOptionValueSourceWithGlobals('data') === 'cli';
      await sandboxKubernetes({ ...command.optsWithGlobals(), keep: asked });
    });
}
