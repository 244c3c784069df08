import { describe, expect, it } from 'vitest';
import { actionOfOperation, callOfAction, mayBeOperation, tagOf } from '../../../src/kubernetes/operations/action.ts';
import { readOperations } from '../../../src/kubernetes/operations/read-document.ts';

const gvk = (kind: string) => ({ 'x-kubernetes-group-version-kind': { group: '', version: 'v1', kind } });
const POD = { ref: 'io.k8s.api.core.v1.Pod' };

/** The same two paths as a server describes them in OpenAPI 3 and in swagger 2. */
const V3 = {
  openapi: '3.0.0',
  paths: {
    '/api/v1/namespaces/{namespace}/pods': {
      parameters: [{ name: 'namespace', in: 'path', required: true, schema: { type: 'string', uniqueItems: true } }],
      get: {
        operationId: 'listCoreV1NamespacedPod',
        description: 'list objects of kind Pod',
        parameters: [{ name: 'limit', in: 'query', description: 'how many', schema: { type: 'integer' } }],
        ...gvk('Pod'),
      },
      post: {
        operationId: 'createCoreV1NamespacedPod',
        requestBody: { required: true, content: { '*/*': { schema: { $ref: `#/components/schemas/${POD.ref}` } } } },
        ...gvk('Pod'),
      },
    },
    '/api/v1/namespaces/{namespace}/pods/{name}': {
      patch: {
        operationId: 'patchCoreV1NamespacedPod',
        requestBody: {
          required: true,
          content: { 'application/merge-patch+json': {}, 'application/strategic-merge-patch+json': {} },
        },
        ...gvk('Pod'),
      },
      options: { operationId: 'optionsPod' },
    },
  },
  components: { schemas: { [POD.ref]: { type: 'object', 'x-kubernetes-group-version-kind': [gvk('Pod')] } } },
};
const V2 = {
  swagger: '2.0',
  paths: {
    '/api/v1/namespaces/{namespace}/pods': {
      parameters: [{ $ref: '#/parameters/namespace' }],
      get: {
        operationId: 'listCoreV1NamespacedPod',
        description: 'list objects of kind Pod',
        parameters: [{ name: 'limit', in: 'query', description: 'how many', type: 'integer', uniqueItems: true }],
        ...gvk('Pod'),
      },
      post: {
        operationId: 'createCoreV1NamespacedPod',
        parameters: [{ name: 'body', in: 'body', required: true, schema: { $ref: `#/definitions/${POD.ref}` } }],
        ...gvk('Pod'),
      },
    },
    '/api/v1/namespaces/{namespace}/pods/{name}': {
      patch: {
        operationId: 'patchCoreV1NamespacedPod',
        consumes: ['application/merge-patch+json', 'application/strategic-merge-patch+json'],
        parameters: [{ name: 'body', in: 'body', required: true, schema: {} }],
        ...gvk('Pod'),
      },
    },
  },
  parameters: { namespace: { name: 'namespace', in: 'path', required: true, type: 'string', uniqueItems: true } },
  definitions: { [POD.ref]: { type: 'object' } },
};

describe.each([
  ['OpenAPI 3', V3],
  ['swagger 2', V2],
])('Operations read from %s', (_, document) => {
  const operations = new Map(readOperations(document).map((operation) => [operation.name, operation]));

  it('have their operationId for a name, and method and path', () => {
    expect([...operations.values()].map(({ name, method, path }) => `${name}: ${method} ${path}`)).toEqual([
      'listCoreV1NamespacedPod: GET /api/v1/namespaces/{namespace}/pods',
      'createCoreV1NamespacedPod: POST /api/v1/namespaces/{namespace}/pods',
      'patchCoreV1NamespacedPod: PATCH /api/v1/namespaces/{namespace}/pods/{name}',
    ]);
  });

  it('take what path and query name', () => {
    expect(operations.get('listCoreV1NamespacedPod')).toMatchObject({
      description: 'list objects of kind Pod',
      parameters: {
        namespace: { type: 'string', required: true },
        limit: { type: 'integer', description: 'how many' },
      },
    });
  });

  it('take a body, and a patch says how it is read', () => {
    expect(operations.get('createCoreV1NamespacedPod')?.parameters.body).toEqual({
      type: 'object',
      description: 'The Pod.',
      properties: { apiVersion: { type: 'string', default: 'v1' }, kind: { type: 'string', default: 'Pod' } },
      required: true,
    });
    expect(operations.get('patchCoreV1NamespacedPod')?.parameters).toMatchObject({
      name: { type: 'string', required: true },
      body: { required: true },
      patch_type: { enum: ['merge', 'strategic'], default: 'merge' },
    });
  });
});

describe('An operation', () => {
  it('on Secrets keeps the contents sealed, not the names', () => {
    const [create] = readOperations({
      paths: {
        '/api/v1/namespaces/{namespace}/secrets': {
          post: { operationId: 'create', requestBody: { content: { 'application/json': {} } }, ...gvk('Secret') },
        },
      },
    });
    expect(create?.parameters.body).toMatchObject({
      properties: { data: { secret: true }, stringData: { secret: true } },
    });
  });

  it('is an action that says what it calls', () => {
    const [list] = readOperations(V3);
    if (list === undefined) throw new Error('the document has operations');
    const action = actionOfOperation(list, '/openapi/v3/api/v1');
    expect(action).toMatchObject({ ref: 'kubernetes.listCoreV1NamespacedPod', runnerType: 'kubernetes-operation' });
    expect(callOfAction(action)).toEqual({ method: 'GET', path: '/api/v1/namespaces/{namespace}/pods' });
    expect(() => callOfAction({ ref: 'a.b', entryPoint: 'b.sh' })).toThrow('"a.b"');
  });

  it.each([[null], [{}], [{ paths: { '/a': null, '/b': { get: 1 }, '/c': { get: {} } } }]])(
    'is not found in %j, and nothing breaks',
    (document) => {
      expect(readOperations(document)).toEqual([]);
    },
  );
});

describe('The name of an operation', () => {
  it.each([
    ['api/v1', 'corev1'],
    ['apis/apps/v1', 'appsv1'],
    ['apis/rbac.authorization.k8s.io/v1', 'rbacauthorizationv1'],
    ['apis/prsn.io/v1', 'prsniov1'],
    ['apis/my-group.example.org/v1beta1', 'mygroupexampleorgv1beta1'],
    ['version', 'version'],
  ])('tells the document: %s is %s', (group, tag) => {
    expect(tagOf(group)).toBe(tag);
  });

  it.each([
    ['kubernetes.createCoreV1NamespacedPod', true],
    ['kubernetes.getAPIVersions', true],
    ['kubernetes.apply', false],
    ['kubernetes.set_status', false],
    ['other.createCoreV1NamespacedPod', false],
  ])('%s looks like one: %s', (ref, expected) => {
    expect(mayBeOperation(ref)).toBe(expected);
  });
});
