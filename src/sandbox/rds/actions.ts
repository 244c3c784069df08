import { describeInstance, describeTags } from './describe.ts';
import { invalidCombination, invalidValue, notFound } from './errors.ts';
import { digestPassword, type Instance, type InstanceSettings, type Instances } from './instances.ts';
import type { Parameters } from './parameters.ts';
import {
  checkIdentifier,
  checkInstanceClass,
  checkPassword,
  checkPort,
  checkStorage,
  checkStorageQuota,
  checkStorageType,
  checkTags,
  checkUsername,
  engineNamed,
} from './rules.ts';
import { type Xml, XmlList } from './xml.ts';

/** What an action works on. `region` is the one the call was signed for. */
export interface Account {
  readonly instances: Instances;
  readonly region: string;
  /** Gibibytes of all instances together. */
  readonly storageQuota: number;
}

/** One action of the API: the content of its `...Result` element; undefined for actions that answer nothing. */
export type RdsAction = (parameters: Parameters, account: Account) => Xml;

const ACCOUNT_NUMBER = '123456789012';

/** Settings that the sandbox keeps and shows and that change nothing about it. */
const PLAIN_FLAGS = [
  'MultiAZ',
  'AutoMinorVersionUpgrade',
  'PubliclyAccessible',
  'CopyTagsToSnapshot',
  'StorageEncrypted',
  'EnablePerformanceInsights',
];
const PLAIN_TEXTS = [
  'AvailabilityZone',
  'PreferredMaintenanceWindow',
  'PreferredBackupWindow',
  'KmsKeyId',
  'CACertificateIdentifier',
];
const PLAIN_NUMBERS = [
  'BackupRetentionPeriod',
  'Iops',
  'MaxAllocatedStorage',
  'MonitoringInterval',
  'StorageThroughput',
];

function plainSettings(parameters: Parameters): Record<string, string | number | boolean> {
  const given = [
    ...PLAIN_FLAGS.map((name) => [name, parameters.flag(name)] as const),
    ...PLAIN_TEXTS.map((name) => [name, parameters.text(name)] as const),
    ...PLAIN_NUMBERS.map((name) => [name, parameters.integer(name)] as const),
  ];
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[shownAs(name), value]])));
}

/** The one setting whose name differs between request and answer. */
function shownAs(name: string): string {
  return name === 'EnablePerformanceInsights' ? 'PerformanceInsightsEnabled' : name;
}

const createDbInstance: RdsAction = (parameters, { instances, region, storageQuota }) => {
  const identifier = checkIdentifier(parameters.required('DBInstanceIdentifier'));
  const engineName = parameters.required('Engine').toLowerCase();
  const engine = engineNamed(engineName);
  const storageType = checkStorageType(parameters.text('StorageType') ?? 'gp2');
  const password = parameters.required('MasterUserPassword');
  checkPassword(password, engineName);
  const tags = parameters.tags();
  checkTags(tags);
  const databaseName = parameters.text('DBName');
  const allocatedStorage = checkStorage(parameters.integer('AllocatedStorage') ?? 20, engineName, storageType);
  const made = {
    identifier,
    arn: `arn:aws:rds:${region}:${ACCOUNT_NUMBER}:db:${identifier}`,
    engine: engineName,
    instanceClass: checkInstanceClass(parameters.required('DBInstanceClass')),
    allocatedStorage,
    storageType,
    engineVersion: parameters.text('EngineVersion') ?? engine.version,
    port: checkPort(parameters.integer('Port') ?? engine.port),
    deletionProtection: parameters.flag('DeletionProtection') ?? false,
    masterUsername: checkUsername(parameters.required('MasterUsername'), engineName),
    securityGroups: parameters.list('VpcSecurityGroupIds', 'VpcSecurityGroupId'),
    plain: { MultiAZ: false, PubliclyAccessible: false, BackupRetentionPeriod: 1, ...plainSettings(parameters) },
    tags,
    passwordDigest: digestPassword(password),
    ...(databaseName === undefined ? {} : { databaseName }),
  };
  parameters.refuseUnread('CreateDBInstance');
  const used = instances.all().reduce((sum, instance) => sum + instance.allocatedStorage, 0);
  checkStorageQuota(used, allocatedStorage, storageQuota);
  return { DBInstance: describeInstance(instances.create(made)) };
};

const modifyDbInstance: RdsAction = (parameters, { instances }) => {
  const identifier = parameters.required('DBInstanceIdentifier');
  const instance = instances.get(identifier);
  const immediately = parameters.flag('ApplyImmediately') ?? false;
  const password = parameters.text('MasterUserPassword');
  if (password !== undefined) checkPassword(password, instance.engine);
  const changes = changesTo(instance, parameters);
  parameters.refuseUnread('ModifyDBInstance');
  const digest = password === undefined ? undefined : digestPassword(password);
  return { DBInstance: describeInstance(instances.modify(identifier, changes, immediately, digest)) };
};

function changesTo(instance: Instance, parameters: Parameters): Partial<InstanceSettings> {
  const instanceClass = parameters.text('DBInstanceClass');
  const storage = parameters.integer('AllocatedStorage');
  const storageType = parameters.text('StorageType');
  const engineVersion = parameters.text('EngineVersion');
  const port = parameters.integer('DBPortNumber');
  const deletionProtection = parameters.flag('DeletionProtection');
  const plain = plainSettings(parameters);
  if (storage !== undefined) {
    checkStorage(storage, instance.engine, storageType ?? instance.storageType);
    if (storage < instance.allocatedStorage) {
      throw invalidValue(
        `Requested storage size (${storage}) cannot be less than the current storage size (${instance.allocatedStorage}).`,
      );
    }
  }
  return {
    ...(instanceClass === undefined ? {} : { instanceClass: checkInstanceClass(instanceClass) }),
    ...(storage === undefined ? {} : { allocatedStorage: storage }),
    ...(storageType === undefined ? {} : { storageType: checkStorageType(storageType) }),
    ...(engineVersion === undefined ? {} : { engineVersion }),
    ...(port === undefined ? {} : { port: checkPort(port) }),
    ...(deletionProtection === undefined ? {} : { deletionProtection }),
    ...(Object.keys(plain).length === 0 ? {} : { plain: { ...instance.plain, ...plain } }),
  };
}

const deleteDbInstance: RdsAction = (parameters, { instances }) => {
  const identifier = parameters.required('DBInstanceIdentifier');
  const skip = parameters.flag('SkipFinalSnapshot') ?? false;
  const snapshot = parameters.text('FinalDBSnapshotIdentifier');
  // Automated backups do not exist here, so deleting them is always done.
  parameters.flag('DeleteAutomatedBackups');
  parameters.refuseUnread('DeleteDBInstance');
  const instance = instances.get(identifier);
  if (skip && snapshot !== undefined) {
    throw invalidCombination(
      'FinalDBSnapshotIdentifier can not be specified when deleting an instance with SkipFinalSnapshot.',
    );
  }
  if (!skip && snapshot === undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
  }
  if (instance.deletionProtection) {
    throw invalidCombination('Cannot delete protected DB Instance, please disable deletion protection and try again.');
  }
  return { DBInstance: describeInstance(instances.delete(identifier, snapshot)) };
};

const rebootDbInstance: RdsAction = (parameters, { instances }) => {
  const identifier = parameters.required('DBInstanceIdentifier');
  parameters.refuseUnread('RebootDBInstance');
  return { DBInstance: describeInstance(instances.reboot(identifier)) };
};

const describeDbInstances: RdsAction = (parameters, { instances }) => {
  const identifier = parameters.text('DBInstanceIdentifier');
  const filters = parameters.filters();
  const most = parameters.integer('MaxRecords') ?? 100;
  const marker = parameters.text('Marker');
  parameters.refuseUnread('DescribeDBInstances');
  if (most < 20 || most > 100) throw invalidValue(`Invalid value ${most} for MaxRecords. Must be between 20 and 100`);
  const unknown = filters.find(({ name }) => !FILTERS.has(name));
  if (unknown !== undefined) throw invalidValue(`Unrecognized filter name: ${unknown.name}`);
  const after = marker === undefined ? '' : Buffer.from(marker, 'base64url').toString();
  const found = (identifier === undefined ? instances.all() : [instances.get(identifier)])
    .filter((instance) =>
      filters.every(({ name, values }) => values.some((value) => FILTERS.get(name)?.(instance, value))),
    )
    .filter((instance) => instance.identifier > after);
  const page = found.slice(0, most);
  const last = page.at(-1);
  return {
    Marker:
      last === undefined || page.length === found.length
        ? undefined
        : Buffer.from(last.identifier).toString('base64url'),
    DBInstances: new XmlList('DBInstance', page.map(describeInstance)),
  };
};

/** Whether an instance passes a filter of that name with that value. */
const FILTERS: ReadonlyMap<string, (instance: Instance, value: string) => boolean> = new Map([
  ['db-instance-id', ({ identifier, arn }, value) => value.toLowerCase() === identifier || value === arn],
  ['dbi-resource-id', ({ resourceId }, value) => value === resourceId],
  ['engine', ({ engine }, value) => value === engine],
]);

function named(parameters: Parameters, instances: Instances): Instance {
  const arn = parameters.required('ResourceName');
  const identifier = /^arn:aws[\w-]*:rds:[\w-]+:\d{12}:db:(.+)$/.exec(arn)?.[1];
  if (identifier === undefined) throw invalidValue(`Invalid resource name: ${arn}`);
  const instance = instances.find(identifier);
  if (instance === undefined) throw notFound(identifier);
  return instance;
}

const addTags: RdsAction = (parameters, { instances }) => {
  const instance = named(parameters, instances);
  const added = parameters.tags();
  parameters.refuseUnread('AddTagsToResource');
  const tags = new Map([...instance.tags, ...added]);
  checkTags(tags);
  instances.tag(instance.identifier, tags);
  return undefined;
};

const removeTags: RdsAction = (parameters, { instances }) => {
  const instance = named(parameters, instances);
  const keys = parameters.list('TagKeys', 'member');
  parameters.refuseUnread('RemoveTagsFromResource');
  instances.tag(instance.identifier, new Map([...instance.tags].filter(([key]) => !keys.includes(key))));
  return undefined;
};

const listTags: RdsAction = (parameters, { instances }) => {
  const instance = named(parameters, instances);
  parameters.refuseUnread('ListTagsForResource');
  return { TagList: describeTags(instance.tags) };
};

export const RDS_ACTIONS: ReadonlyMap<string, RdsAction> = new Map([
  ['CreateDBInstance', createDbInstance],
  ['ModifyDBInstance', modifyDbInstance],
  ['DeleteDBInstance', deleteDbInstance],
  ['RebootDBInstance', rebootDbInstance],
  ['DescribeDBInstances', describeDbInstances],
  ['AddTagsToResource', addTags],
  ['RemoveTagsFromResource', removeTags],
  ['ListTagsForResource', listTags],
]);
