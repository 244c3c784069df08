import { describe, expect, it } from 'vitest';
import {
  type Answered,
  CRDS,
  DATABASES,
  database,
  databaseDefinition,
  startCluster,
  startDatabaseCluster,
} from './support.ts';

describe('a CustomResourceDefinition', () => {
  it('is established and serves its kind at once', async () => {
    const cluster = await startCluster();
    expect((await cluster.post(CRDS, databaseDefinition())).status).toBe(201);
    const { body } = await cluster.get(`${CRDS}/mysqldbs.prsn.io`);
    const conditions = body.status.conditions.map((one: Answered) => [one.type, one.status]);
    expect(conditions).toEqual([
      ['NamesAccepted', 'True'],
      ['Established', 'True'],
    ]);
    expect(body.status).toMatchObject({
      acceptedNames: { kind: 'MysqlDb', listKind: 'MysqlDbList' },
      storedVersions: ['v1'],
    });
    expect((await cluster.get(DATABASES)).body).toMatchObject({
      kind: 'MysqlDbList',
      apiVersion: 'prsn.io/v1',
      items: [],
    });
  });

  it('takes its objects with it, after their finalizers', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(DATABASES, database('free'));
    await cluster.post(DATABASES, database('held', { engine: 'mysql' }, { finalizers: ['prsn.io/petrel'] }));
    await cluster.delete(`${CRDS}/mysqldbs.prsn.io`);
    const { body } = await cluster.get(`${CRDS}/mysqldbs.prsn.io`);
    expect(body.status.conditions.at(-1)).toMatchObject({ type: 'Terminating', status: 'True' });
    expect((await cluster.get(DATABASES)).body.items).toHaveLength(1);
    await cluster.patch(`${DATABASES}/held`, 'merge', { metadata: { finalizers: null } });
    expect((await cluster.get(`${CRDS}/mysqldbs.prsn.io`)).status).toBe(404);
    const gone = await cluster.get(DATABASES);
    expect([gone.status, gone.body]).toEqual([404, '404 page not found\n']);
  });

  it('serves several versions of the same objects', async () => {
    const cluster = await startCluster();
    const definition = databaseDefinition();
    definition.spec.versions.push({ ...definition.spec.versions[0], name: 'v1beta1', storage: false });
    definition.spec.versions.push({ ...definition.spec.versions[0], name: 'v1alpha1', storage: false, served: false });
    await cluster.post(CRDS, definition);
    await cluster.post(DATABASES, database('shop'));
    const { body } = await cluster.get(DATABASES.replace('v1', 'v1beta1'));
    expect(body).toMatchObject({
      apiVersion: 'prsn.io/v1beta1',
      items: [{ apiVersion: 'prsn.io/v1beta1', metadata: { name: 'shop' } }],
    });
    expect((await cluster.get(DATABASES.replace('v1', 'v1alpha1'))).status).toBe(404);
  });

  it('serves its new schema after an update', async () => {
    const cluster = await startDatabaseCluster();
    const change = [
      {
        op: 'add',
        path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/zone',
        value: { type: 'string' },
      },
    ];
    await cluster.patch(`${CRDS}/mysqldbs.prsn.io`, 'json', change);
    const { body } = await cluster.post(DATABASES, database('shop', { engine: 'mysql', zone: 'a' }));
    expect(body.spec.zone).toBe('a');
  });

  it('is not accepted when another one has its kind', async () => {
    const cluster = await startDatabaseCluster();
    const second = databaseDefinition();
    second.metadata.name = 'databases.prsn.io';
    second.spec.names = { plural: 'databases', kind: 'MysqlDb' };
    await cluster.post(CRDS, second);
    const { body } = await cluster.get(`${CRDS}/databases.prsn.io`);
    expect(body.status.conditions.map((one: Answered) => [one.type, one.status, one.reason])).toEqual([
      ['NamesAccepted', 'False', 'KindConflict'],
      ['Established', 'False', 'NotAccepted'],
    ]);
    expect((await cluster.get('/apis/prsn.io/v1/databases')).status).toBe(404);
  });

  it.each<[string, (crd: Answered) => void]>([
    ['metadata.name', (crd) => Object.assign(crd.metadata, { name: 'other.prsn.io' })],
    ['spec.scope', (crd) => Object.assign(crd.spec, { scope: 'World' })],
    ['spec.versions', (crd) => Object.assign(crd.spec.versions[0], { storage: false })],
    ['spec.versions[0].schema.openAPIV3Schema', (crd) => Object.assign(crd.spec.versions[0], { schema: undefined })],
    [
      'spec.versions[0].schema.openAPIV3Schema.type',
      (crd) => Object.assign(crd.spec.versions[0].schema.openAPIV3Schema, { type: 'string' }),
    ],
    [
      'spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[x].type',
      (crd) => Object.assign(crd.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties, { x: {} }),
    ],
    [
      'spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[x].pattern',
      (crd) =>
        Object.assign(crd.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties, {
          x: { type: 'string', pattern: '(' },
        }),
    ],
    [
      'spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[x].default',
      (crd) =>
        Object.assign(crd.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties, {
          x: { type: 'string', default: 1 },
        }),
    ],
  ])('is refused for its %s', async (field, spoil) => {
    const cluster = await startCluster();
    const definition = databaseDefinition();
    spoil(definition);
    const { status, body } = await cluster.post(CRDS, definition);
    expect([status, body.details.causes[0].field]).toEqual([422, field]);
  });
});

describe('a custom object', () => {
  it('gets its defaults, and loses what the schema does not know, with a warning', async () => {
    const cluster = await startDatabaseCluster();
    const { body, headers } = await cluster.post(
      DATABASES,
      database('shop', { engine: 'mysql', colour: 'red', parameters: { any: 'thing' } }),
    );
    expect(body.spec).toEqual({ engine: 'mysql', size: 'small', parameters: { any: 'thing' } });
    expect(headers.get('warning')).toBe('299 - "unknown field \\"spec.colour\\""');
  });

  it('is refused for unknown fields when validated strictly', async () => {
    const cluster = await startDatabaseCluster();
    const { status, body } = await cluster.post(
      `${DATABASES}?fieldValidation=Strict`,
      database('shop', { engine: 'mysql', colour: 'red' }),
    );
    expect([status, body.message]).toEqual([
      400,
      'MysqlDb in version "v1" cannot be handled as a MysqlDb: strict decoding error: unknown field "spec.colour"',
    ]);
  });

  it.each<[Answered, string, string, string]>([
    [{}, 'spec.engine', 'FieldValueRequired', 'Required value'],
    [
      { engine: 'oracle' },
      'spec.engine',
      'FieldValueNotSupported',
      'Unsupported value: "oracle": supported values: "mysql", "postgres", "aurora"',
    ],
    [
      { engine: 'mysql', storageGb: 1 },
      'spec.storageGb',
      'FieldValueInvalid',
      'Invalid value: 1: spec.storageGb in body should be greater than or equal to 5',
    ],
    [
      { engine: 'mysql', storageGb: 70000 },
      'spec.storageGb',
      'FieldValueInvalid',
      'Invalid value: 70000: spec.storageGb in body should be less than or equal to 65536',
    ],
    [
      { engine: 'mysql', storageGb: '20' },
      'spec.storageGb',
      'FieldValueTypeInvalid',
      'Invalid value: "20": spec.storageGb in body must be of type integer: "string"',
    ],
    [
      { engine: 'mysql', engineVersion: 'new' },
      'spec.engineVersion',
      'FieldValueInvalid',
      'Invalid value: "new": spec.engineVersion in body should match \'^\\d+(\\.\\d+)*$\'',
    ],
    [{ engine: 'mysql', users: [{ role: 'x' }] }, 'spec.users[0].name', 'FieldValueRequired', 'Required value'],
    [
      { engine: 'mysql', users: [{ name: 'x' }, { name: 'x' }] },
      'spec.users[1]',
      'FieldValueDuplicate',
      'Duplicate value: {"name":"x"}',
    ],
  ])('with the spec %j is refused in Kubernetes’ words', async (spec, field, reason, message) => {
    const cluster = await startDatabaseCluster();
    const { status, body } = await cluster.post(DATABASES, database('shop', spec));
    expect(status).toBe(422);
    expect(body).toMatchObject({
      message: `MysqlDb.prsn.io "shop" is invalid: ${field}: ${message}`,
      reason: 'Invalid',
      details: { name: 'shop', group: 'prsn.io', kind: 'MysqlDb', causes: [{ reason, message, field }] },
    });
  });

  it('is told every complaint at once', async () => {
    const cluster = await startDatabaseCluster();
    const { body } = await cluster.post(DATABASES, database('shop', { engine: 'oracle', storageGb: 1 }));
    expect(body.details.causes).toHaveLength(2);
    expect(body.message).toMatch(/^MysqlDb\.prsn\.io "shop" is invalid: \[spec\.engine: .*, spec\.storageGb: .*\]$/);
  });
});

describe('a ThirdPartyResource', () => {
  const RESOURCES = '/apis/extensions/v1beta1/thirdpartyresources';
  const OLD = '/apis/prsn.io/stable/v1';
  const resource = {
    apiVersion: 'extensions/v1beta1',
    kind: 'ThirdPartyResource',
    metadata: { name: 'mysql-db.prsn.io' },
    description: 'A MySQL database',
    versions: [{ name: 'stable/v1' }],
  };
  const old = (name: string) => ({ ...database(name, { anything: ['goes'] }), apiVersion: 'prsn.io/stable/v1' });

  it('makes its endpoints appear, with a slash in the version as in 2016', async () => {
    const cluster = await startCluster();
    expect((await cluster.get(`${OLD}/mysqldbs`)).status).toBe(404);
    expect((await cluster.post(RESOURCES, resource)).status).toBe(201);
    const made = await cluster.post(`${OLD}/namespaces/default/mysqldbs`, old('shop'));
    expect([made.status, made.body.apiVersion, made.body.spec]).toEqual([
      201,
      'prsn.io/stable/v1',
      { anything: ['goes'] },
    ]);
    const all = await cluster.get(`${OLD}/mysqldbs`);
    expect(all.body).toMatchObject({
      kind: 'MysqlDbList',
      apiVersion: 'prsn.io/stable/v1',
      items: [{ metadata: { name: 'shop' } }],
    });
    const today = await cluster.get(`${DATABASES}/shop`);
    expect(today.body).toMatchObject({ apiVersion: 'prsn.io/v1', kind: 'MysqlDb' });
  });

  it('is listed, read and deleted like any object, and its endpoints go with it', async () => {
    const cluster = await startCluster();
    await cluster.post(RESOURCES, resource);
    expect((await cluster.get(RESOURCES)).body).toMatchObject({
      kind: 'ThirdPartyResourceList',
      items: [{ metadata: { name: 'mysql-db.prsn.io' }, description: 'A MySQL database' }],
    });
    expect((await cluster.get(`${RESOURCES}/mysql-db.prsn.io`)).body.versions).toEqual([{ name: 'stable/v1' }]);
    expect((await cluster.get('/apis')).body.groups.map((one: { name: string }) => one.name)).toContain('prsn.io');
    expect((await cluster.delete(`${RESOURCES}/mysql-db.prsn.io`)).status).toBe(200);
    expect((await cluster.get(RESOURCES)).body.items).toEqual([]);
    for (const path of [OLD, '/apis/prsn.io', '/apis/prsn.io/v1', `${OLD}/mysqldbs`, DATABASES]) {
      expect([path, (await cluster.get(path)).status]).toEqual([path, 404]);
    }
    expect((await cluster.get('/apis')).body.groups.map((one: { name: string }) => one.name)).not.toContain('prsn.io');
  });

  it('has objects without a schema, which are made, read, replaced and deleted', async () => {
    const cluster = await startCluster();
    await cluster.post(RESOURCES, resource);
    const path = `${OLD}/namespaces/default/mysqldbs`;
    const wild = { ...old('shop'), size: 'huge', nested: { list: [1, 'two', { three: null }] } };
    expect((await cluster.post(path, wild)).status).toBe(201);
    const { body: made } = await cluster.get(`${path}/shop`);
    expect(made).toMatchObject(wild);
    const { size: _, ...without } = made;
    const replaced = await cluster.put(`${path}/shop`, { ...without, other: true });
    expect([replaced.status, replaced.body.size, replaced.body.other]).toEqual([200, undefined, true]);
    expect((await cluster.put(`${path}/shop`, made)).status).toBe(409);
    // Unlike a CRD's: the strategy of the time allowed an unconditional update.
    const blind = await cluster.put(`${path}/shop`, old('shop'));
    expect([blind.status, blind.body.other, blind.body.metadata.uid]).toEqual([200, undefined, made.metadata.uid]);
    expect((await cluster.post(path, wild)).status).toBe(409);
    expect((await cluster.delete(`${path}/shop`)).status).toBe(200);
    expect((await cluster.get(`${path}/shop`)).status).toBe(404);
  });

  it('streams through the old watch paths', async () => {
    const cluster = await startCluster();
    const resources = await cluster.watch('/apis/extensions/v1beta1/watch/thirdpartyresources');
    await cluster.post(RESOURCES, resource);
    expect(await resources.next()).toMatchObject({
      type: 'ADDED',
      object: { metadata: { name: 'mysql-db.prsn.io' }, versions: [{ name: 'stable/v1' }] },
    });
    const objects = await cluster.watch(`${OLD}/watch/mysqldbs`);
    await cluster.post(`${OLD}/namespaces/default/mysqldbs`, old('shop'));
    await cluster.delete(`${OLD}/namespaces/default/mysqldbs/shop`);
    expect((await objects.take(2)).map((event) => [event.type, event.object.apiVersion])).toEqual([
      ['ADDED', 'prsn.io/stable/v1'],
      ['DELETED', 'prsn.io/stable/v1'],
    ]);
  });

  it('is in discovery under a version that clients of today can read', async () => {
    const cluster = await startCluster();
    await cluster.post(RESOURCES, resource);
    expect((await cluster.get('/apis/prsn.io')).body.versions).toEqual([{ groupVersion: 'prsn.io/v1', version: 'v1' }]);
    expect((await cluster.get(OLD)).body).toMatchObject({
      groupVersion: 'prsn.io/stable/v1',
      resources: [{ name: 'mysqldbs', kind: 'MysqlDb' }],
    });
  });

  it('shares its objects with a CRD of the same kind, and leaves them to it', async () => {
    const cluster = await startDatabaseCluster();
    await cluster.post(RESOURCES, resource);
    await cluster.post(DATABASES, database('shop'));
    expect((await cluster.get(`${OLD}/mysqldbs`)).body.items).toHaveLength(1);
    await cluster.delete(`${RESOURCES}/mysql-db.prsn.io`);
    expect((await cluster.get(`${OLD}/mysqldbs`)).status).toBe(404);
    expect((await cluster.get(DATABASES)).body.items).toHaveLength(1);
  });

  it('takes its objects with it otherwise', async () => {
    const cluster = await startCluster();
    await cluster.post(RESOURCES, resource);
    await cluster.post(`${OLD}/namespaces/default/mysqldbs`, old('shop'));
    await cluster.delete(`${RESOURCES}/mysql-db.prsn.io`);
    await cluster.post(RESOURCES, resource);
    expect((await cluster.get(`${OLD}/mysqldbs`)).body.items).toEqual([]);
  });

  it.each(['mysql', 'mysql.io', 'x..io'])('is refused with the name %s', async (name) => {
    const cluster = await startCluster();
    expect((await cluster.post(RESOURCES, { ...resource, metadata: { name } })).status).toBe(422);
  });
});

describe('rules in CEL', () => {
  const RULED = '/apis/prsn.io/v1/namespaces/default/mysqldbs';
  const ruled = (rules: Answered[], onSize: Answered[] = []) => {
    const definition = databaseDefinition();
    const { spec } = definition.spec.versions[0].schema.openAPIV3Schema.properties;
    spec['x-kubernetes-validations'] = rules;
    spec.properties.size['x-kubernetes-validations'] = onSize;
    return definition;
  };

  it('are checked on every write, with the message they give', async () => {
    const cluster = await startCluster();
    const message = '"no more than " + string(self.storageGb / 10)';
    const rule = {
      rule: '!has(self.replicas) || self.replicas + 1 <= self.storageGb / 10',
      messageExpression: message,
    };
    await cluster.post(CRDS, ruled([rule]));
    const { status, body } = await cluster.post(RULED, database('a', { engine: 'mysql', storageGb: 50, replicas: 5 }));
    expect([status, body.message]).toEqual([
      422,
      'MysqlDb.prsn.io "a" is invalid: spec: Invalid value: "object": no more than 5',
    ]);
    expect((await cluster.post(RULED, database('a', { engine: 'mysql', storageGb: 50, replicas: 4 }))).status).toBe(
      201,
    );
  });

  it('compare with the old value when there is one', async () => {
    const cluster = await startCluster();
    const fixed = { rule: 'self == oldSelf', message: 'cannot be changed', reason: 'FieldValueForbidden' };
    await cluster.post(CRDS, ruled([], [fixed]));
    expect((await cluster.post(RULED, database('a', { engine: 'mysql', size: 'big' }))).status).toBe(201);
    const { status, body } = await cluster.patch(`${RULED}/a`, 'merge', { spec: { size: 'bigger' } });
    expect([status, body.details.causes]).toEqual([
      422,
      [
        {
          reason: 'FieldValueForbidden',
          field: 'spec.size',
          message: 'Invalid value: "bigger": cannot be changed',
        },
      ],
    ]);
  });

  it.each(['self.replicas >', 'self.size.isQuantity()', 'quantity(self.size).isGreaterThan(1)'])(
    'that cannot be evaluated are refused with the CRD: %s',
    async (rule) => {
      const cluster = await startCluster();
      const { status, body } = await cluster.post(CRDS, ruled([{ rule }]));
      const path = 'spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule';
      expect([status, body.details.causes[0].field]).toEqual([422, path]);
      expect(body.message).toContain('compilation failed');
    },
  );

  it('know how to walk lists, and say what they miss', async () => {
    const cluster = await startCluster();
    const rules = [
      { rule: 'self.users.all(user, user.name.matches("^[a-z]+$"))', message: 'users have small letters' },
      { rule: 'self.parameters["mode"] == "fast"' },
    ];
    await cluster.post(CRDS, ruled(rules));
    const spec = { engine: 'mysql', users: [{ name: 'Ann' }], parameters: { other: 'x' } };
    const { body } = await cluster.post(RULED, database('a', spec));
    expect(body.details.causes.map((one: Answered) => one.message)).toEqual([
      'Invalid value: "object": users have small letters',
      expect.stringContaining('evaluating rule: self.parameters["mode"] == "fast"'),
    ]);
  });
});
