import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiServerPrograms, startApiServer } from './kube-apiserver.ts';
import { startServer } from './processes.ts';

export interface RealCluster {
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

/** The directory that scripts/real-kubernetes.sh filled; undefined, with a line about it, without. Never required: it takes minutes. */
export function realKubernetes(): string | undefined {
  const place = process.env.PETREL_REAL_KUBERNETES ?? '';
  if (place !== '' && apiServerPrograms() !== undefined) return place;
  console.warn('skipped: no real Kubernetes (eval the output of scripts/real-kubernetes.sh)');
  return undefined;
}

/** A real API server with its controllers, and somebody who reports pods as running: there is no node. */
export async function startRealCluster(place: string): Promise<RealCluster> {
  const programs = apiServerPrograms();
  if (programs === undefined) throw new Error('there is no API server to start');
  const server = await startApiServer(programs);
  const directory = await mkdtemp(join(tmpdir(), 'petrel-real-cluster-'));
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'real', cluster: { server: server.url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token: server.token } }],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'admin' } }],
    'current-context': 'real',
  });
  const config = join(directory, 'kubeconfig');
  await writeFile(config, kubeconfig);
  const call = callerOf(server.url, server.token);
  const controllers = await startServer(
    server.url,
    join(place, 'kube-controller-manager'),
    [
      ...[`--kubeconfig=${config}`, `--authentication-kubeconfig=${config}`, `--authorization-kubeconfig=${config}`],
      ...['--port=0', '--secure-port=0', '--leader-elect=false'],
    ],
    async () => {
      // The default account of a namespace is the first thing they make.
      await call('GET', '/api/v1/namespaces/default/serviceaccounts/default');
    },
  );
  const kubelet = pretendKubelet(call);
  return {
    kubeconfig,
    async stop() {
      await kubelet.stop();
      await controllers.stop();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: what a real server answers is the subject of the tests that read it
type Answered = any;
type Call = (method: string, path: string, body?: unknown, type?: string) => Promise<Answered>;

/** Requests to a server whose certificate is its own. Rejects for every status from 400 on. */
function callerOf(url: string, token: string): Call {
  const agent = new Agent({ rejectUnauthorized: false, keepAlive: true });
  return (method, path, body, type = 'application/json') =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      // Node does not say by itself how long the body of a DELETE is.
      const length = String(Buffer.byteLength(text));
      const headers = { authorization: `Bearer ${token}`, 'content-type': type, 'content-length': length };
      const sent = request(url + path, { method, headers, agent }, (response) => {
        let answer = '';
        response.on('data', (chunk: Buffer) => {
          answer += chunk.toString('utf8');
        });
        response.on('error', reject);
        response.on('end', () => {
          if ((response.statusCode ?? 500) >= 400) reject(new Error(`HTTP ${response.statusCode}: ${answer}`));
          else resolve(JSON.parse(answer));
        });
      });
      sent.on('error', reject);
      sent.setTimeout(5000, () => sent.destroy(new Error(`${method} ${path} was not answered within 5 s`)));
      sent.end(text);
    });
}

const NODE = 'pretended';

/** Reports every pod as bound and ready, those of jobs as done, and lets go of those that are deleted. */
function pretendKubelet(call: Call): { stop(): Promise<void> } {
  let over = false;
  let ip = 0;
  let beat = 0;
  /** A node that is silent for 40 s, or is not there, costs its pods their readiness and then their lives. */
  const heartbeat = async () => {
    if (Date.now() < beat) return;
    beat = Date.now() + 5000;
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } };
    await call('POST', '/api/v1/nodes', node).catch(() => {});
    const now = new Date().toISOString().replace(/\.\d+/, '');
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: now };
    const type = 'application/strategic-merge-patch+json';
    await call('PATCH', `/api/v1/nodes/${NODE}/status`, { status: { conditions: [ready] } }, type);
  };
  const look = async () => {
    await heartbeat();
    const { items } = await call('GET', '/api/v1/pods');
    // A pod that changed or went between two calls is looked at again.
    for (const pod of items) await attend(pod).catch(() => {});
  };
  const attend = async (pod: Answered) => {
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`;
    if (pod.metadata.deletionTimestamp !== undefined) {
      await call('DELETE', path, { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 });
    } else if (pod.spec.nodeName === undefined) {
      const target = { apiVersion: 'v1', kind: 'Node', name: NODE };
      const metadata = { name: pod.metadata.name };
      await call('POST', `${path}/binding`, { apiVersion: 'v1', kind: 'Binding', metadata, target });
    } else if (pod.status.phase === 'Pending') {
      ip++;
      await call('PATCH', `${path}/status`, { status: statusOf(pod, ip) }, 'application/merge-patch+json');
    }
  };
  const loop = (async () => {
    while (!over) {
      await look().catch(() => {});
      await sleep(200);
    }
  })();
  return {
    async stop() {
      over = true;
      await loop;
    },
  };
}

function statusOf(pod: Answered, ip: number): Answered {
  const now = new Date().toISOString().replace(/\.\d+/, '');
  const done = pod.metadata.ownerReferences?.[0]?.kind === 'Job';
  const state = done
    ? { terminated: { exitCode: 0, reason: 'Completed', startedAt: now, finishedAt: now } }
    : { running: { startedAt: now } };
  const condition = (type: string) => ({ type, status: done ? 'False' : 'True', lastTransitionTime: now });
  return {
    phase: done ? 'Succeeded' : 'Running',
    podIP: `10.244.0.${ip}`,
    podIPs: [{ ip: `10.244.0.${ip}` }],
    startTime: now,
    conditions: [condition('Ready'), condition('ContainersReady')],
    containerStatuses: pod.spec.containers.map((container: Answered) => ({
      name: container.name,
      image: container.image,
      imageID: '',
      ready: !done,
      restartCount: 0,
      state,
    })),
  };
}
