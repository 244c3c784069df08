import type { DBInstance, RDSClient } from '@aws-sdk/client-rds';
import { z } from 'petrel/sdk';
import { findSurely } from './announcements.ts';
import { type AwsContext, codeOf, rethrow } from './client.ts';
import { requireOwner, tagsOf } from './owners.ts';

/** How the pack's actions show an instance. `host` and `port` are null until it can be reached. */
export const instanceSchema = z.object({
  id: z.string(),
  arn: z.string(),
  status: z.string(),
  engine: z.string(),
  engine_version: z.string().nullable(),
  instance_class: z.string(),
  allocated_storage: z.number(),
  storage_type: z.string().nullable(),
  multi_az: z.boolean(),
  backup_retention: z.number(),
  parameter_group: z.string().nullable(),
  master_username: z.string(),
  db_name: z.string().nullable(),
  host: z.string().nullable(),
  port: z.number().nullable(),
  replica_of: z.string().nullable().describe('The instance that this one is a read replica of.'),
  replicas: z.array(z.string()),
  owner: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  pending: z.array(z.string()).describe('Names of the properties with a change that is not done yet.'),
});

export type InstanceView = z.output<typeof instanceSchema>;

export function viewOf(instance: DBInstance): InstanceView {
  const pending = Object.entries(instance.PendingModifiedValues ?? {}).filter(([, value]) => value !== undefined);
  return {
    id: instance.DBInstanceIdentifier ?? '',
    arn: instance.DBInstanceArn ?? '',
    status: instance.DBInstanceStatus ?? 'unknown',
    engine: instance.Engine ?? '',
    engine_version: instance.EngineVersion ?? null,
    instance_class: instance.DBInstanceClass ?? '',
    allocated_storage: instance.AllocatedStorage ?? 0,
    storage_type: instance.StorageType ?? null,
    multi_az: instance.MultiAZ ?? false,
    backup_retention: instance.BackupRetentionPeriod ?? 0,
    parameter_group: instance.DBParameterGroups?.[0]?.DBParameterGroupName ?? null,
    master_username: instance.MasterUsername ?? '',
    db_name: instance.DBName ?? null,
    host: instance.Endpoint?.Address ?? null,
    port: instance.Endpoint?.Port ?? null,
    replica_of: instance.ReadReplicaSourceDBInstanceIdentifier || null,
    replicas: instance.ReadReplicaDBInstanceIdentifiers ?? [],
    ...tagsOf(instance.TagList),
    pending: pending.map(([name]) => name),
  };
}

/** What RDS describes at the moment; undefined when it describes none, which may be too early to say. */
export async function lookForInstance(
  rds: RDSClient,
  id: string,
  context: AwsContext,
): Promise<DBInstance | undefined> {
  const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds');
  try {
    const answer = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }), {
      abortSignal: context.signal,
    });
    return answer.DBInstances?.[0];
  } catch (error) {
    if (codeOf(error) === 'DBInstanceNotFound') return undefined;
    return rethrow(error, `Looking for the DB instance ${id}`, context);
  }
}

/** The instance of that identifier; undefined when there is certainly none. */
export async function findInstance(rds: RDSClient, id: string, context: AwsContext): Promise<InstanceView | undefined> {
  const found = await findSurely('DB instance', id, () => lookForInstance(rds, id, context), context);
  return found === undefined ? undefined : viewOf(found);
}

/** The instance, which must be there and, with an owner, ours. `purpose` ends the sentence "There is no DB instance ID to ...". */
export async function getInstance(
  rds: RDSClient,
  { id, owner }: { id: string; owner?: string | undefined },
  purpose: string,
  context: AwsContext,
): Promise<InstanceView> {
  const found = await findInstance(rds, id, context);
  if (found === undefined) throw new Error(`There is no DB instance ${id} to ${purpose}.`);
  requireOwner('DB instance', found, owner);
  return found;
}

/** An action's parameters that several actions share. */
export const idParameter = z.string().min(1).describe('Identifier of the DB instance.');
export const passwordParameter = z.string().min(1).describe('Password of the master user.');

/** What can be said of every new instance, however it is made. */
export const placeParameters = {
  port: z.number().int().optional().describe('Port. Default: what is usual for the engine.'),
  subnet_group: z.string().optional().describe('Name of the DB subnet group.'),
  security_groups: z.array(z.string()).optional().describe('Ids of VPC security groups.'),
  parameter_group: z.string().optional().describe('Name of the DB parameter group.'),
  multi_az: z.boolean().optional().describe('Whether to keep a standby in another availability zone.'),
  storage_type: z.string().optional().describe('gp2, gp3, io1, io2 or standard.'),
  publicly_accessible: z.boolean().default(false).describe('Whether the instance gets a public address.'),
};

export type Place = { readonly [Name in keyof typeof placeParameters]?: z.output<(typeof placeParameters)[Name]> };

/** The same in the API's words. */
export function placeOf(place: Place) {
  return {
    Port: place.port,
    DBSubnetGroupName: place.subnet_group,
    VpcSecurityGroupIds: place.security_groups,
    DBParameterGroupName: place.parameter_group,
    MultiAZ: place.multi_az,
    StorageType: place.storage_type,
    PubliclyAccessible: place.publicly_accessible ?? false,
  };
}

export const retentionParameter = z
  .number()
  .int()
  .min(0)
  .max(35)
  .optional()
  .describe('Days that backups are kept; 0 makes none.');

/** Outages of a few minutes are waited out. Waits double from one second to half a minute. */
export const RETRY = { count: 8, delay: 1, maxDelay: 30 };
