import { describe, expect, it } from 'vitest';
import type { Timers } from '../../../src/sandbox/kubernetes/index.ts';
import { type Answered, type Cluster, startCluster } from './support.ts';

/** Time that passes only when told to. */
function clockwork() {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const due = new Set<{ at: number; act: () => void }>();
  const timers: Timers = {
    after(milliseconds, act) {
      const one = { at: now + milliseconds, act };
      due.add(one);
      return () => due.delete(one);
    },
  };
  return {
    clock: { now: () => now },
    timers,
    async pass(seconds: number) {
      const end = now + seconds * 1000;
      for (;;) {
        const [next] = [...due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        now = Math.max(now, next.at);
        due.delete(next);
        next.act();
        // Controllers follow in microtasks.
        await new Promise((resolve) => setImmediate(resolve));
      }
      now = end;
    },
  };
}

const APPS = '/apis/apps/v1/namespaces/default';
const PODS = '/api/v1/namespaces/default/pods';
const JOBS = '/apis/batch/v1/namespaces/default/jobs';

const template = (annotations: Record<string, string> = {}, image = 'web:1', more: Answered = {}) => ({
  metadata: { labels: { app: 'web' }, annotations },
  spec: { containers: [{ name: 'web', image, ports: [{ containerPort: 80, name: 'http' }] }], ...more },
});

const deployment = (spec: Answered = {}, annotations: Record<string, string> = {}): Answered => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: template(annotations), ...spec },
});

const job = (spec: Answered, annotations: Record<string, string> = {}): Answered => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'task' },
  spec: { template: template(annotations, 'task:1', { restartPolicy: 'Never' }), ...spec },
});

const pod = (annotations: Record<string, string> = {}, name = 'one'): Answered => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: 'web' }, annotations },
  spec: template().spec,
});

const annotation = (name: string) => `sandbox.petrel.dev/${name}`;
const items = async (cluster: Cluster, path: string): Promise<Answered[]> => (await cluster.get(path)).body.items;

describe('a deployment', () => {
  it('never has fewer pods available nor more in all than its strategy allows', async () => {
    const time = clockwork();
    const cluster = await startCluster(time);
    const slow = { [annotation('ready-after')]: '5s' };
    await cluster.post(`${APPS}/deployments`, deployment({ replicas: 4 }, slow));
    await time.pass(10);
    await cluster.patch(`${APPS}/deployments/web`, 'strategic', {
      spec: { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
    });
    await cluster.patch(`${APPS}/deployments/web`, 'strategic', { spec: { template: template(slow, 'web:2') } });
    const seen: [number, number][] = [];
    for (let step = 0; step < 40; step++) {
      const pods = await items(cluster, PODS);
      const ready = pods.filter((one) =>
        one.status.conditions?.some((c: Answered) => c.type === 'Ready' && c.status === 'True'),
      );
      seen.push([pods.length, ready.length]);
      await time.pass(1);
    }
    expect(Math.max(...seen.map(([all]) => all))).toBe(5);
    expect(Math.min(...seen.map(([, ready]) => ready))).toBe(3);
    const images = (await items(cluster, PODS)).map((one) => one.spec.containers[0].image);
    expect(images).toEqual(Array(4).fill('web:2'));
    const { status } = (await cluster.get(`${APPS}/deployments/web`)).body;
    expect(status).toMatchObject({ replicas: 4, updatedReplicas: 4, readyReplicas: 4, availableReplicas: 4 });
  });

  it('with Recreate has no new pod before the last old one is gone', async () => {
    const time = clockwork();
    const cluster = await startCluster(time);
    const stubborn = { [annotation('stop-after')]: '8s' };
    await cluster.post(`${APPS}/deployments`, deployment({ strategy: { type: 'Recreate' } }, stubborn));
    await cluster.patch(`${APPS}/deployments/web`, 'strategic', { spec: { template: template({}, 'web:2') } });
    expect((await items(cluster, PODS)).map((one) => one.spec.containers[0].image)).toEqual(Array(3).fill('web:1'));
    await time.pass(9);
    expect((await items(cluster, PODS)).map((one) => one.spec.containers[0].image)).toEqual(Array(3).fill('web:2'));
  });

  it('keeps the revisions its limit says', async () => {
    const cluster = await startCluster();
    await cluster.post(`${APPS}/deployments`, deployment({ revisionHistoryLimit: 2 }));
    for (const tag of [2, 3, 4, 5]) {
      await cluster.patch(`${APPS}/deployments/web`, 'strategic', { spec: { template: template({}, `web:${tag}`) } });
    }
    const revisions = (await items(cluster, `${APPS}/replicasets`)).map(
      (set) => set.metadata.annotations['deployment.kubernetes.io/revision'],
    );
    expect(revisions.sort()).toEqual(['3', '4', '5']);
  });

  it('says so when it gets nowhere within its deadline', async () => {
    const time = clockwork();
    const cluster = await startCluster(time);
    const broken = { [annotation('waiting')]: 'ImagePullBackOff' };
    await cluster.post(`${APPS}/deployments`, deployment({ progressDeadlineSeconds: 30 }, broken));
    const progressing = async () =>
      (await cluster.get(`${APPS}/deployments/web`)).body.status.conditions.find(
        (c: Answered) => c.type === 'Progressing',
      );
    expect(await progressing()).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' });
    await time.pass(31);
    expect(await progressing()).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
  });

  it('rolls nothing out while it is paused', async () => {
    const cluster = await startCluster();
    await cluster.post(`${APPS}/deployments`, deployment());
    await cluster.patch(`${APPS}/deployments/web`, 'merge', {
      spec: { paused: true, template: template({}, 'web:2') },
    });
    expect(await items(cluster, `${APPS}/replicasets`)).toHaveLength(1);
    await cluster.patch(`${APPS}/deployments/web`, 'merge', { spec: { paused: null } });
    expect(await items(cluster, `${APPS}/replicasets`)).toHaveLength(2);
  });
});

describe('a replica set', () => {
  const set = (): Answered => ({ ...deployment({ replicas: 2 }), kind: 'ReplicaSet' });

  it('replaces pods that are deleted, adopts those that match and lets go of those that do not', async () => {
    const cluster = await startCluster();
    await cluster.post(PODS, pod());
    await cluster.post(`${APPS}/replicasets`, set());
    const first = await items(cluster, PODS);
    expect(first).toHaveLength(2);
    expect(first.find((one) => one.metadata.name === 'one').metadata.ownerReferences[0]).toMatchObject({ name: 'web' });
    await cluster.delete(`${PODS}/one`);
    expect(await items(cluster, PODS)).toHaveLength(2);
    const [{ metadata }] = await items(cluster, PODS);
    await cluster.patch(`${PODS}/${metadata.name}`, 'merge', { metadata: { labels: { app: 'mine' } } });
    const now = await items(cluster, PODS);
    expect(now).toHaveLength(3);
    expect(now.find((one) => one.metadata.name === metadata.name).metadata.ownerReferences ?? []).toEqual([]);
  });

  it('counts a pod as available once it was ready for minReadySeconds', async () => {
    const time = clockwork();
    const cluster = await startCluster(time);
    const wanted = set();
    wanted.spec.minReadySeconds = 10;
    await cluster.post(`${APPS}/replicasets`, wanted);
    const available = async () => (await cluster.get(`${APPS}/replicasets/web`)).body.status.availableReplicas;
    expect(await available()).toBeUndefined();
    await time.pass(11);
    expect(await available()).toBe(2);
  });
});

describe('a replication controller', () => {
  it('takes its selector from its template', async () => {
    const cluster = await startCluster();
    const path = '/api/v1/namespaces/default/replicationcontrollers';
    const spec = { replicas: 2, template: template() };
    await cluster.post(path, { apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'old' }, spec });
    const { body } = await cluster.get(`${path}/old`);
    expect([body.spec.selector, body.status.readyReplicas]).toEqual([{ app: 'web' }, 2]);
    expect((await cluster.get(`${path}/old/scale`)).body.status).toEqual({ replicas: 2, selector: 'app=web' });
  });
});

describe('a job', () => {
  it('runs so many pods at a time until so many have succeeded', async () => {
    const time = clockwork();
    const cluster = await startCluster(time);
    await cluster.post(JOBS, job({ completions: 5, parallelism: 2 }, { [annotation('run-for')]: '10s' }));
    const status = async () => (await cluster.get(`${JOBS}/task`)).body.status;
    expect(await status()).toMatchObject({ active: 2 });
    await time.pass(11);
    expect(await status()).toMatchObject({ active: 2, succeeded: 2 });
    await time.pass(30);
    const done = await status();
    expect(done.conditions.map((one: Answered) => one.type)).toEqual(['SuccessCriteriaMet', 'Complete']);
    expect([done.succeeded, done.active]).toEqual([5, undefined]);
  });

  it('fails after its back-off limit', async () => {
    const cluster = await startCluster();
    await cluster.post(JOBS, job({ backoffLimit: 2 }, { [annotation('exit-code')]: '1' }));
    const { status } = (await cluster.get(`${JOBS}/task`)).body;
    expect(status.failed).toBe(3);
    expect(status.conditions.at(-1)).toMatchObject({ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' });
  });

  it('fails after its deadline and takes its pods with it', async () => {
    const time = clockwork();
    const cluster = await startCluster(time);
    await cluster.post(JOBS, job({ activeDeadlineSeconds: 20 }, { [annotation('run-for')]: '1h' }));
    await time.pass(21);
    const { status } = (await cluster.get(`${JOBS}/task`)).body;
    expect(status.conditions.at(-1)).toMatchObject({ type: 'Failed', reason: 'DeadlineExceeded' });
    expect(await items(cluster, PODS)).toEqual([]);
  });

  it('gives each pod an index where it is asked to', async () => {
    const cluster = await startCluster();
    await cluster.post(JOBS, job({ completions: 3, parallelism: 3, completionMode: 'Indexed' }));
    expect((await cluster.get(`${JOBS}/task`)).body.status).toMatchObject({ succeeded: 3, completedIndexes: '0-2' });
    const key = 'batch.kubernetes.io/job-completion-index';
    const indexes = (await items(cluster, PODS)).map((one) => one.metadata.annotations[key]);
    expect(indexes.sort()).toEqual(['0', '1', '2']);
  });

  it('goes some time after its end, with its pods', async () => {
    const time = clockwork();
    const cluster = await startCluster(time);
    await cluster.post(JOBS, job({ ttlSecondsAfterFinished: 60 }));
    await time.pass(59);
    expect((await cluster.get(`${JOBS}/task`)).status).toBe(200);
    await time.pass(2);
    expect((await cluster.get(`${JOBS}/task`)).status).toBe(404);
    expect(await items(cluster, PODS)).toEqual([]);
  });

  it('waits while it is suspended', async () => {
    const cluster = await startCluster();
    await cluster.post(JOBS, job({ suspend: true }));
    expect(await items(cluster, PODS)).toEqual([]);
    await cluster.patch(`${JOBS}/task`, 'merge', { spec: { suspend: false } });
    expect((await cluster.get(`${JOBS}/task`)).body.status.succeeded).toBe(1);
  });
});

describe('a simulated pod', () => {
  const stateOf = async (cluster: Cluster) => {
    const { status } = (await cluster.get(`${PODS}/one`)).body;
    const [container] = status.containerStatuses;
    return [status.phase, Object.keys(container.state)[0], container.ready, container.restartCount];
  };

  it('starts and gets ready after the time its annotations say', async () => {
    const time = clockwork();
    const cluster = await startCluster(time);
    await cluster.post(PODS, pod({ [annotation('start-after')]: '2s', [annotation('ready-after')]: '3s' }));
    expect(await stateOf(cluster)).toEqual(['Pending', 'waiting', false, 0]);
    await time.pass(2);
    expect(await stateOf(cluster)).toEqual(['Running', 'running', false, 0]);
    await time.pass(3);
    expect(await stateOf(cluster)).toEqual(['Running', 'running', true, 0]);
  });

  it('crashes, is restarted at once, and then after a while each time', async () => {
    const time = clockwork();
    const cluster = await startCluster(time);
    const crashing = {
      [annotation('run-for')]: '1s',
      [annotation('exit-code')]: '2',
      [annotation('restart-after')]: '20s',
    };
    await cluster.post(PODS, pod({ ...crashing, [annotation('log')]: 'oh no' }));
    await time.pass(1);
    expect(await stateOf(cluster)).toEqual(['Running', 'running', true, 1]);
    await time.pass(1);
    expect(await stateOf(cluster)).toEqual(['Running', 'waiting', false, 1]);
    const [{ state, lastState }] = (await cluster.get(`${PODS}/one`)).body.status.containerStatuses;
    expect([state.waiting.reason, lastState.terminated.exitCode]).toEqual(['CrashLoopBackOff', 2]);
    expect((await cluster.get(`${PODS}/one/log?previous=true`)).body).toBe('oh no\n');
    await time.pass(20);
    expect(await stateOf(cluster)).toEqual(['Running', 'running', true, 2]);
  });

  it('stops within its grace period, and at once when told to', async () => {
    const time = clockwork();
    const cluster = await startCluster(time);
    await cluster.post(PODS, pod({ [annotation('stop-after')]: '60s' }));
    const { body } = await cluster.delete(`${PODS}/one`);
    expect(body.metadata.deletionGracePeriodSeconds).toBe(30);
    await time.pass(29);
    expect((await cluster.get(`${PODS}/one`)).status).toBe(200);
    await time.pass(2);
    expect((await cluster.get(`${PODS}/one`)).status).toBe(404);
    await cluster.post(PODS, pod({ [annotation('stop-after')]: '60s' }));
    await cluster.delete(`${PODS}/one`, { gracePeriodSeconds: 0 });
    expect((await cluster.get(`${PODS}/one`)).status).toBe(404);
  });

  it('waits for a node while the only one takes none', async () => {
    const cluster = await startCluster();
    await cluster.patch('/api/v1/nodes/petrel-sandbox', 'merge', { spec: { unschedulable: true } });
    await cluster.post(PODS, pod());
    const { status } = (await cluster.get(`${PODS}/one`)).body;
    expect([status.phase, status.conditions[0].reason]).toEqual(['Pending', 'Unschedulable']);
    await cluster.patch('/api/v1/nodes/petrel-sandbox', 'merge', { spec: { unschedulable: null } });
    expect((await cluster.get(`${PODS}/one`)).body.status.phase).toBe('Running');
  });

  it('stays pending without the simulation', async () => {
    const cluster = await startCluster({ kubelet: false });
    await cluster.post(PODS, pod());
    expect((await cluster.get(`${PODS}/one`)).body.status.phase).toBe('Pending');
    expect(await items(cluster, '/api/v1/nodes')).toEqual([]);
  });

  it('can be followed while its log grows, until it ends', async () => {
    const cluster = await startCluster();
    await cluster.post(PODS, pod({ [annotation('log')]: 'one\n' }));
    const { sandbox } = cluster;
    const headers = { authorization: `Bearer ${sandbox.token}` };
    const followed = await fetch(`${sandbox.url}${PODS}/one/log?follow=true`, { headers });
    await cluster.patch(`${PODS}/one`, 'merge', { metadata: { annotations: { [annotation('log')]: 'one\ntwo\n' } } });
    await cluster.delete(`${PODS}/one`);
    expect(await followed.text()).toBe('one\ntwo\n');
  });
});

describe('endpoints', () => {
  it('hold the addresses of ready pods under the number of their port', async () => {
    const time = clockwork();
    const cluster = await startCluster(time);
    const spec = { selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 'http' }] };
    await cluster.post('/api/v1/namespaces/default/services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec,
    });
    await cluster.post(PODS, pod({}, 'ready'));
    await cluster.post(PODS, pod({ [annotation('ready-after')]: '5s' }, 'slow'));
    const path = '/api/v1/namespaces/default/endpoints/web';
    const [subset] = (await cluster.get(path)).body.subsets;
    expect(subset.ports).toEqual([{ port: 80, protocol: 'TCP' }]);
    const names = (list: Answered[]) => list.map((one) => one.targetRef.name);
    expect([names(subset.addresses), names(subset.notReadyAddresses)]).toEqual([['ready'], ['slow']]);
    await time.pass(6);
    expect((await cluster.get(path)).body.subsets[0].addresses).toHaveLength(2);
    const [slice] = await items(cluster, '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices');
    expect(slice.endpoints.map((one: Answered) => one.conditions.ready)).toEqual([true, true]);
    await cluster.delete('/api/v1/namespaces/default/services/web');
    expect((await cluster.get(path)).status).toBe(404);
    expect(await items(cluster, '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices')).toEqual([]);
  });
});

describe('an eviction', () => {
  it('is refused where a disruption budget would be violated', async () => {
    const cluster = await startCluster();
    await cluster.post('/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    });
    await cluster.post(PODS, pod());
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'one', namespace: 'default' } };
    const refused = await cluster.post(`${PODS}/one/eviction`, eviction);
    expect([refused.status, refused.body.details.causes[0].reason]).toEqual([429, 'DisruptionBudget']);
    await cluster.post(PODS, pod({}, 'two'));
    expect((await cluster.post(`${PODS}/one/eviction`, eviction)).status).toBe(201);
    expect((await cluster.get(`${PODS}/one`)).status).toBe(404);
  });
});
