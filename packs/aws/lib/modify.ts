import type { DBInstance, ModifyDBInstanceMessage } from '@aws-sdk/client-rds';
import { TransientError } from 'petrel/sdk';
import { type AwsContext, codeOf, rethrow, withRds } from './client.ts';
import { getInstance, type InstanceView, lookForInstance, viewOf } from './instances.ts';
import { isMajorChange, meansVersion } from './versions.ts';

export interface WantedChange {
  readonly id: string;
  readonly owner?: string | undefined;
  readonly instance_class?: string | undefined;
  readonly allocated_storage?: number | undefined;
  readonly storage_type?: string | undefined;
  readonly multi_az?: boolean | undefined;
  readonly engine_version?: string | undefined;
  readonly allow_major_version_upgrade?: boolean | undefined;
  readonly backup_retention?: number | undefined;
  readonly parameter_group?: string | undefined;
  readonly master_password?: string | undefined;
  readonly apply_immediately?: boolean | undefined;
}

/** Asks RDS for what differs. Without a difference nothing is asked. */
export function modifyInstance(
  wanted: WantedChange,
  context: AwsContext,
): Promise<InstanceView & { changed: boolean }> {
  const { id, master_password } = wanted;
  return withRds(context, async (rds) => {
    const found = await getInstance(rds, wanted, 'change', context);
    const changes = { ...differences(wanted, found), MasterUserPassword: master_password };
    if (Object.values(changes).every((value) => value === undefined)) return { ...found, changed: false };
    const major =
      changes.EngineVersion !== undefined &&
      isMajorChange(found.engine, found.engine_version ?? '', changes.EngineVersion) &&
      wanted.allow_major_version_upgrade !== false;
    const { ModifyDBInstanceCommand } = await import('@aws-sdk/client-rds');
    const command = new ModifyDBInstanceCommand({
      ...changes,
      DBInstanceIdentifier: id,
      AllowMajorVersionUpgrade: major ? true : undefined,
      ApplyImmediately: wanted.apply_immediately ?? true,
    });
    try {
      const { DBInstance } = await rds.send(command, { abortSignal: context.signal });
      return { ...(DBInstance === undefined ? found : viewOf(DBInstance)), changed: true };
    } catch (error) {
      if (codeOf(error) !== 'InvalidDBInstanceState') {
        return rethrow(error, `Changing the DB instance ${id}`, context, [master_password ?? '']);
      }
      // Perhaps our own request whose answer was lost. Of a password nobody can say whether it is the one.
      const now = await lookForInstance(rds, id, context);
      if (now !== undefined && master_password === undefined && isUnderWay(changes, now)) {
        return { ...viewOf(now), changed: true };
      }
      throw new TransientError(`The DB instance ${id} cannot be changed while it is ${found.status}.`);
    }
  });
}

type Changes = Pick<
  ModifyDBInstanceMessage,
  | 'DBInstanceClass'
  | 'AllocatedStorage'
  | 'StorageType'
  | 'MultiAZ'
  | 'EngineVersion'
  | 'BackupRetentionPeriod'
  | 'DBParameterGroupName'
>;

function differences(wanted: WantedChange, found: InstanceView): Changes {
  const differing = <T>(want: T | undefined, has: T | null) => (want === has ? undefined : want);
  const { allocated_storage: storage, engine_version: version } = wanted;
  return {
    DBInstanceClass: differing(wanted.instance_class, found.instance_class),
    AllocatedStorage:
      storage === undefined || isStorageRoundedUp(storage, found.allocated_storage) ? undefined : storage,
    StorageType: differing(wanted.storage_type, found.storage_type),
    MultiAZ: differing(wanted.multi_az, found.multi_az),
    EngineVersion: version === undefined || meansVersion(found.engine_version ?? '', version) ? undefined : version,
    BackupRetentionPeriod: differing(wanted.backup_retention, found.backup_retention),
    DBParameterGroupName: differing(wanted.parameter_group, found.parameter_group),
  };
}

/** RDS makes a growth of less than a tenth a tenth: whoever asked for a little less than there is has been served. */
function isStorageRoundedUp(wanted: number, has: number): boolean {
  return wanted <= has && Math.ceil((wanted * 11) / 10) >= has;
}

/** Whether every change is one that the instance is about to have. */
function isUnderWay(changes: Changes, instance: DBInstance): boolean {
  const pending = new Map<string, unknown>(Object.entries(instance.PendingModifiedValues ?? {}));
  return Object.entries(changes).every(([name, value]) => value === undefined || pending.get(name) === value);
}
