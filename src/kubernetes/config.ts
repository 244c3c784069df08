import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { messageOf, PetrelError } from '../model/index.ts';
import { type CredentialSource, type Credentials, fileCredentials, staticCredentials } from './credentials.ts';
import { execCredentials } from './exec-credential.ts';
import { type KubeconfigContext, readKubeconfig } from './kubeconfig.ts';

/** Everything a client needs to know about one cluster. */
export interface KubernetesConfig {
  /** URL of the API server without a slash at its end; may have a path (a proxy in front of many clusters). */
  readonly server: string;
  /** Where this was found, for messages: `the context kind-kind of /home/ann/.kube/config`. */
  readonly source: string;
  /** The namespace meant where none is given. */
  readonly namespace: string;
  readonly tls: TlsSettings;
  readonly credentials: CredentialSource;
  readonly proxy?: string;
}

export interface TlsSettings {
  /** PEM; absent: the system's authorities. */
  readonly ca?: string;
  readonly insecure: boolean;
  readonly serverName?: string;
}

export interface KubernetesSettings {
  /** Path of a kubeconfig; wins over KUBECONFIG. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** URL of the API server; wins over every kubeconfig. */
  readonly url?: string;
  readonly token?: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where a pod finds its service account; for tests. */
  readonly serviceAccountDirectory?: string;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Finds the cluster in kubectl's order: an explicit URL, an explicit kubeconfig, the files of KUBECONFIG, ~/.kube/config, the service
 * account of the pod this runs in. Answers undefined when none of them is there. Throws `invalid` when one is there and broken.
 */
export async function loadKubernetesConfig(settings: KubernetesSettings): Promise<KubernetesConfig | undefined> {
  if (settings.url !== undefined) return fromUrl(settings.url, settings.token);
  const paths = kubeconfigPaths(settings);
  const context = await readKubeconfig(paths, settings.context);
  if (context !== undefined) return fromContext(context, settings.env);
  if (settings.kubeconfig !== undefined || settings.context !== undefined) {
    throw new PetrelError('invalid', `There is no kubeconfig at ${paths.join(', ')}.`);
  }
  return fromServiceAccount(settings.env, settings.serviceAccountDirectory ?? SERVICE_ACCOUNT);
}

function kubeconfigPaths({ kubeconfig, env }: KubernetesSettings): readonly string[] {
  if (kubeconfig !== undefined) return [kubeconfig];
  const fromEnv = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  return fromEnv.length > 0 ? fromEnv : [join(env.HOME ?? homedir(), '.kube', 'config')];
}

function fromUrl(url: string, token: string | undefined): KubernetesConfig {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    server: normalUrl(url, 'the given URL'),
    source: 'the given URL',
    namespace: 'default',
    tls: { insecure: false },
    credentials: staticCredentials({ headers }),
  };
}

async function fromContext(context: KubeconfigContext, env: NodeJS.ProcessEnv): Promise<KubernetesConfig> {
  const source = `the context ${context.name} of ${context.file}`;
  const { cluster } = context;
  const ca = await textOrFile(cluster['certificate-authority-data'], cluster['certificate-authority']);
  const proxy = cluster['proxy-url'] ?? '';
  return {
    server: normalUrl(cluster.server, source),
    source,
    namespace: context.namespace ?? 'default',
    tls: {
      ...(ca === undefined ? {} : { ca }),
      insecure: cluster['insecure-skip-tls-verify'] === true,
      ...(cluster['tls-server-name'] === undefined ? {} : { serverName: cluster['tls-server-name'] }),
    },
    credentials: credentialsOf(context, source, env),
    ...(proxy === '' ? {} : { proxy }),
  };
}

function credentialsOf(context: KubeconfigContext, source: string, env: NodeJS.ProcessEnv): CredentialSource {
  const { user, cluster } = context;
  const impersonation = {
    ...(user.as === undefined ? {} : { 'impersonate-user': user.as }),
    ...(user['as-groups'] === undefined ? {} : { 'impersonate-group': user['as-groups'] }),
  };
  if (user.exec != null) {
    if (user.exec.interactiveMode === 'Always') {
      throw new PetrelError(
        'invalid',
        `The credential plugin of ${source} always asks a person; Petrel needs one that does not.`,
      );
    }
    const plugin = {
      apiVersion: user.exec.apiVersion,
      command: user.exec.command,
      args: user.exec.args ?? [],
      env: Object.fromEntries((user.exec.env ?? []).map(({ name, value }) => [name, value])),
      ...(user.exec.installHint === undefined ? {} : { installHint: user.exec.installHint }),
      ...(user.exec.provideClusterInfo === true ? { cluster } : {}),
    };
    return execCredentials(plugin, impersonation, env);
  }
  if (user['auth-provider'] !== undefined) {
    throw new PetrelError(
      'invalid',
      `The user of ${source} has an auth-provider, which Kubernetes removed in 1.26. Use a credential plugin (exec).`,
    );
  }
  const certificate = decode(user['client-certificate-data']);
  const key = decode(user['client-key-data']);
  const fixed: Credentials = {
    headers: { ...impersonation, ...authorization(user.token, user.username, user.password) },
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
  };
  // As client-go: data wins over a file for certificates, a file wins over the token itself.
  const files = {
    ...(user.tokenFile === undefined ? {} : { token: user.tokenFile }),
    ...(certificate !== undefined || user['client-certificate'] === undefined
      ? {}
      : { certificate: user['client-certificate'] }),
    ...(key !== undefined || user['client-key'] === undefined ? {} : { key: user['client-key'] }),
  };
  return Object.keys(files).length === 0 ? staticCredentials(fixed) : fileCredentials(files, fixed);
}

function authorization(token?: string, username?: string, password?: string): Record<string, string> {
  if (token !== undefined && token !== '') return { authorization: `Bearer ${token}` };
  if (username === undefined || username === '') return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`, 'utf8').toString('base64')}` };
}

async function fromServiceAccount(env: NodeJS.ProcessEnv, directory: string): Promise<KubernetesConfig | undefined> {
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  const tokenFile = join(directory, 'token');
  if (host === '' || !(await exists(tokenFile))) return undefined;
  const port = env.KUBERNETES_SERVICE_PORT ?? '443';
  const ca = await textOrFile(
    undefined,
    (await exists(join(directory, 'ca.crt'))) ? join(directory, 'ca.crt') : undefined,
  );
  const namespaceFile = join(directory, 'namespace');
  const namespace = (await exists(namespaceFile)) ? (await readFile(namespaceFile, 'utf8')).trim() : '';
  return {
    server: normalUrl(`https://${host.includes(':') ? `[${host}]` : host}:${port}`, 'the service account of this pod'),
    source: 'the service account of this pod',
    namespace: namespace === '' ? 'default' : namespace,
    tls: { ...(ca === undefined ? {} : { ca }), insecure: false },
    credentials: fileCredentials({ token: tokenFile }),
  };
}

function normalUrl(text: string, source: string): string {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new PetrelError(
      'invalid',
      `The API server's address in ${source} is no http or https URL: ${JSON.stringify(text)}.`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function decode(base64: string | undefined): string | undefined {
  return base64 === undefined || base64 === '' ? undefined : Buffer.from(base64, 'base64').toString('utf8');
}

async function textOrFile(data: string | undefined, path: string | undefined): Promise<string | undefined> {
  const text = decode(data);
  if (text !== undefined || path === undefined || path === '') return text;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new PetrelError('invalid', `The certificate authority ${path} could not be read: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
