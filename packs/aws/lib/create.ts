import type { RDSClient } from '@aws-sdk/client-rds';
import { TransientError } from 'petrel/sdk';
import { type AwsContext, codeOf, rethrow, withRds } from './client.ts';
import { findInstance, type InstanceView, OWNER_TAG, requireOwner, viewOf } from './instances.ts';

export interface InstanceSpecification {
  readonly id: string;
  readonly engine: string;
  readonly instance_class: string;
  /** Gibibytes. */
  readonly allocated_storage: number;
  readonly master_username: string;
  readonly master_password: string;
  readonly port?: number | undefined;
  readonly owner?: string | undefined;
  readonly engine_version?: string | undefined;
  readonly db_name?: string | undefined;
  readonly subnet_group?: string | undefined;
  readonly security_groups?: readonly string[] | undefined;
  readonly multi_az?: boolean | undefined;
  readonly publicly_accessible?: boolean | undefined;
  readonly storage_encrypted?: boolean | undefined;
  readonly backup_retention_days?: number | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/**
 * Creates an instance once, however often it is asked to: an instance that is there and carries the owner's tag is taken as the
 * answer of an earlier attempt (`created: false`). One that is there and does not carry it is never touched.
 */
export function createInstance(
  specification: InstanceSpecification,
  context: AwsContext,
): Promise<InstanceView & { created: boolean }> {
  return withRds(context, async (rds) => {
    const found = await findInstance(rds, specification.id, context);
    if (found !== undefined) return adopt(found, specification, context);
    const created = await create(rds, specification, context);
    if (created !== undefined) return { ...created, created: true };
    // Somebody was faster, perhaps our own request whose answer was lost.
    const other = await findInstance(rds, specification.id, context);
    if (other !== undefined) return adopt(other, specification, context);
    throw new TransientError(
      `The DB instance ${specification.id} was there when it was to be created, and gone a moment later.`,
    );
  });
}

function adopt(
  found: InstanceView,
  { id, owner }: InstanceSpecification,
  context: AwsContext,
): InstanceView & { created: boolean } {
  if (owner === undefined) {
    throw new Error(
      `The DB instance ${id} exists already, and without an owner it cannot be known whether it is ours.`,
    );
  }
  requireOwner(found, owner);
  if (found.status === 'deleting') {
    throw new TransientError(`The DB instance ${id} is being deleted; it can be created again when it is gone.`);
  }
  context.logger.info(`The DB instance ${id} is there already and ours (${found.status}).`);
  return { ...found, created: false };
}

/** Undefined when the identifier is taken. */
async function create(
  rds: RDSClient,
  specification: InstanceSpecification,
  context: AwsContext,
): Promise<InstanceView | undefined> {
  const { CreateDBInstanceCommand } = await import('@aws-sdk/client-rds');
  const { id, owner, tags, security_groups, ...rest } = specification;
  const allTags = { ...tags, ...(owner === undefined ? {} : { [OWNER_TAG]: owner }) };
  const command = new CreateDBInstanceCommand({
    DBInstanceIdentifier: id,
    Engine: rest.engine,
    EngineVersion: rest.engine_version,
    DBInstanceClass: rest.instance_class,
    AllocatedStorage: rest.allocated_storage,
    MasterUsername: rest.master_username,
    MasterUserPassword: rest.master_password,
    Port: rest.port,
    DBName: rest.db_name,
    DBSubnetGroupName: rest.subnet_group,
    VpcSecurityGroupIds: security_groups === undefined ? undefined : [...security_groups],
    MultiAZ: rest.multi_az,
    PubliclyAccessible: rest.publicly_accessible ?? false,
    StorageEncrypted: rest.storage_encrypted,
    BackupRetentionPeriod: rest.backup_retention_days,
    Tags: Object.entries(allTags).map(([Key, Value]) => ({ Key, Value })),
  });
  try {
    const { DBInstance } = await rds.send(command, { abortSignal: context.signal });
    if (DBInstance === undefined) throw new Error(`RDS created the DB instance ${id} and said nothing about it.`);
    return viewOf(DBInstance);
  } catch (error) {
    if (codeOf(error) === 'DBInstanceAlreadyExists') return undefined;
    return rethrow(error, `Creating the DB instance ${id}`, context, [rest.master_password]);
  }
}
