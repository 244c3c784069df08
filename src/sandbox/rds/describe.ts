import { engineNamed } from './engines.ts';
import type { Instance } from './instances.ts';
import type { Snapshot } from './snapshots.ts';
import { type Xml, XmlList } from './xml.ts';

/** An instance in the form of the API's `DBInstance` structure. `replicas` are the identifiers of those that follow it. */
export function describeInstance(instance: Instance, replicas: readonly string[] = []): Xml {
  return {
    DBInstanceIdentifier: instance.identifier,
    DBInstanceClass: instance.instanceClass,
    Engine: instance.engine,
    DBInstanceStatus: instance.status,
    MasterUsername: instance.masterUsername,
    DBName: instance.databaseName,
    Endpoint: instance.reachable
      ? { Address: hostOf(instance.identifier), Port: instance.port, HostedZoneId: 'ZSANDBOX' }
      : undefined,
    AllocatedStorage: instance.allocatedStorage,
    InstanceCreateTime: instance.reachable ? new Date(instance.createdAt).toISOString() : undefined,
    DBSecurityGroups: new XmlList('DBSecurityGroup', []),
    VpcSecurityGroups: new XmlList(
      'VpcSecurityGroupMembership',
      instance.securityGroups.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
    ),
    DBParameterGroups: new XmlList('DBParameterGroup', [
      { DBParameterGroupName: instance.parameterGroup, ParameterApplyStatus: 'in-sync' },
    ]),
    DBSubnetGroup:
      instance.subnetGroup === undefined
        ? undefined
        : { DBSubnetGroupName: instance.subnetGroup, SubnetGroupStatus: 'Complete' },
    PendingModifiedValues: describePending(instance),
    EngineVersion: instance.engineVersion,
    ReadReplicaSourceDBInstanceIdentifier: instance.replicaOf,
    ReadReplicaDBInstanceIdentifiers: new XmlList('ReadReplicaDBInstanceIdentifier', replicas),
    LicenseModel: engineNamed(instance.engine).license,
    StorageType: instance.storageType,
    DbInstancePort: 0,
    DbiResourceId: instance.resourceId,
    DBInstanceArn: instance.arn,
    DeletionProtection: instance.deletionProtection,
    ...instance.plain,
    TagList: describeTags(instance.tags),
  };
}

/** A name that resolves to the own machine and nowhere else (RFC 6761), so nothing ever tries a stranger's server. */
function hostOf(identifier: string): string {
  return `${identifier}.rds.localhost`;
}

function describePending({ pending, plain, nextPasswordDigest }: Instance): Xml {
  const changed = (name: string) => (pending.plain?.[name] === plain[name] ? undefined : pending.plain?.[name]);
  return {
    DBInstanceClass: pending.instanceClass,
    AllocatedStorage: pending.allocatedStorage,
    MasterUserPassword: nextPasswordDigest === undefined ? undefined : '****',
    Port: pending.port,
    BackupRetentionPeriod: changed('BackupRetentionPeriod'),
    MultiAZ: changed('MultiAZ'),
    EngineVersion: pending.engineVersion,
    StorageType: pending.storageType,
  };
}

/** A snapshot in the form of the API's `DBSnapshot` structure. */
export function describeSnapshot({ source, ...snapshot }: Snapshot, status: string = snapshot.status): Xml {
  return {
    DBSnapshotIdentifier: snapshot.identifier,
    DBInstanceIdentifier: source.identifier,
    SnapshotCreateTime: status === 'creating' ? undefined : new Date(snapshot.createdAt).toISOString(),
    Engine: source.engine,
    AllocatedStorage: source.allocatedStorage,
    Status: status,
    Port: source.port,
    InstanceCreateTime: new Date(source.createdAt).toISOString(),
    MasterUsername: source.masterUsername,
    EngineVersion: source.engineVersion,
    LicenseModel: engineNamed(source.engine).license,
    SnapshotType: 'manual',
    PercentProgress: status === 'creating' ? 0 : 100,
    StorageType: source.storageType,
    Encrypted: source.plain.StorageEncrypted ?? false,
    DBSnapshotArn: snapshot.arn,
    DbiResourceId: source.resourceId,
    TagList: describeTags(snapshot.tags),
  };
}

export function describeTags(tags: ReadonlyMap<string, string>): Xml {
  return new XmlList(
    'Tag',
    [...tags].map(([key, value]) => ({ Key: key, Value: value })),
  );
}
