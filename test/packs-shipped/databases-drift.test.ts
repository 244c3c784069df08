import { describe, expect, it } from 'vitest';
import { classSpec } from '../../packs/databases/lib/classes.ts';
import { itemsOf, type Seen } from '../../packs/databases/lib/drift.ts';
import { configurationOf } from '../../packs/databases/lib/publishing.ts';
import type { Instance } from '../../packs/databases/lib/rds.ts';
import { specOf } from '../../packs/databases/lib/subject.ts';
import type { WishedDatabase } from '../../packs/databases/lib/wishes.ts';

const TAG = 'petrel/c/databases.mysqldb/shop/orders/uid';
const PATH = 'databases/shop/orders';
const made = {
  provider: 'rds',
  instance: 'db-1',
  engine: 'mysql',
  engineVersion: '8.0.40',
  endpoint: 'h',
  port: 3306,
  database: 'app',
  storageGb: 20,
  consulPath: PATH,
  vaultPath: PATH,
  vaultPolicy: 'databases-shop',
  secret: 'orders-db',
};
const wish = (more: Partial<WishedDatabase> = {}): WishedDatabase => ({
  uid: 'uid',
  namespace: 'shop',
  name: 'orders',
  spec: specOf('MysqlDb', { engineVersion: '8.0', size: 'small', storageGb: 20 }),
  made,
  tag: null,
  secretDigest: 'digest',
  due: [],
  ...more,
});
const instance: Instance = {
  id: 'db-1',
  status: 'available',
  engine: 'mysql',
  engine_version: '8.0.40',
  instance_class: 'db.t3.small',
  allocated_storage: 20,
  multi_az: false,
  backup_retention: 1,
  master_username: 'petrel',
  db_name: 'app',
  host: 'h',
  port: 3306,
  owner: TAG,
  replica_of: null,
  pending: [],
};
const sizes = {
  small: { instanceClass: 'db.t3.small' },
  other: { instanceClass: 'db.t3.small' },
  huge: { instanceClass: 'db.r5.8xlarge' },
};
const classes = new Map([
  ['default', classSpec.parse({ provider: 'rds', sizes, rds: { multiAz: false, backupRetention: 1 } })],
]);
const keys = new Map(Object.entries(configurationOf(made, TAG)).map(([key, value]) => [`${PATH}/${key}`, value]));
const whole: Seen = {
  instances: [instance],
  servers: new Map(),
  keys,
  secrets: new Set([PATH]),
  policies: new Set(['databases-shop']),
  kubernetesSecrets: new Map([['shop/orders-db', { owner: TAG, digest: 'digest' }]]),
  doubted: { secret: new Set(), login: new Set(), reset: new Set() },
};
const items = (seen: Partial<Seen> = {}, wishes = [wish()]) => itemsOf(wishes, classes, { ...whole, ...seen });
const AS_WISHED = { size: 'small', storageGb: 20, engineVersion: '8.0' };

describe('what is seen of databases', () => {
  it('is in the words of the spec', () => {
    expect(items()).toEqual([{ owner: TAG, state: AS_WISHED, drift: [] }]);
  });

  it.each<[string, Partial<Instance>, object]>([
    ['another size by its name', { instance_class: 'db.r5.8xlarge' }, { size: 'huge' }],
    ['a size without name by its instance class', { instance_class: 'db.x' }, { size: 'db.x' }],
    ['another version', { engine_version: '5.7.44' }, { engineVersion: '5.7.44' }],
    ['less storage', { allocated_storage: 10 }, { storageGb: 10 }],
    ['more storage, which cannot be taken back, as it was wished', { allocated_storage: 500 }, { storageGb: 20 }],
  ])('says %s', (_what, more, state) => {
    expect(items({ instances: [{ ...instance, ...more }] })[0]?.state).toEqual({ ...AS_WISHED, ...state });
  });

  it.each<[string, Partial<Seen>, readonly string[]]>([
    ['a key is missing', { keys: new Map([...keys].slice(1)) }, [`the key ${PATH}/.owner in Consul`]],
    ['a key is wrong', { keys: new Map([...keys, [`${PATH}/host`, 'x']]) }, [`the key ${PATH}/host in Consul`]],
    ['the secret is missing', { secrets: new Set() }, [`the secret ${PATH} in Vault`]],
    ['the policy is missing', { policies: new Set() }, ['the policy databases-shop in Vault']],
    ['the Secret is missing', { kubernetesSecrets: new Map() }, ['the Secret shop/orders-db']],
    [
      'the Secret is not ours',
      { kubernetesSecrets: new Map([['shop/orders-db', { owner: 'x', digest: 'digest' }]]) },
      ['the Secret shop/orders-db'],
    ],
    [
      'the Secret says something else',
      { kubernetesSecrets: new Map([['shop/orders-db', { owner: TAG, digest: 'x' }]]) },
      ['the content of the Secret shop/orders-db'],
    ],
    [
      'the secret says something else',
      { doubted: { ...whole.doubted, secret: new Set(['uid']) } },
      [`the content of the secret ${PATH} in Vault`],
    ],
    [
      'the secret is missing, whatever it said',
      { secrets: new Set(), doubted: { ...whole.doubted, secret: new Set(['uid']) } },
      [`the secret ${PATH} in Vault`],
    ],
    [
      'its user is not let in',
      { doubted: { ...whole.doubted, login: new Set(['uid']) } },
      ['the login of its user, which the server refuses'],
    ],
    [
      'its password was reset',
      { doubted: { ...whole.doubted, reset: new Set(['uid', 'other']) } },
      ['its master password, which somebody has reset'],
    ],
    ['another one is doubted', { doubted: { ...whole.doubted, login: new Set(['other']) } }, []],
    ['the endpoint has moved', { instances: [{ ...instance, host: 'x' }] }, ['its endpoint']],
    ['it was upgraded', { instances: [{ ...instance, engine_version: '8.0.41' }] }, ['its engine version']],
    ['its standby was taken', { instances: [{ ...instance, multi_az: true }] }, ['multi-AZ']],
    ['backups are off', { instances: [{ ...instance, backup_retention: 0 }] }, ['the retention of its backups']],
    ['nobody could be asked', { keys: undefined, secrets: undefined, policies: undefined }, []],
  ])('says when %s', (_what, seen, drift) => {
    expect(items(seen)[0]?.drift).toEqual(drift);
  });

  it('says nothing of what was never brought about, and shows what has no object', () => {
    expect(items({ keys: new Map() }, [wish({ made: null })])[0]?.drift).toEqual([]);
    expect(items({}, [])).toEqual([{ owner: TAG, state: {}, drift: [] }]);
    expect(items({ instances: [{ ...instance, owner: null }] })).toEqual([]);
    expect(items({ instances: [{ ...instance, status: 'deleting' }] })).toEqual([]);
  });

  it('says what is due, e.g. new credentials of a source', () => {
    expect(items({}, [wish({ due: ['the credentials of its source changed'] })])[0]?.drift).toHaveLength(1);
  });

  it('takes what is on a server that does not answer as it was', () => {
    const dev = wish({ spec: specOf('MysqlDb', { class: 'dev' }), tag: TAG });
    const away = { instances: [], servers: new Map([['dev', undefined]]) };
    expect(items(away, [dev])).toEqual([{ owner: TAG, state: {}, drift: [] }]);
    const gone = { instances: [], servers: new Map([['dev', []]]) };
    expect(items(gone, [dev])).toEqual([]);
    const crippled = { owner: TAG, state: { missing: ['user'] } };
    const [seen] = items({ instances: [], servers: new Map([['dev', [crippled]]]) }, [dev]);
    expect(seen?.drift).toEqual(['the user on the server is missing']);
  });
});
