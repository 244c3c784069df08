import { addInstance, addSnapshot, filtered, pageOf, pageRequest, type RdsAction } from './account.ts';
import { describeInstance, describeSnapshot } from './describe.ts';
import { invalidState, invalidValue, snapshotNotFound } from './errors.ts';
import type { Instance, NewInstance } from './instances.ts';
import type { Parameters } from './parameters.ts';
import { checkIdentifier, checkInstanceClass, checkPort, checkStorage, checkStorageType, checkTags } from './rules.ts';
import { plainSettings, present } from './settings.ts';
import type { Snapshot } from './snapshots.ts';
import { XmlList } from './xml.ts';

export const createDbSnapshot: RdsAction = (parameters, account) => {
  const identifier = checkIdentifier(parameters.required('DBSnapshotIdentifier'), 'DBSnapshotIdentifier');
  const source = parameters.required('DBInstanceIdentifier');
  const tags = parameters.tags();
  checkTags(tags);
  parameters.refuseUnread('CreateDBSnapshot');
  account.instances.get(source);
  account.snapshots.refuseTaken(identifier);
  const snapshot = addSnapshot(identifier, account.instances.getAvailable(source), tags, account);
  account.instances.backUp(source);
  return { DBSnapshot: describeSnapshot(snapshot) };
};

export const deleteDbSnapshot: RdsAction = (parameters, { snapshots }) => {
  const identifier = parameters.required('DBSnapshotIdentifier');
  parameters.refuseUnread('DeleteDBSnapshot');
  return { DBSnapshot: describeSnapshot(snapshots.delete(identifier), 'deleted') };
};

export const describeDbSnapshots: RdsAction = (parameters, { snapshots }) => {
  const identifier = parameters.text('DBSnapshotIdentifier')?.toLowerCase();
  const source = parameters.text('DBInstanceIdentifier')?.toLowerCase();
  const type = parameters.text('SnapshotType');
  const filters = parameters.filters();
  const request = pageRequest(parameters);
  parameters.refuseUnread('DescribeDBSnapshots');
  const all = type === undefined || type === 'manual' ? snapshots.described() : [];
  const named = all.filter((one) => identifier === undefined || identifier === one.identifier);
  if (identifier !== undefined && named.length === 0) throw snapshotNotFound(identifier);
  const of = named.filter((one) => source === undefined || source === one.source.identifier);
  const { page, Marker } = pageOf(filtered(of, filters, FILTERS), request);
  return {
    Marker,
    DBSnapshots: new XmlList(
      'DBSnapshot',
      page.map((snapshot) => describeSnapshot(snapshot)),
    ),
  };
};

const FILTERS: ReadonlyMap<string, (snapshot: Snapshot, value: string) => boolean> = new Map([
  ['db-instance-id', ({ source }, value) => value.toLowerCase() === source.identifier || value === source.arn],
  ['db-snapshot-id', ({ identifier }, value) => value.toLowerCase() === identifier],
  ['dbi-resource-id', ({ source }, value) => value === source.resourceId],
  ['snapshot-type', (_, value) => value === 'manual'],
  ['engine', ({ source }, value) => value === source.engine],
]);

export const restoreFromSnapshot: RdsAction = (parameters, account) => {
  const snapshot = parameters.required('DBSnapshotIdentifier');
  const identifier = checkIdentifier(parameters.required('DBInstanceIdentifier'));
  const { source } = account.snapshots.getAvailable(snapshot);
  const made = { ...copyOf(source, identifier, parameters), ...present({ databaseName: source.databaseName }) };
  parameters.refuseUnread('RestoreDBInstanceFromDBSnapshot');
  if (made.allocatedStorage < source.allocatedStorage) {
    throw invalidValue("The allocated storage size can't be less than the source snapshot or backup size.");
  }
  return { DBInstance: describeInstance(addInstance(made, account)) };
};

export const createReadReplica: RdsAction = (parameters, account) => {
  const source = account.instances.get(parameters.required('SourceDBInstanceIdentifier'));
  const identifier = checkIdentifier(parameters.required('DBInstanceIdentifier'));
  const copy = copyOf(source, identifier, parameters);
  parameters.refuseUnread('CreateDBInstanceReadReplica');
  if (source.status !== 'available') {
    throw invalidState(`Instance ${source.identifier} is not in available state.`);
  }
  if (Number(source.plain.BackupRetentionPeriod) === 0) {
    throw invalidState(
      'Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance to set the backup retention period to a non-zero value.',
    );
  }
  const plain = { ...copy.plain, BackupRetentionPeriod: 0 };
  const replica = { ...copy, plain, replicaOf: source.identifier, ...present({ databaseName: source.databaseName }) };
  return { DBInstance: describeInstance(addInstance(replica, account)) };
};

export const promoteReadReplica: RdsAction = (parameters, { instances }) => {
  const identifier = parameters.required('DBInstanceIdentifier');
  const plain = { BackupRetentionPeriod: 1, ...plainSettings(parameters) };
  parameters.refuseUnread('PromoteReadReplica');
  return { DBInstance: describeInstance(instances.promote(identifier, plain)) };
};

/** A new instance like `source`, but for what the parameters say. Tags are never taken over. */
function copyOf(source: Instance, identifier: string, parameters: Parameters): Omit<NewInstance, 'arn'> {
  const engine = parameters.text('Engine')?.toLowerCase() ?? source.engine;
  if (engine !== source.engine) throw invalidValue(`Invalid DB engine: ${engine}`);
  const tags = parameters.tags();
  checkTags(tags);
  const storageType = checkStorageType(parameters.text('StorageType') ?? source.storageType);
  const storage = parameters.integer('AllocatedStorage') ?? source.allocatedStorage;
  const groups = parameters.list('VpcSecurityGroupIds', 'VpcSecurityGroupId');
  return {
    identifier,
    engine,
    engineVersion: source.engineVersion,
    instanceClass: checkInstanceClass(parameters.text('DBInstanceClass') ?? source.instanceClass),
    allocatedStorage: checkStorage(storage, engine, storageType),
    storageType,
    port: checkPort(parameters.integer('Port') ?? source.port),
    deletionProtection: parameters.flag('DeletionProtection') ?? false,
    masterUsername: source.masterUsername,
    securityGroups: groups,
    plain: {
      ...source.plain,
      MultiAZ: false,
      ...plainSettings(parameters),
    },
    tags,
    passwordDigest: source.passwordDigest,
    ...present({
      parameterGroup: parameters.text('DBParameterGroupName') ?? source.parameterGroup,
      subnetGroup: parameters.text('DBSubnetGroupName') ?? source.subnetGroup,
    }),
  };
}
