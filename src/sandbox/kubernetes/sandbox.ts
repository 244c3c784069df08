/** Puts the parts together: storage, kinds, controllers, server. */
import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { startHttpListener } from '../http.ts';
import { type Api, internalWrite } from './api.ts';
import { createAuthenticator, type TokenUser } from './authentication.ts';
import { allowAll, DEFAULT_BINDINGS, DEFAULT_ROLES, RBAC_GROUP, rbac } from './authorization.ts';
import { type Certificate, clientCertificate, selfSignedCertificate } from './certificate.ts';
import { kindOf, realTimers, type Timers } from './controllers/controller.ts';
import { startControllers } from './controllers/controllers.ts';
import { createNode } from './controllers/kubelet.ts';
import { createFaults, type KubernetesFaults } from './faults.ts';
import { clone } from './json.ts';
import { builtInKinds } from './kinds/built-in.ts';
import { SYSTEM_PRIORITY_CLASSES } from './kinds/scheduling.ts';
import { createObject } from './objects/create.ts';
import type { KubeObject } from './objects.ts';
import { keepIn } from './persistence.ts';
import { Registry } from './registry.ts';
import { createHandler, createUpgrade } from './server.ts';
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
  /** Who may ask beside the administrator whose token the kubeconfig holds. */
  readonly users?: readonly TokenUser[];
  /** `AlwaysAllow` (the default): whoever is known may do everything. `RBAC`: what the roles say. */
  readonly authorization?: 'AlwaysAllow' | 'RBAC';
  /** A directory that keeps everything, token and certificate included; without it all is gone with the process. */
  readonly data?: string;
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
  /** A certificate and key (PEM) with which a client is this user, in these groups. */
  clientCertificate(user: string, groups?: readonly string[]): Certificate;
  close(): Promise<void>;
}

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Starts a cluster's API server, empty unless `data` holds one, on loopback. Rejects when the port is taken. */
export async function startKubernetesSandbox(options: KubernetesSandboxOptions = {}): Promise<KubernetesSandbox> {
  const clock = options.clock ?? Date;
  const now = () => clock.now();
  const kept = options.data === undefined ? undefined : keepIn(options.data);
  const secret = (name: string, make: () => string) => kept?.secret(name, make) ?? make();
  const token = options.token ?? secret('token', () => randomBytes(24).toString('base64url'));
  // The wall clock, not the sandbox's: clients check the certificate's dates against their own.
  const authority = certificateIn(secret('certificate.pem', () => textOf(selfSignedCertificate(Date.now()))));
  const signing = Buffer.from(
    secret('token-secret', () => randomBytes(32).toString('hex')),
    'hex',
  );
  const storage = new Storage(options.historyLimit);
  const api: Api = { storage, registry: new Registry(), now };
  api.registry.serve('built-in', builtInKinds);
  const withKubelet = options.kubelet ?? true;
  const timers = options.timers ?? realTimers;
  startControllers(api, { timers, kubelet: withKubelet });
  kept?.follow(storage);
  createWhatEveryClusterHas(api);
  if (withKubelet) createNode({ api, timers });

  const gate = createFaults({ storage, now, listener: () => listener });
  const authenticator = createAuthenticator({ token, users: options.users ?? [], storage, now, secret: signing });
  const authorizer = options.authorization === 'RBAC' ? rbac(storage) : allowAll;
  const server = { api, authenticator, authorizer, gate, bookmarkSeconds: options.bookmarkSeconds ?? 60 };
  const listener = await startHttpListener({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    handle: createHandler(server),
    upgrade: createUpgrade(server),
    tls: { ...authority, authority: authority.certificate },
  });
  return {
    url: listener.url,
    token,
    kubeconfig: kubeconfigOf(listener.url.replace('http:', 'https:'), token, authority.certificate),
    faults: gate.faults,
    clientCertificate: (user, groups = []) => clientCertificate(authority, user, groups, Date.now()),
    async close() {
      await listener.stop();
      kept?.close();
    },
  };
}

function textOf({ certificate, key }: Certificate): string {
  return certificate + key;
}

/** The two parts of a PEM file with a certificate and its key. */
function certificateIn(pem: string): Certificate {
  const start = pem.indexOf('-----BEGIN PRIVATE KEY-----');
  return { certificate: pem.slice(0, start), key: pem.slice(start) };
}

/** Creates an object unless it is there already, from an earlier run. */
function ensure(api: Api, group: string, plural: string, namespace: string | undefined, object: KubeObject): void {
  const kind = kindOf(api, group, plural);
  if (api.storage.get(kind.storageKey, namespace, object.metadata.name) !== undefined) return;
  createObject(api, kind, namespace, object, { ...internalWrite, manager: 'kube-apiserver' });
}

function createWhatEveryClusterHas(api: Api): void {
  for (const name of NAMESPACES) {
    ensure(api, '', 'namespaces', undefined, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  for (const one of SYSTEM_PRIORITY_CLASSES) {
    ensure(api, 'scheduling.k8s.io', 'priorityclasses', undefined, clone(one));
  }
  // Nothing listens at the service's address here.
  ensure(api, '', 'services', 'default', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
  });
  const apiVersion = `${RBAC_GROUP}/v1`;
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  for (const { name, rules } of DEFAULT_ROLES) {
    const role: KubeObject = { apiVersion, kind: 'ClusterRole', metadata: { name, labels }, rules: clone([...rules]) };
    ensure(api, RBAC_GROUP, 'clusterroles', undefined, role);
  }
  for (const { role, group } of DEFAULT_BINDINGS) {
    ensure(api, RBAC_GROUP, 'clusterrolebindings', undefined, {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: role, labels },
      roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: role },
      subjects: [{ apiGroup: RBAC_GROUP, kind: 'Group', name: group }],
    });
  }
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
