import type { LogLevel } from '../../log.ts';
import type { HostKeyPolicy } from '../../runners/index.ts';
import { startServer } from '../../server.ts';
import { onInterrupt } from '../interrupt.ts';
import { type AccessServerOptions, accessSettings } from '../nouns/access.ts';
import type { GlobalOptions } from '../options.ts';

interface StartOptions extends GlobalOptions, AccessServerOptions {
  readonly packs: readonly string[];
  readonly configs?: string;
  readonly database?: string;
  readonly watch?: boolean;
  readonly stackstormKey?: string;
  readonly kubeconfig?: string;
  readonly kubernetesUrl?: string;
  readonly kubernetesToken?: string;
  readonly sshUser?: string;
  readonly sshKey?: string;
  readonly sshHostKeys?: HostKeyPolicy;
  readonly sshKnownHosts?: string;
  readonly python?: string;
  readonly pythonMemory?: number;
  readonly commonLibs: boolean;
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
}

/** Runs the server until it is told to stop. */
export async function start(options: StartOptions): Promise<void> {
  const { kubeconfig, kubernetesUrl, kubernetesToken, sshUser, sshKey, sshHostKeys, sshKnownHosts } = options;
  const server = await startServer({
    data: options.data,
    packs: options.packs,
    host: options.host,
    port: options.port,
    logLevel: options.logLevel,
    watch: options.watch === true,
    kubernetes: {
      ...(kubeconfig !== undefined && { kubeconfig }),
      ...(kubernetesUrl !== undefined && { url: kubernetesUrl }),
      ...(kubernetesToken !== undefined && { token: kubernetesToken }),
    },
    ssh: {
      ...(sshUser !== undefined && { user: sshUser }),
      ...(sshKey !== undefined && { keyFile: sshKey }),
      ...(sshHostKeys !== undefined && { hostKeys: sshHostKeys }),
      ...(sshKnownHosts !== undefined && { knownHostsFile: sshKnownHosts }),
    },
    python: {
      ...(options.python !== undefined && { command: options.python }),
      ...(options.pythonMemory !== undefined && { memory: options.pythonMemory }),
      commonLibs: options.commonLibs,
    },
    tracing: process.env,
    ...accessSettings(options),
    ...(options.configs !== undefined && { configs: options.configs }),
    ...(options.database !== undefined && { database: options.database }),
    ...(options.stackstormKey !== undefined && { stackstormKey: options.stackstormKey }),
  });
  if (options.json === true) process.stdout.write(`${JSON.stringify({ url: server.url, pid: process.pid })}\n`);
  onInterrupt(() => server.stop());
}
