import { addInstance, addSnapshot, filtered, pageOf, pageRequest, type RdsAction } from './account.ts';
import { describeInstance } from './describe.ts';
import { checkUpgrade, engineNamed, versionOf } from './engines.ts';
import { invalidCombination, notFound } from './errors.ts';
import { digestPassword, type Instance, type InstanceSettings, type Instances } from './instances.ts';
import type { Parameters } from './parameters.ts';
import {
  checkIdentifier,
  checkInstanceClass,
  checkPassword,
  checkPort,
  checkStorage,
  checkStorageType,
  checkTags,
  checkUsername,
  grownStorage,
} from './rules.ts';
import { plainSettings, present } from './settings.ts';
import { XmlList } from './xml.ts';

export const createDbInstance: RdsAction = (parameters, account) => {
  const engine = parameters.required('Engine').toLowerCase();
  const { port } = engineNamed(engine);
  const storageType = checkStorageType(parameters.text('StorageType') ?? 'gp2');
  const password = parameters.required('MasterUserPassword');
  checkPassword(password, engine);
  const tags = parameters.tags();
  checkTags(tags);
  const engineVersion = versionOf(engine, parameters.text('EngineVersion'));
  const made = {
    identifier: checkIdentifier(parameters.required('DBInstanceIdentifier')),
    engine,
    instanceClass: checkInstanceClass(parameters.required('DBInstanceClass')),
    allocatedStorage: checkStorage(parameters.integer('AllocatedStorage') ?? 20, engine, storageType),
    storageType,
    engineVersion,
    port: checkPort(parameters.integer('Port') ?? port),
    deletionProtection: parameters.flag('DeletionProtection') ?? false,
    masterUsername: checkUsername(parameters.required('MasterUsername'), engine),
    securityGroups: parameters.list('VpcSecurityGroupIds', 'VpcSecurityGroupId'),
    parameterGroup: parameters.text('DBParameterGroupName') ?? `default.${engine}${engineVersion.split('.')[0]}`,
    plain: { MultiAZ: false, PubliclyAccessible: false, BackupRetentionPeriod: 1, ...plainSettings(parameters) },
    tags,
    passwordDigest: digestPassword(password),
    ...present({ databaseName: parameters.text('DBName'), subnetGroup: parameters.text('DBSubnetGroupName') }),
  };
  parameters.refuseUnread('CreateDBInstance');
  return { DBInstance: describeInstance(addInstance(made, account)) };
};

export const modifyDbInstance: RdsAction = (parameters, { instances }) => {
  const identifier = parameters.required('DBInstanceIdentifier');
  const instance = instances.get(identifier);
  const immediately = parameters.flag('ApplyImmediately') ?? false;
  const password = parameters.text('MasterUserPassword');
  if (password !== undefined) {
    checkPassword(password, instance.engine);
    if (instance.replicaOf !== undefined) {
      throw invalidCombination(`The master password of the read replica ${identifier} is that of its source.`);
    }
  }
  const changes = changesTo(instance, parameters, instances);
  parameters.refuseUnread('ModifyDBInstance');
  const digest = password === undefined ? undefined : digestPassword(password);
  return { DBInstance: describe(instances.modify(identifier, changes, immediately, digest), instances) };
};

function changesTo(instance: Instance, parameters: Parameters, instances: Instances): Partial<InstanceSettings> {
  const instanceClass = parameters.text('DBInstanceClass');
  const storage = parameters.integer('AllocatedStorage');
  const storageType = parameters.text('StorageType');
  const port = parameters.integer('DBPortNumber');
  const given = parameters.text('EngineVersion');
  const allowMajor = parameters.flag('AllowMajorVersionUpgrade') ?? false;
  const engineVersion = given === undefined ? undefined : versionOf(instance.engine, given);
  if (engineVersion !== undefined) checkUpgrade(instance.engine, instance.engineVersion, engineVersion, allowMajor);
  const plain = plainSettings(parameters);
  if (plain.BackupRetentionPeriod === 0 && instances.replicasOf(instance.identifier).length > 0) {
    throw invalidCombination('The backup retention period of a source of read replicas cannot be 0.');
  }
  if (storage !== undefined) checkStorage(storage, instance.engine, storageType ?? instance.storageType);
  return present({
    instanceClass: instanceClass === undefined ? undefined : checkInstanceClass(instanceClass),
    allocatedStorage: storage === undefined ? undefined : grownStorage(instance.allocatedStorage, storage),
    storageType: storageType === undefined ? undefined : checkStorageType(storageType),
    engineVersion: engineVersion === instance.engineVersion ? undefined : engineVersion,
    port: port === undefined ? undefined : checkPort(port),
    deletionProtection: parameters.flag('DeletionProtection'),
    parameterGroup: parameters.text('DBParameterGroupName'),
    plain: Object.keys(plain).length === 0 ? undefined : { ...instance.plain, ...plain },
  });
}

export const deleteDbInstance: RdsAction = (parameters, account) => {
  const { instances } = account;
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
  if (snapshot !== undefined && instance.replicaOf !== undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier can not be specified when deleting a replica instance');
  }
  if (!skip && snapshot === undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
  }
  if (instance.deletionProtection) {
    throw invalidCombination('Cannot delete protected DB Instance, please disable deletion protection and try again.');
  }
  if (snapshot !== undefined) {
    const name = checkIdentifier(snapshot, 'FinalDBSnapshotIdentifier');
    addSnapshot(name, instances.getAvailable(identifier), new Map(), account);
  }
  return { DBInstance: describe(instances.delete(identifier, snapshot !== undefined), instances) };
};

export const rebootDbInstance: RdsAction = (parameters, { instances }) => {
  const identifier = parameters.required('DBInstanceIdentifier');
  parameters.refuseUnread('RebootDBInstance');
  return { DBInstance: describe(instances.reboot(identifier), instances) };
};

export const describeDbInstances: RdsAction = (parameters, { instances }) => {
  const identifier = parameters.text('DBInstanceIdentifier');
  const filters = parameters.filters();
  const request = pageRequest(parameters);
  parameters.refuseUnread('DescribeDBInstances');
  const all = instances.described();
  const named = identifier === undefined ? all : all.filter((one) => one.identifier === identifier.toLowerCase());
  if (identifier !== undefined && named.length === 0) throw notFound(identifier);
  const { page, Marker } = pageOf(filtered(named, filters, FILTERS), request);
  const shown = page.map((instance) => describe(instance, instances));
  return { Marker, DBInstances: new XmlList('DBInstance', shown) };
};

const FILTERS: ReadonlyMap<string, (instance: Instance, value: string) => boolean> = new Map([
  ['db-instance-id', ({ identifier, arn }, value) => value.toLowerCase() === identifier || value === arn],
  ['dbi-resource-id', ({ resourceId }, value) => value === resourceId],
  ['engine', ({ engine }, value) => value === engine],
]);

function describe(instance: Instance, instances: Instances) {
  return describeInstance(instance, instances.replicasOf(instance.identifier));
}
