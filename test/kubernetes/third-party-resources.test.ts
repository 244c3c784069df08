import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseManifests } from '../../src/kubernetes/manifests.ts';
import { migrateThirdPartyResources } from '../../src/kubernetes/third-party-resources.ts';
import { startCluster } from '../sandbox/kubernetes/support.ts';

/** As it was written in 2016. */
const MYSQL = `
metadata:
  name: mysql-db.prsn.io
  labels:
    resource: database
    object: mysql
apiVersion: extensions/v1beta1
kind: ThirdPartyResource
description: "A specification of database for mysql"
versions:
  - name: stable/v1
`;

const resource = (name: string, ...versions: readonly string[]) =>
  stringify({
    apiVersion: 'extensions/v1beta1',
    kind: 'ThirdPartyResource',
    metadata: { name },
    versions: versions.map((one) => ({ name: one })),
  });

const migrated = (text: string) => migrateThirdPartyResources(parseManifests('tpr.yaml', text), 'tpr.yaml');

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: Readonly<Record<string, string>>;
    readonly versions: readonly { readonly name: string; readonly storage: boolean; readonly served: boolean }[];
  };
}

function definitionOf(text: string): Definition {
  const [first] = migrated(text);
  if (first === undefined) throw new Error('nothing was migrated');
  return JSON.parse(JSON.stringify(first.definition)) as Definition; // what the tests below look at
}

describe('A ThirdPartyResource', () => {
  it('becomes the CustomResourceDefinition of its kind', () => {
    expect(migrated(MYSQL)).toEqual([
      {
        name: 'mysqldbs.prsn.io',
        definition: {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          metadata: {
            name: 'mysqldbs.prsn.io',
            labels: { resource: 'database', object: 'mysql' },
            annotations: { 'kubernetes.io/description': 'A specification of database for mysql' },
          },
          spec: {
            group: 'prsn.io',
            scope: 'Namespaced',
            names: { kind: 'MysqlDb', listKind: 'MysqlDbList', plural: 'mysqldbs', singular: 'mysqldb' },
            versions: [
              {
                name: 'v1',
                served: true,
                storage: true,
                schema: {
                  openAPIV3Schema: {
                    description: 'A specification of database for mysql',
                    type: 'object',
                    'x-kubernetes-preserve-unknown-fields': true,
                  },
                },
              },
            ],
          },
        },
        notes: ['MysqlDb: a version has no slash any more; write apiVersion: prsn.io/v1 instead of prsn.io/stable/v1.'],
      },
    ]);
  });

  it.each([
    ['mysql-db.prsn.io', 'MysqlDb', 'mysqldb', 'mysqldbs', 'prsn.io'],
    ['cron-tab.stable.example.com', 'CronTab', 'crontab', 'crontabs', 'stable.example.com'],
    ['policy.a.b', 'Policy', 'policy', 'policies', 'a.b'],
    ['alias.a.b', 'Alias', 'alias', 'aliases', 'a.b'],
    ['mysql-db31.example.com', 'MysqlDb31', 'mysqldb31', 'mysqldb31s', 'example.com'],
  ])('named %s is the kind %s', (name, kind, singular, plural, group) => {
    const { metadata, spec } = definitionOf(resource(name, 'v1'));
    expect(spec.names).toEqual({ kind, singular, plural, listKind: `${kind}List` });
    expect([metadata.name, spec.group]).toEqual([`${plural}.${group}`, group]);
  });

  it.each([
    [['v1'], ['v1']],
    [
      ['v1alpha1', 'v1', 'v2beta1'],
      ['v1', 'v2beta1', 'v1alpha1'],
    ],
    [
      ['v2', 'v10', 'v9'],
      ['v10', 'v9', 'v2'],
    ],
    [
      ['experimental/v2', 'stable/v1'],
      ['v1', 'v2'],
    ],
    [
      ['experimental/v1', 'beta/v1', 'stable/v1'],
      ['v1', 'beta-v1', 'experimental-v1'],
    ],
    [
      ['latest', 'v1'],
      ['v1', 'latest'],
    ],
  ])('with the versions %j serves %j and stores the first', (versions, served) => {
    const { spec } = definitionOf(resource('a.b.c', ...versions));
    expect(spec.versions.map(({ name }) => name)).toEqual(served);
    expect(spec.versions.map(({ storage }) => storage)).toEqual(served.map((_, index) => index === 0));
    expect(spec.versions.every((one) => one.served)).toBe(true);
  });

  it('may stand among others, in one file, as a list, in JSON', () => {
    const names = (text: string) => migrated(text).map(({ name }) => name);
    const other = 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n';
    expect(names([MYSQL, other, resource('a.b.c', 'v1'), ''].join('---\n'))).toEqual(['mysqldbs.prsn.io', 'as.b.c']);
    const list = { kind: 'List', apiVersion: 'v1', items: [parse(MYSQL), parse(resource('a.b.c', 'v1'))] };
    expect(names(JSON.stringify(list))).toEqual(['mysqldbs.prsn.io', 'as.b.c']);
  });

  it('keeps its annotations, but not what kubectl last applied', () => {
    const annotations = { mine: 'yes', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    const text = stringify({ ...parse(resource('a.b.c', 'v1')), metadata: { name: 'a.b.c', annotations } });
    expect(migrated(text)[0]?.definition.metadata).toMatchObject({ annotations: { mine: 'yes' } });
    expect(JSON.stringify(migrated(text))).not.toContain('last-applied');
  });

  it.each([
    [
      'mysql',
      ['v1'],
      '"#/metadata/name" is "mysql", which is too short to hold a kind and a group. Name it KIND.DOMAIN.TLD',
    ],
    ['mysql.io', ['v1'], 'is "mysql.io", which is too short'],
    ['MysqlDb.prsn.io', ['v1'], 'which is no DNS name ("MysqlDb"). Name it KIND.DOMAIN.TLD'],
    ['x..io', ['v1'], 'which is no DNS name ("")'],
    ['2fa.prsn.io', ['v1'], 'is "2fa.prsn.io"; a kind begins with a letter'],
    ['', ['v1'], 'must be a text that is not empty'],
    ['a.b.c', [], '"#/versions" must name at least one version'],
    ['a.b.c', ['v1', 'v1'], '"#/versions/1/name" names the version "v1" a second time; remove one'],
    ['a.b.c', ['a b'], 'is "a b", which cannot be part of a path. Name it like v1'],
    ['a.b.c', ['/v1'], 'is "/v1", which cannot be part of a path'],
  ])('named %j with versions %j is refused', (name, versions, message) => {
    expect(() => migrated(resource(name, ...versions))).toThrow(`tpr.yaml: `);
    expect(() => migrated(resource(name, ...versions))).toThrow(message);
  });

  it('is refused with the document it is in, when it is there twice, and when there is none', () => {
    expect(() => migrated(`${MYSQL}---\n${resource('mysql', 'v1')}`)).toThrow(
      'tpr.yaml, document 2: "#/metadata/name"',
    );
    expect(() => migrated(`${MYSQL}---\n${MYSQL}`)).toThrow(
      'document 2: "#/metadata/name" defines mysqldbs.prsn.io a second time',
    );
    expect(() => migrated('kind: Pod')).toThrow('tpr.yaml holds no ThirdPartyResource');
    expect(() => migrated('kind: [')).toThrow('tpr.yaml is not YAML');
    expect(() => migrated('5')).toThrow('tpr.yaml is no Kubernetes object');
  });

  it('can be replaced where it runs: its objects are those of the definition afterwards', async () => {
    const cluster = await startCluster();
    const resources = '/apis/extensions/v1beta1/thirdpartyresources';
    expect((await cluster.post(resources, parse(MYSQL))).status).toBe(201);
    const old = '/apis/prsn.io/stable/v1/namespaces/default/mysqldbs';
    const database = { apiVersion: 'prsn.io/stable/v1', kind: 'MysqlDb', metadata: { name: 'shop' }, size: 'huge' };
    expect((await cluster.post(old, database)).status).toBe(201);

    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const { status, body } = await cluster.post(definitions, migrated(MYSQL)[0]?.definition);
    expect([status, body.message]).toEqual([201, undefined]);
    const made = (await cluster.get(`${definitions}/mysqldbs.prsn.io`)).body;
    expect(made.status.conditions.map((one: { type: string; status: string }) => [one.type, one.status])).toEqual([
      ['NamesAccepted', 'True'],
      ['Established', 'True'],
    ]);
    await cluster.delete(`${resources}/mysql-db.prsn.io`);
    expect((await cluster.get(old)).status).toBe(404);
    const today = await cluster.get('/apis/prsn.io/v1/namespaces/default/mysqldbs/shop');
    expect(today.body).toMatchObject({ apiVersion: 'prsn.io/v1', kind: 'MysqlDb', size: 'huge' });
  });
});
