/** Puts the parts together: storage, kinds, controllers, server. */
import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { startHttpListener } from '../http.ts';
import { type Api, internalWrite } from './api.ts';
import { selfSignedCertificate } from './certificate.ts';
import { kindOf, realTimers, type Timers } from './controllers/controller.ts';
import { startControllers } from './controllers/controllers.ts';
import { createNode } from './controllers/kubelet.ts';
import { createFaults, type KubernetesFaults } from './faults.ts';
import { builtInKinds } from './kinds/built-in.ts';
import { createObject } from './objects/create.ts';
import { Registry } from './registry.ts';
import { createHandler } from './server.ts';
import { Storage } from './storage.ts';

export interface KubernetesSandboxOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  readonly host?: '127.0.0.1';
  /** Default: a random one. */
  readonly token?: string;
  /** Default: the wall clock. Timestamps and ages follow it; timers do not. */
  readonly clock?: { now(): number };
  /** How many events of each resource can be watched again; default 10,000. */
  readonly historyLimit?: number;
  /** Default: the wall clock's. Waits of controllers and of the simulated pods. */
  readonly timers?: Timers;
  /** Whether pods come to life on a simulated node; default true. Without it they stay pending. */
  readonly kubelet?: boolean;
  /** Seconds between the bookmarks of a watch that asked for them; default 60. */
  readonly bookmarkSeconds?: number;
}

export interface KubernetesSandbox {
  /** `http://127.0.0.1:PORT`. The same port speaks TLS: kubectl sends no token without it. */
  readonly url: string;
  /** What every request but /healthz, /readyz, /livez and /version must carry as a bearer token. */
  readonly token: string;
  /** YAML: the https URL with its authority, the token, namespace default. */
  readonly kubeconfig: string;
  readonly faults: KubernetesFaults;
  close(): Promise<void>;
}

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Starts an empty cluster's API server, in memory, on loopback. Rejects when the port is taken. */
export async function startKubernetesSandbox(options: KubernetesSandboxOptions = {}): Promise<KubernetesSandbox> {
  const clock = options.clock ?? Date;
  const now = () => clock.now();
  const token = options.token ?? randomBytes(24).toString('base64url');
  const api: Api = { storage: new Storage(options.historyLimit), registry: new Registry(), now };
  api.registry.serve('built-in', builtInKinds);
  const withKubelet = options.kubelet ?? true;
  const timers = options.timers ?? realTimers;
  startControllers(api, { timers, kubelet: withKubelet });
  createNamespaces(api);
  createApiService(api);
  if (withKubelet) createNode({ api, timers });

  const gate = createFaults({ storage: api.storage, now, listener: () => listener });
  const handle = createHandler({ api, token, gate, bookmarkSeconds: options.bookmarkSeconds ?? 60 });
  // The wall clock, not the sandbox's: clients check the certificate's dates against their own.
  const tls = selfSignedCertificate(Date.now());
  const listener = await startHttpListener({ host: options.host ?? '127.0.0.1', port: options.port ?? 0, handle, tls });
  return {
    url: listener.url,
    token,
    kubeconfig: kubeconfigOf(listener.url.replace('http:', 'https:'), token, tls.certificate),
    faults: gate.faults,
    close: () => listener.stop(),
  };
}

function createNamespaces(api: Api): void {
  const kind = api.registry.find('', 'v1', 'namespaces');
  if (kind === undefined) throw new Error('the built-in kinds hold no namespaces');
  for (const name of NAMESPACES) {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    createObject(api, kind, undefined, namespace, { ...internalWrite, manager: 'kube-apiserver' });
  }
}

/** Every cluster has its API server as a service; nothing listens at that address here. */
function createApiService(api: Api): void {
  const kind = kindOf(api, '', 'services');
  const spec = { ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] };
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'kubernetes', labels }, spec };
  createObject(api, kind, 'default', service, { ...internalWrite, manager: 'kube-apiserver' });
}

function kubeconfigOf(server: string, token: string, certificate: string): string {
  const name = 'petrel-sandbox';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      { name, cluster: { server, 'certificate-authority-data': Buffer.from(certificate).toString('base64') } },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
  });
}
