import type { Instance, InstanceSettings } from './instances.ts';
import { engineNamed } from './rules.ts';
import { type Xml, XmlList } from './xml.ts';

/** An instance in the form of the API's `DBInstance` structure. */
export function describeInstance(instance: Instance): Xml {
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
    PendingModifiedValues: describePending(instance.pending),
    EngineVersion: instance.engineVersion,
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

function describePending(pending: Partial<InstanceSettings>): Xml {
  return {
    DBInstanceClass: pending.instanceClass,
    AllocatedStorage: pending.allocatedStorage,
    Port: pending.port,
    EngineVersion: pending.engineVersion,
    StorageType: pending.storageType,
  };
}

export function describeTags(tags: ReadonlyMap<string, string>): Xml {
  return new XmlList(
    'Tag',
    [...tags].map(([key, value]) => ({ Key: key, Value: value })),
  );
}
