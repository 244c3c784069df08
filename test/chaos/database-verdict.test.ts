import { describe, expect, it } from 'vitest';
import { databaseProblems, type Outside, type Past, type PostedDatabase } from './database-verdict.ts';

const UID = '8fcf47cb-8547-49d9-b2bc-21b2c7a827ea';
const GONE = '00000000-8547-49d9-b2bc-21b2c7a827ea';

const object: PostedDatabase = {
  uid: UID,
  kind: 'MysqlDb',
  namespace: 'shop',
  name: 'orders',
  spec: { size: 'small', storageGb: 21, credentials: { secret: 'login' } },
  ready: true,
  deleting: false,
  instance: 'db-1',
};
const instance = { id: 'db-1', uid: UID, instanceClass: 'db.t3.small', storage: 22 };
const outside: Outside = {
  instances: [instance],
  snapshots: [{ id: 'last', uid: GONE }],
  creations: [
    { what: 'instance', id: 'db-0', uid: GONE },
    { what: 'snapshot', id: 'last', uid: GONE },
    { what: 'instance', id: 'db-1', uid: UID },
  ],
  consulKeys: new Map([
    ['databases/shop/orders/host', 'db-1.rds.localhost'],
    ['other', 'x'],
  ]),
  vaultSecrets: ['databases/shop/orders', 'other'],
  vaultPolicies: ['databases-shop', 'default'],
  kubernetesSecrets: ['shop/login'],
  datastoreKeys: [`databases.${UID}.password.1`, `databases.${UID}.note`, 'other'],
  logsIn: () => true,
};
const past: Past = { mayHaveSnapshot: new Set([GONE]), mustHaveSnapshot: new Set([GONE]) };

describe('the verdict over databases', () => {
  it('is silent when all is as wished', () => {
    expect(databaseProblems([object], outside, past)).toEqual([]);
  });

  it.each<[string, Partial<PostedDatabase>, Partial<Outside>, Partial<Past>, RegExp]>([
    ['an object that hangs', { deleting: true }, {}, {}, /does not go/],
    ['an object that is not ready', { ready: false }, {}, {}, /is not ready/],
    ['a missing instance', {}, { instances: [] }, {}, /has 0 instances/],
    ['two instances of one object', {}, { instances: [instance, { ...instance, id: 'db-2' }] }, {}, /has 2 instances/],
    [
      'an instance that is left over',
      {},
      { instances: [instance, { id: 'db-0', uid: GONE }] },
      {},
      /db-0 is left over/,
    ],
    ['an instance of nobody', {}, { instances: [instance, { id: 'db-9', uid: '' }] }, {}, /db-9 is left over/],
    ['another size', { spec: { ...object.spec, size: 'medium' } }, {}, {}, /its instance is db.t3.small/],
    ['too little storage', { spec: { ...object.spec, storageGb: 30 } }, {}, {}, /asks for 30 GB/],
    [
      'too much storage',
      { spec: { ...object.spec, storageGb: 20 } },
      { instances: [{ ...instance, storage: 40 }] },
      {},
      /has 40/,
    ],
    ['a status that names another instance', { instance: 'db-0' }, {}, {}, /says db-0/],
    [
      'a creation repeated',
      {},
      { creations: [...outside.creations, ...outside.creations.slice(2)] },
      {},
      /created 2 times/,
    ],
    [
      'a second creation under another name',
      {},
      { creations: [...outside.creations, { what: 'instance', id: 'db-2', uid: UID }] },
      {},
      /db-1, db-2/,
    ],
    ['a snapshot nobody asked for', {}, {}, { mayHaveSnapshot: new Set() }, /nobody asked for the snapshot last/],
    ['a snapshot that is missing', {}, { snapshots: [] }, {}, /no snapshot of the deleted/],
    ['a key of Consul that is missing', {}, { consulKeys: new Map() }, {}, /is not in Consul/],
    [
      'a key of Consul that is left',
      {},
      { consulKeys: new Map([...outside.consulKeys, ['databases/shop/old/host', 'x']]) },
      {},
      /Consul's key databases\/shop\/old\/host is left over/,
    ],
    [
      'another host in Consul',
      {},
      { consulKeys: new Map([['databases/shop/orders/host', 'db-0.x']]) },
      {},
      /in Consul at db-0.x/,
    ],
    [
      'a database on a server that is not published',
      { spec: { ...object.spec, class: 'dev' } },
      { instances: [], consulKeys: new Map() },
      {},
      /is not in Consul/,
    ],
    ['a secret of Vault that is missing', {}, { vaultSecrets: [] }, {}, /is not in Vault/],
    [
      'a secret of Vault that is left',
      {},
      { vaultSecrets: [...outside.vaultSecrets, 'databases/lab/old'] },
      {},
      /Vault's secret databases\/lab\/old/,
    ],
    ['credentials that do not log in', {}, { logsIn: () => false }, {}, /do not log in/],
    ['a policy that is missing', {}, { vaultPolicies: [] }, {}, /databases-shop is missing/],
    [
      'a policy that is left',
      {},
      { vaultPolicies: ['databases-shop', 'databases-lab'] },
      {},
      /databases-lab is left over/,
    ],
    ['a Secret that is missing', {}, { kubernetesSecrets: [] }, {}, /shop\/login is missing/],
    ['a Secret that is left', {}, { kubernetesSecrets: ['shop/login', 'shop/old'] }, {}, /shop\/old is left over/],
    [
      'a password that is left',
      {},
      { datastoreKeys: [`databases.${GONE}.password.1`] },
      {},
      /datastore key .* is left over/,
    ],
    [
      'two passwords of one object',
      {},
      { datastoreKeys: [`databases.${UID}.password.1`, `databases.${UID}.password.2`] },
      {},
      /has 2 passwords/,
    ],
  ])('names %s', (_, changed, world, history, problem) => {
    const problems = databaseProblems([{ ...object, ...changed }], { ...outside, ...world }, { ...past, ...history });
    expect(problems.join('\n')).toMatch(problem);
  });
});
