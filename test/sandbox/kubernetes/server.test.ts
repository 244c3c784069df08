import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  type Answered,
  CONFIG_MAPS,
  CRDS,
  configMap,
  databaseDefinition,
  startCluster,
  startDatabaseCluster,
} from './support.ts';

describe('authentication', () => {
  it.each(['/healthz', '/readyz', '/livez', '/version'])('is not needed for %s', async (path) => {
    const { sandbox } = await startCluster();
    expect((await fetch(sandbox.url + path)).status).toBe(200);
  });

  it.each([{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic dDp0' }])(
    'is refused with %j',
    async (headers) => {
      const { sandbox } = await startCluster();
      for (const path of ['/api', '/apis', '/openapi/v3', '/api/v1/namespaces', '/nowhere']) {
        const response = await fetch(sandbox.url + path, { headers });
        expect(response.status).toBe(401);
        expect(await response.json()).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 });
      }
    },
  );

  it('comes in a kubeconfig, for TLS on the same port', async () => {
    const { sandbox } = await startCluster({ token: 'secret' });
    const config = parse(sandbox.kubeconfig);
    const { server, 'certificate-authority-data': authority } = config.clusters[0].cluster;
    expect(server).toBe(sandbox.url.replace('http:', 'https:'));
    expect(config.contexts[0].context.namespace).toBe('default');
    const status = await new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${config.users[0].user.token}` };
      request(`${server}/api`, { ca: Buffer.from(authority, 'base64'), headers }, (response) =>
        resolve(response.statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });
});

describe('discovery', () => {
  it('lists groups, versions and resources', async () => {
    const cluster = await startDatabaseCluster();
    expect((await cluster.get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    const groups = (await cluster.get('/apis')).body.groups.map((group: Answered) => group.name);
    expect(groups).toEqual([
      'apps',
      'batch',
      'autoscaling',
      'policy',
      'events.k8s.io',
      'rbac.authorization.k8s.io',
      'authorization.k8s.io',
      'authentication.k8s.io',
      'networking.k8s.io',
      'discovery.k8s.io',
      'coordination.k8s.io',
      'storage.k8s.io',
      'scheduling.k8s.io',
      'apiextensions.k8s.io',
      'extensions',
      'prsn.io',
    ]);
    const { body } = await cluster.get('/apis/prsn.io/v1');
    expect(body.resources).toMatchObject([
      {
        name: 'mysqldbs',
        singularName: 'mysqldb',
        kind: 'MysqlDb',
        namespaced: true,
        shortNames: ['mdb'],
        categories: ['all'],
      },
      { name: 'mysqldbs/status', verbs: ['get', 'patch', 'update'] },
      { name: 'mysqldbs/scale', group: 'autoscaling', version: 'v1', kind: 'Scale' },
    ]);
  });

  it('says everything in one document to those who ask for it', async () => {
    const cluster = await startDatabaseCluster();
    const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const { body, headers } = await cluster.get('/apis', { accept: `${type},application/json` });
    expect(headers.get('content-type')).toBe(type);
    expect(body.items.at(-1)).toMatchObject({
      metadata: { name: 'prsn.io' },
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: [
            {
              resource: 'mysqldbs',
              scope: 'Namespaced',
              subresources: [{ subresource: 'status' }, { subresource: 'scale' }],
            },
          ],
        },
      ],
    });
  });

  it('prefers the most stable version', async () => {
    const cluster = await startCluster();
    const definition = databaseDefinition();
    const [first] = definition.spec.versions;
    definition.spec.versions = ['v1beta1', 'v2alpha1', 'v1', 'v2', 'v10beta3'].map((name) => ({
      ...first,
      name,
      storage: name === 'v1',
    }));
    await cluster.post(CRDS, definition);
    const { body } = await cluster.get('/apis/prsn.io');
    expect(body.versions.map((one: Answered) => one.version)).toEqual(['v2', 'v1', 'v10beta3', 'v1beta1', 'v2alpha1']);
    expect(body.preferredVersion.version).toBe('v2');
  });

  it('describes kinds in OpenAPI v3, with what kubectl looks for before it trusts the server’s validation', async () => {
    const cluster = await startDatabaseCluster();
    const { body: index } = await cluster.get('/openapi/v3');
    const { body } = await cluster.get(index.paths['apis/prsn.io/v1'].serverRelativeURL);
    const schema = body.components.schemas['io.prsn.v1.MysqlDb'];
    expect(schema['x-kubernetes-group-version-kind']).toEqual([{ group: 'prsn.io', version: 'v1', kind: 'MysqlDb' }]);
    expect(schema.properties.spec.properties.engine.enum).toEqual(['mysql', 'postgres', 'aurora']);
    const patch = body.paths['/apis/prsn.io/v1/namespaces/{namespace}/mysqldbs/{name}'].patch;
    expect(patch.operationId).toBe('patchPrsnIoV1NamespacedMysqlDb');
    expect(patch.parameters.map((one: Answered) => one.name)).toContain('fieldValidation');
    expect((await cluster.get('/openapi/v2')).body.definitions['io.k8s.api.core.v1.ConfigMap']).toBeDefined();
  });

  it('changes the address of a document that changes', async () => {
    const cluster = await startDatabaseCluster();
    const before = (await cluster.get('/openapi/v3')).body.paths['apis/prsn.io/v1'].serverRelativeURL;
    const change = [
      { op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema/description', value: 'Another text.' },
    ];
    await cluster.patch(`${CRDS}/mysqldbs.prsn.io`, 'json', change);
    expect((await cluster.get('/openapi/v3')).body.paths['apis/prsn.io/v1'].serverRelativeURL).not.toBe(before);
  });
});

describe('requests that make no sense', () => {
  it('are answered as by the real server', async () => {
    const cluster = await startCluster();
    expect((await cluster.get('/nowhere')).body).toBe('404 page not found\n');
    expect((await cluster.post('/api/v1/namespaces/default', {})).status).toBe(405);
    expect((await cluster.call('OPTIONS', '/api/v1/namespaces')).status).toBe(405);
    expect((await cluster.get('/api/v1/namespaces/%zz')).status).toBe(404);
    const text = await cluster.call('POST', CONFIG_MAPS, 'x', { 'content-type': 'text/plain' });
    expect([text.status, text.body.reason]).toEqual([415, 'UnsupportedMediaType']);
    const large = await cluster.post(CONFIG_MAPS, configMap('large', { x: 'x'.repeat(4 * 1024 * 1024) }));
    expect([large.status, large.body.reason]).toEqual([413, 'RequestEntityTooLarge']);
  });
});

describe('protobuf', () => {
  it('is read, as kubectl create sends it since 1.32', async () => {
    const cluster = await startCluster();
    const body = await readFile(new URL('../../vectors/kubernetes/create-secret.pb', import.meta.url));
    const response = await fetch(`${cluster.sandbox.url}/api/v1/namespaces/default/secrets`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${cluster.sandbox.token}`,
        'content-type': 'application/vnd.kubernetes.protobuf',
        accept: 'application/vnd.kubernetes.protobuf,application/json',
      },
      body,
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      kind: 'Secret',
      metadata: { name: 'shop' },
      data: { password: 'aHVudGVyMg==' },
    });
  });

  it('is refused when it is none, or holds what cannot be kept', async () => {
    const cluster = await startCluster();
    const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };
    expect((await cluster.call('POST', CONFIG_MAPS, 'hello', headers)).status).toBe(400);
    expect((await cluster.call('POST', CONFIG_MAPS, 'k8s\u0000\u0012\u007f', headers)).status).toBe(400);
    const unknownKind = 'k8s\u0000\u000a\u0009\u000a\u0002v1\u0012\u0003Foo';
    expect((await cluster.call('POST', CONFIG_MAPS, unknownKind, headers)).status).toBe(415);
  });
});

describe('OpenAPI', () => {
  const operations = (document: Answered): Set<string> =>
    new Set(
      Object.values(document.paths).flatMap((item: Answered) =>
        Object.values(item).flatMap((operation: Answered) => operation.operationId ?? []),
      ),
    );

  it('names the operations as the real server does, subresources too', async () => {
    const cluster = await startCluster();
    const core = operations((await cluster.get('/openapi/v3/api/v1')).body);
    for (const name of [
      'createCoreV1NamespacedPod',
      'createCoreV1NamespacedPodEviction',
      'readCoreV1NamespacedPodLog',
      'createCoreV1NamespacedServiceAccountToken',
      'replaceCoreV1NamespacedReplicationControllerScale',
      'listCoreV1PodForAllNamespaces',
    ]) {
      expect(core, name).toContain(name);
    }
    expect(core).not.toContain('deleteCollectionCoreV1Namespace');
    const reviews = operations((await cluster.get('/openapi/v3/apis/authorization.k8s.io/v1')).body);
    expect(reviews).toContain('createAuthorizationV1SelfSubjectAccessReview');
    expect([...reviews].every((name) => name.startsWith('create'))).toBe(true);
  });

  it.each(['/openapi/v2', '/openapi/v3/apis/apps/v1'])('refers to nothing that is not there: %s', async (path) => {
    const cluster = await startDatabaseCluster();
    const { body } = await cluster.get(path);
    const known = Object.keys(body.definitions ?? body.components.schemas);
    const references = [...JSON.stringify(body).matchAll(/"#\/(?:definitions|components\/schemas)\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(100);
    expect(references.map(([, name]) => name).filter((name) => !known.includes(String(name)))).toEqual([]);
  });
});
