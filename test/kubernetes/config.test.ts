import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { createKubernetesClient, type KubernetesConfig, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import { startKubernetesSandbox } from '../../src/sandbox/index.ts';
import { type Certificate, selfSignedCertificate } from '../../src/sandbox/kubernetes/certificate.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'petrel-config-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
});

function write(name: string, content: string | object): string {
  const path = join(directory, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : stringify(content));
  return path;
}

/** A kubeconfig of one cluster, user and context, all with one name. */
function kubeconfig(name: string, cluster: object, user: object, namespace?: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: `https://${name}.example.org`, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) } }],
  };
}

async function load(settings: Partial<Parameters<typeof loadKubernetesConfig>[0]>): Promise<KubernetesConfig> {
  const config = await loadKubernetesConfig({ env: { HOME: directory }, ...settings });
  if (config === undefined) throw new Error('no configuration was found');
  return config;
}

async function authorization(config: KubernetesConfig): Promise<unknown> {
  return (await config.credentials.current()).headers.authorization;
}

describe('Finding the cluster', () => {
  it('takes an explicit URL before everything else', async () => {
    write('.kube/config', kubeconfig('home', {}, {}));
    const config = await load({ url: 'http://127.0.0.1:8001/', token: 't' });
    expect([config.server, await authorization(config)]).toEqual(['http://127.0.0.1:8001', 'Bearer t']);
  });

  it('takes ~/.kube/config when nothing else is said', async () => {
    write('.kube/config', kubeconfig('home', {}, { token: 'home-token' }, 'shop'));
    const config = await load({});
    expect(config).toMatchObject({ server: 'https://home.example.org', namespace: 'shop' });
    expect(await authorization(config)).toBe('Bearer home-token');
  });

  it('merges the files of KUBECONFIG: of two entries with one name the first counts', async () => {
    const one = write('one', { ...kubeconfig('a', {}, { token: 'first' }), 'current-context': '' });
    const two = write('two', {
      ...kubeconfig('a', { server: 'https://ignored' }, { token: 'second' }),
      'current-context': 'a',
    });
    const config = await load({ env: { KUBECONFIG: [one, join(directory, 'missing'), two].join(delimiter) } });
    expect([config.server, await authorization(config)]).toEqual(['https://a.example.org', 'Bearer first']);
  });

  it('takes the context that is asked for', async () => {
    const one = write('one', kubeconfig('a', {}, {}));
    const two = write('two', kubeconfig('b', {}, {}));
    const config = await load({ context: 'b', env: { KUBECONFIG: [one, two].join(delimiter) } });
    expect(config.server).toBe('https://b.example.org');
  });

  it('takes the service account of the pod it runs in', async () => {
    write('sa/token', 'pod-token\n');
    write('sa/ca.crt', 'PEM');
    write('sa/namespace', 'automation');
    const env = { HOME: directory, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    const config = await load({ env, serviceAccountDirectory: join(directory, 'sa') });
    expect(config).toMatchObject({ server: 'https://[fd00::1]:6443', namespace: 'automation', tls: { ca: 'PEM' } });
    expect(await authorization(config)).toBe('Bearer pod-token');
  });

  it('finds none where there is none', async () => {
    expect(await loadKubernetesConfig({ env: { HOME: directory } })).toBeUndefined();
  });

  it.each([
    ['a file that does not exist', { kubeconfig: '/nonexistent/config' }, '/nonexistent/config'],
    ['a URL that is none', { url: 'ftp://example.org' }, 'ftp://example.org'],
  ])('complains about %s', async (_what, settings, words) => {
    await expect(load(settings)).rejects.toMatchObject({ code: 'invalid' });
    await expect(load(settings)).rejects.toThrow(words);
  });

  it.each([
    ['no YAML', 'clusters: [', 'is not YAML'],
    ['a cluster without a server', { clusters: [{ name: 'a', cluster: {} }] }, 'clusters.0.cluster.server'],
    ['no current context', { ...kubeconfig('a', {}, {}), 'current-context': '' }, 'current context'],
    ['an unknown context', { ...kubeconfig('a', {}, {}), 'current-context': 'z' }, 'no context "z"'],
    ['an unknown user', { ...kubeconfig('a', {}, {}), users: [] }, 'no user "a"'],
    ['an auth provider of old', kubeconfig('a', {}, { 'auth-provider': { name: 'gcp' } }), 'auth-provider'],
    [
      'a plugin that asks',
      kubeconfig('a', {}, { exec: { apiVersion: 'v1', command: 'x', interactiveMode: 'Always' } }),
      'asks a person',
    ],
  ])('complains about a kubeconfig with %s', async (_what, content, words) => {
    const path = write('config', content);
    await expect(load({ kubeconfig: path })).rejects.toMatchObject({ code: 'invalid' });
    await expect(load({ kubeconfig: path })).rejects.toThrow(words);
  });
});

describe('Credentials of a kubeconfig', () => {
  it('may be a name and a password', async () => {
    const config = await load({
      kubeconfig: write('config', kubeconfig('a', {}, { username: 'ann', password: 'pw' })),
    });
    expect(await authorization(config)).toBe(`Basic ${Buffer.from('ann:pw').toString('base64')}`);
  });

  it('may be a token in a file beside it, which is read again after a refusal', async () => {
    write('tokens/a', 'one\n');
    const config = await load({ kubeconfig: write('config', kubeconfig('a', {}, { tokenFile: 'tokens/a' })) });
    expect(await authorization(config)).toBe('Bearer one');
    write('tokens/a', 'two\n');
    expect(await authorization(config)).toBe('Bearer one');
    config.credentials.refresh(await config.credentials.current());
    expect(await authorization(config)).toBe('Bearer two');
  });

  it('may act as somebody else', async () => {
    const user = { token: 't', as: 'ann', 'as-groups': ['x', 'y'] };
    const config = await load({ kubeconfig: write('config', kubeconfig('a', {}, user)) });
    expect((await config.credentials.current()).headers).toMatchObject({
      'impersonate-user': 'ann',
      'impersonate-group': ['x', 'y'],
    });
  });
});

describe('A credential plugin', () => {
  /** A plugin that notes each run, and prints what the script says. */
  const plugin = (script: string) => {
    const path = write(
      'plugin.mjs',
      `#!${process.execPath}\nimport { appendFileSync, readFileSync } from 'node:fs';\n${script}`,
    );
    chmodSync(path, 0o755);
    return { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin.mjs', args: ['--cluster', '$(id)'] };
  };
  const printing = (status: string) =>
    `appendFileSync(process.env.RUNS, JSON.stringify([process.argv.slice(2), JSON.parse(process.env.KUBERNETES_EXEC_INFO).kind]) + '\\n');
     console.log(JSON.stringify({ kind: 'ExecCredential', status: ${status} }));`;
  const configOf = (exec: object) => {
    const env = [{ name: 'RUNS', value: join(directory, 'runs') }];
    write('runs', '');
    return load({ kubeconfig: write('config', kubeconfig('a', {}, { exec: { ...exec, env } })) });
  };
  const runs = () => readFileSync(join(directory, 'runs'), 'utf8').trim().split('\n');

  it('is run without a shell, once until its credential ends', async () => {
    const config = await configOf(plugin(printing(`{ token: 'from-plugin' }`)));
    const tokens = await Promise.all([authorization(config), authorization(config)]);
    expect([...tokens, await authorization(config)]).toEqual(Array(3).fill('Bearer from-plugin'));
    expect(runs()).toEqual(['[["--cluster","$(id)"],"ExecCredential"]']);
  });

  it('is run again when its credential has ended, or was refused', async () => {
    const config = await configOf(plugin(printing(`{ token: 't', expirationTimestamp: new Date(0).toISOString() }`)));
    await authorization(config);
    await authorization(config);
    expect(runs()).toHaveLength(2);
  });

  it.each([
    ['fails', `console.log('secret-token'); console.error('no login'); process.exit(3);`, 'code 3.*no login'],
    ['prints nonsense', `console.log('secret-token');`, 'did not print an ExecCredential'],
    [
      'prints no credential',
      `console.log(JSON.stringify({ kind: 'ExecCredential', status: {}, x: 'secret-token' }));`,
      'did not print',
    ],
  ])('that %s is an error that does not show its output', async (_what, script, words) => {
    const config = await configOf(plugin(script));
    const failure = await authorization(config).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unauthorized' });
    expect(String(failure)).toMatch(new RegExp(words));
    expect(String(failure)).not.toContain('secret-token');
  });

  it('that is not installed is an error with the hint of its maker', async () => {
    const config = await configOf({
      apiVersion: 'v1',
      command: 'no-such-plugin-here',
      installHint: 'Install it with care.',
    });
    await expect(authorization(config)).rejects.toThrow('Install it with care.');
  });
});

describe('TLS', () => {
  /** A server that answers with the client's certificate. */
  async function startServer(own: Certificate): Promise<string> {
    const server = createServer(
      { cert: own.certificate, key: own.key, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const socket = request.socket as TLSSocket; // https has no others
        response.end(JSON.stringify({ client: socket.getPeerX509Certificate()?.fingerprint256 ?? null }));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`; // listening on a port
  }
  const ask = async (cluster: object, user: object = {}) => {
    const config = await load({ kubeconfig: write('config', kubeconfig('a', cluster, user)) });
    const client = createKubernetesClient(config);
    onTestFinished(() => client.close());
    return client.request({ path: '/whoami' });
  };
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const own = selfSignedCertificate(Date.now());
  const anothers = selfSignedCertificate(Date.now());

  it('trusts the authority of the kubeconfig, as data or in a file beside it', async () => {
    const server = await startServer(own);
    write('ca.pem', own.certificate);
    expect(await ask({ server, 'certificate-authority-data': base64(own.certificate) })).toEqual({ client: null });
    expect(await ask({ server, 'certificate-authority': 'ca.pem' })).toEqual({ client: null });
  });

  it('trusts nobody else, unless told to', async () => {
    const server = await startServer(own);
    const authority = { 'certificate-authority-data': base64(anothers.certificate) };
    await expect(ask({ server, ...authority })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(ask({ server })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await ask({ server, 'insecure-skip-tls-verify': true })).toEqual({ client: null });
  });

  it('shows the client certificate of the kubeconfig, as data or in files', async () => {
    const server = await startServer(own);
    const cluster = { server, 'certificate-authority-data': base64(own.certificate) };
    write('client.pem', anothers.certificate);
    write('client.key', anothers.key);
    const data = { 'client-certificate-data': base64(anothers.certificate), 'client-key-data': base64(anothers.key) };
    const shown = await ask(cluster, data);
    expect(shown).toEqual({ client: expect.stringMatching(/^[0-9A-F:]+$/) });
    expect(await ask(cluster, { 'client-certificate': 'client.pem', 'client-key': 'client.key' })).toEqual(shown);
  });

  it('is what the kubeconfig of the sandbox brings about', async () => {
    const sandbox = await startKubernetesSandbox({ port: 0 });
    const config = await load({ kubeconfig: write('config', sandbox.kubeconfig) });
    const client = createKubernetesClient(config);
    onTestFinished(async () => {
      await client.close();
      await sandbox.close();
    });
    expect(config.server).toMatch(/^https:/);
    expect((await client.list('v1', 'Namespace')).length).toBeGreaterThan(0);
  });
});
