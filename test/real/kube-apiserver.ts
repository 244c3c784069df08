import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RealServer, startServer } from './processes.ts';

/** A real API server, alone with its etcd. */
export interface RealApiServer extends RealServer {
  readonly token: string;
  /** PEM file of the authority that its certificate is from. */
  readonly authority: string;
  /** Kills it and starts it again on the same etcd and port, with these flags in place of those before. Resolves when it is ready. */
  restart(flags: readonly string[]): Promise<void>;
}

export interface Programs {
  readonly apiServer: string;
  readonly etcd: string;
}

/**
 * The programs that PETREL_REAL_KUBE_APISERVER and PETREL_REAL_ETCD name; undefined, with a line about it, without. Unlike other real
 * components it is never required: no distribution has the API server as a package. `.ci/run` builds it.
 */
export function apiServerPrograms(): Programs | undefined {
  const { PETREL_REAL_KUBE_APISERVER: apiServer = '', PETREL_REAL_ETCD: etcd = '' } = process.env;
  if (apiServer !== '' && etcd !== '') return { apiServer, etcd };
  console.warn('skipped: no real API server (set PETREL_REAL_KUBE_APISERVER and PETREL_REAL_ETCD)');
  return undefined;
}

/** Starts an etcd and an API server on loopback, the latter with more `flags`. Resolves when it is ready. */
export async function startApiServer(
  { apiServer, etcd }: Programs,
  flags: readonly string[] = [],
): Promise<RealApiServer> {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-apiserver-'));
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
  const [clientUrl, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  const url = `https://127.0.0.1:${port}`;
  const token = 'admin-token';
  const store = await startServer(
    clientUrl,
    etcd,
    [
      ...[
        '--data-dir',
        join(directory, 'etcd'),
        '--listen-client-urls',
        clientUrl,
        '--advertise-client-urls',
        clientUrl,
      ],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...['--initial-cluster', `default=${peerUrl}`, '--unsafe-no-fsync'],
    ],
    async () => void (await fetch(`${clientUrl}/health`)),
  );
  const key = join(directory, 'sa.key');
  execFileSync('openssl', ['genrsa', '-out', key, '2048'], { stdio: 'ignore' });
  await writeFile(join(directory, 'tokens.csv'), `${token},admin,admin,system:masters\n`);
  const authority = join(directory, 'certs', 'apiserver.crt');
  const start = (more: readonly string[]) =>
    startServer(
      url,
      apiServer,
      [
        ...[`--etcd-servers=${clientUrl}`, `--cert-dir=${join(directory, 'certs')}`, '--bind-address=127.0.0.1'],
        ...[`--secure-port=${port}`, `--token-auth-file=${join(directory, 'tokens.csv')}`, '--authorization-mode=RBAC'],
        ...['--service-cluster-ip-range=10.0.0.0/24', `--service-account-issuer=${url}`],
        ...[`--service-account-key-file=${key}`, `--service-account-signing-key-file=${key}`],
        ...['--disable-admission-plugins=ServiceAccount', '--endpoint-reconciler-type=none'],
        ...more,
      ],
      async () => {
        const certificates = ['--cacert', authority, '-H', `authorization: Bearer ${token}`];
        execFileSync('curl', ['-sf', ...certificates, `${url}/readyz`], { stdio: 'ignore' });
        // It makes its first namespace when it is ready, and a moment later.
        execFileSync('curl', ['-sf', ...certificates, `${url}/api/v1/namespaces/default`], { stdio: 'ignore' });
      },
    );
  let running = await start(flags);
  return {
    url,
    token,
    authority,
    async restart(more) {
      await running.stop();
      running = await start(more);
    },
    async stop() {
      await running.stop();
      await store.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
