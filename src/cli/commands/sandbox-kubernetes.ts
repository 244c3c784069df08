import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { PetrelError } from '../../model/index.ts';
import { startSandbox, type TokenUser } from '../../sandbox/index.ts';
import { onInterrupt } from '../interrupt.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';

export interface SandboxKubernetesOptions extends GlobalOptions {
  readonly port: number;
  readonly kubeconfig?: string;
  readonly tokens?: string;
  readonly rbac?: boolean;
  readonly kubelet: boolean;
  /** Whether `--data` was said on the command line; its default is the server's and no wish to keep anything. */
  readonly keep: boolean;
}

/** Runs a Kubernetes API server until interrupted. */
export async function sandboxKubernetes(options: SandboxKubernetesOptions): Promise<void> {
  if (!Number.isInteger(options.port) || options.port < 0 || options.port > 65_535) {
    throw new PetrelError('invalid', `--port ${options.port} is no port; say a number from 0 to 65535.`);
  }
  const directory = join(options.data, 'sandbox');
  const users = options.tokens === undefined ? [] : readTokens(await readFile(options.tokens, 'utf8'), options.tokens);
  const sandbox = await startSandbox({
    port: options.port,
    users,
    authorization: options.rbac === true ? 'RBAC' : 'AlwaysAllow',
    kubelet: options.kubelet,
    ...(options.keep ? { data: join(directory, 'kubernetes') } : {}),
  });
  const kubeconfig = resolve(options.kubeconfig ?? join(directory, 'kubeconfig'));
  await mkdir(dirname(kubeconfig), { recursive: true, mode: 0o700 });
  await writeFile(kubeconfig, sandbox.kubeconfig, { mode: 0o600 });
  await print({ url: sandbox.url, kubeconfig, data: options.keep ? directory : null }, options, () =>
    [
      `Kubernetes  ${sandbox.url}`,
      '',
      'In another terminal:',
      `  export KUBECONFIG=${kubeconfig}`,
      '  kubectl get nodes',
      '',
      options.keep ? `Everything is kept in ${directory}.` : 'Everything is kept in memory and gone with Ctrl-C.',
    ].join('\n'),
  );
  onInterrupt(() => sandbox.close());
}

/** Kubernetes' own form of static tokens: `token,user,uid` and optionally `"group,group"`. */
function readTokens(text: string, file: string): TokenUser[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const match = /^([^,]+),([^,]+)(?:,([^,]*)(?:,"?([^"]*)"?)?)?\s*$/.exec(line);
    const [, token, name, , groups = ''] = match ?? [];
    if (token === undefined || name === undefined) {
      throw new PetrelError('invalid', `${file}:${index + 1} is no line of token,user,uid,"group,group"; correct it.`);
    }
    return [{ token, name, groups: groups.split(',').filter((group) => group !== '') }];
  });
}
