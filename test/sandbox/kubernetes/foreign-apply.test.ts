import {
  ApiException,
  AppsV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1Deployment,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKubernetesSandbox } from '../../../src/sandbox/kubernetes/index.ts';
import { apiServerPrograms, startApiServer } from '../../real/kube-apiserver.ts';

interface Server {
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

async function sandbox(): Promise<Server> {
  const started = await startKubernetesSandbox();
  return { kubeconfig: started.kubeconfig, stop: () => started.close() };
}

const programs = apiServerPrograms();

async function real(): Promise<Server> {
  if (programs === undefined) throw new Error('there is no API server to start');
  const { url, token, authority, stop } = await startApiServer(programs);
  const kubeconfig = JSON.stringify({
    'current-context': 'real',
    clusters: [{ name: 'real', cluster: { server: url, 'certificate-authority': authority } }],
    users: [{ name: 'real', user: { token } }],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'real' } }],
  });
  return { kubeconfig, stop };
}

/** What a chart's template comes to. */
interface Chart {
  readonly replicas?: number;
  readonly image?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Record<string, string>;
}

function rendered(name: string, { replicas, image = 'shop:1', env = {}, labels }: Chart) {
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...(labels === undefined ? {} : { labels }) },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'shop', image, ...(variables.length === 0 ? {} : { env: variables }) }] },
      },
    },
  };
}

/** What another field manager says: a part of the object. */
const part = (name: string, spec?: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  ...(spec === undefined ? {} : { spec }),
});
const withEnv = (name: string, key: string, value: string) =>
  part(name, { template: { spec: { containers: [{ name: 'shop', env: [{ name: key, value }] }] } } });

const CONTAINER = '/spec/template/spec/containers/k:{"name":"shop"}';
const envOf = ({ spec }: V1Deployment) =>
  Object.fromEntries((spec?.template.spec?.containers[0]?.env ?? []).map(({ name, value }) => [name, value]));

/** What a manager owns, as paths without `f:`. Undefined when it owns nothing. */
function owned({ metadata }: V1Deployment, manager: string, operation = 'Apply'): readonly string[] | undefined {
  const entry = metadata?.managedFields?.find((one) => one.manager === manager && one.operation === operation);
  const paths = (fields: object, prefix: string): string[] =>
    Object.entries(fields).flatMap(([key, below]) => {
      const path = key === '.' ? prefix : `${prefix}/${key.replace(/^f:/, '')}`;
      return Object.keys(below).length === 0 ? [path] : paths(below, path);
    });
  return entry && paths(entry.fieldsV1 ?? {}, '').sort();
}

const CHART = [
  '/spec/selector',
  '/spec/template/metadata/labels/app',
  CONTAINER,
  `${CONTAINER}/image`,
  `${CONTAINER}/name`,
];
const env = (key: string) => ['', '/name', '/value'].map((leaf) => `${CONTAINER}/env/k:{"name":"${key}"}${leaf}`);
const sorted = (...paths: readonly string[]) => [...paths].sort();

describe.each([
  { where: 'the sandbox', start: sandbox, there: true },
  { where: 'a real API server', start: real, there: programs !== undefined },
])('Helm-like server-side apply with @kubernetes/client-node, against $where', ({ start, there }) => {
  let server: Server;
  let api: AppsV1Api;

  beforeAll(async () => {
    if (!there) return;
    server = await start();
    const config = new KubeConfig();
    config.loadFromString(server.kubeconfig);
    api = config.makeApiClient(AppsV1Api);
  }, 120_000);
  afterAll(() => server?.stop());

  const patch = (type: PatchStrategy, fieldManager: string, body: { metadata: { name: string } }, force?: boolean) =>
    api.patchNamespacedDeployment(
      { namespace: 'default', name: body.metadata.name, body, fieldManager, ...(force === undefined ? {} : { force }) },
      setHeaderOptions('Content-Type', type),
    );
  const apply = (manager: string, body: { metadata: { name: string } }, force?: boolean) =>
    patch(PatchStrategy.ServerSideApply, manager, body, force);
  const read = (name: string) => api.readNamespacedDeployment({ namespace: 'default', name });
  /** The fields and managers that an apply is refused for. */
  const conflicts = async (applied: Promise<unknown>): Promise<readonly string[]> => {
    const error = await applied.then(
      () => new Error('it was not refused'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof ApiException)) throw error;
    expect(error.code).toBe(409);
    const { reason, details } = JSON.parse(error.body);
    expect(reason).toBe('Conflict');
    return details.causes.map(({ field, message }: { field: string; message: string }) =>
      `${field} ${message}`.replace(/ at \S+$/, ''),
    );
  };

  it.runIf(there)('installs a chart, of which the release owns what the template says', async () => {
    const made = await apply('helm', rendered('installed', { replicas: 3, env: { A: '1' }, labels: { chart: 'x-1' } }));
    expect(owned(made, 'helm')).toEqual(sorted(...CHART, ...env('A'), '/spec/replicas', '/metadata/labels/chart'));
    const again = await apply(
      'helm',
      rendered('installed', { replicas: 3, env: { A: '1' }, labels: { chart: 'x-1' } }),
    );
    expect(again.metadata?.generation).toBe(1);
  });

  it.runIf(there)('takes away what the next version of the chart leaves out, and not what others added', async () => {
    await apply('helm', rendered('upgraded', { env: { A: '1', B: '1' }, labels: { chart: 'x-1', old: 'yes' } }));
    await apply('injector', withEnv('upgraded', 'PROXY', 'on'));
    const upgraded = await apply(
      'helm',
      rendered('upgraded', { image: 'shop:2', env: { A: '2' }, labels: { chart: 'x-2' } }),
    );
    expect(envOf(upgraded)).toEqual({ A: '2', PROXY: 'on' });
    expect(upgraded.metadata?.labels).toEqual({ chart: 'x-2' });
    expect(owned(upgraded, 'helm')).toEqual(sorted(...CHART, ...env('A'), '/metadata/labels/chart'));
    expect(owned(upgraded, 'injector')).toEqual(sorted(...env('PROXY'), CONTAINER, `${CONTAINER}/name`));
  });

  it.runIf(there)('refuses the scaler the replicas of the chart, until it is forced', async () => {
    await apply('helm', rendered('taken', { replicas: 3 }));
    expect(await conflicts(apply('scaler', part('taken', { replicas: 5 })))).toEqual([
      '.spec.replicas conflict with "helm"',
    ]);
    expect((await read('taken')).spec?.replicas).toBe(3);
    const forced = await apply('scaler', part('taken', { replicas: 5 }), true);
    expect(forced.spec?.replicas).toBe(5);
    expect(owned(forced, 'scaler')).toEqual(['/spec/replicas']);
    expect(owned(forced, 'helm')).toEqual(CHART);
    // The release does not know of it yet and says what it always said.
    expect(await conflicts(apply('helm', rendered('taken', { replicas: 3, image: 'shop:2' })))).toEqual([
      '.spec.replicas conflict with "scaler"',
    ]);
    const given = await apply('helm', rendered('taken', { image: 'shop:2' }));
    expect([given.spec?.replicas, given.spec?.template.spec?.containers[0]?.image]).toEqual([5, 'shop:2']);
  });

  it.runIf(there)('falls back to the default when its last owner gives a field up', async () => {
    await apply('helm', rendered('given', { replicas: 3 }));
    await apply('scaler', part('given', { replicas: 3 }));
    const shared = await apply('helm', rendered('given', {}));
    expect([shared.spec?.replicas, owned(shared, 'helm'), owned(shared, 'scaler')]).toEqual([
      3,
      CHART,
      ['/spec/replicas'],
    ]);
    const last = await apply('scaler', part('given'));
    expect([last.spec?.replicas, owned(last, 'scaler')]).toEqual([1, undefined]);
  });

  it.runIf(there)('refuses a field that does not exist, by its path', async () => {
    const complaint = async (body: ReturnType<typeof part>) => {
      const error: unknown = await apply('helm', body).catch((reason: unknown) => reason);
      if (!(error instanceof ApiException)) throw error;
      const { message } = JSON.parse(error.body);
      // Newer servers name the object in brackets.
      return [error.code, message.replace(/ \([^)]*\)/, '')];
    };
    const refused = (path: string) => [
      500,
      `failed to create typed patch object: ${path}: field not declared in schema`,
    ];
    expect(await complaint(part('wrong', { replica: 3 }))).toEqual(refused('.spec.replica'));
    const template = { spec: { containers: [{ name: 'shop', imgae: 'shop:1' }] } };
    expect(await complaint(part('wrong', { template }))).toEqual(
      refused('.spec.template.spec.containers[name="shop"].imgae'),
    );
  });

  it.runIf(there)('refuses a release what somebody changed by hand, and takes it over by force', async () => {
    await apply('helm', rendered('edited', { replicas: 3 }));
    const edited = await patch(PatchStrategy.MergePatch, 'kubectl-edit', part('edited', { replicas: 7 }));
    expect([owned(edited, 'helm'), owned(edited, 'kubectl-edit', 'Update')]).toEqual([CHART, ['/spec/replicas']]);
    expect(await conflicts(apply('helm', rendered('edited', { replicas: 3 })))).toEqual([
      '.spec.replicas conflict with "kubectl-edit" using apps/v1',
    ]);
    const forced = await apply('helm', rendered('edited', { replicas: 3 }), true);
    expect(forced.spec?.replicas).toBe(3);
    expect(owned(forced, 'helm')).toEqual(sorted(...CHART, '/spec/replicas'));
    expect(owned(forced, 'kubectl-edit', 'Update')).toBeUndefined();
  });
});
