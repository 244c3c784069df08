import type { DBInstance, RDSClient } from '@aws-sdk/client-rds';
import { isTransientError, TransientError, z } from 'petrel/sdk';
import { announce, withdraw } from './announcements.ts';
import { type AwsContext, codeOf, failureOf, withRds } from './client.ts';
import { type InstanceView, instanceSchema, lookForInstance, type Place, placeOf, viewOf } from './instances.ts';
import { requireOurs, tagList } from './owners.ts';

export const creationSchema = instanceSchema.extend({
  created: z.boolean().describe('False when the instance was there already and is ours.'),
});

export type InstanceCreation = z.output<typeof creationSchema>;

export interface InstanceSpecification extends Place {
  readonly id: string;
  readonly engine: string;
  readonly instance_class: string;
  /** Gibibytes. */
  readonly allocated_storage: number;
  readonly master_username: string;
  readonly master_password: string;
  readonly owner?: string | undefined;
  readonly engine_version?: string | undefined;
  readonly db_name?: string | undefined;
  readonly storage_encrypted?: boolean | undefined;
  readonly backup_retention?: number | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Creates an empty instance once, however often it is asked to. */
export function createInstance(specification: InstanceSpecification, context: AwsContext): Promise<InstanceCreation> {
  const { id, owner, tags, ...rest } = specification;
  return createOnce({ id, owner, secrets: [rest.master_password] }, context, async (rds) => {
    const { CreateDBInstanceCommand } = await import('@aws-sdk/client-rds');
    const command = new CreateDBInstanceCommand({
      ...placeOf(rest),
      DBInstanceIdentifier: id,
      Engine: rest.engine,
      EngineVersion: rest.engine_version,
      DBInstanceClass: rest.instance_class,
      AllocatedStorage: rest.allocated_storage,
      MasterUsername: rest.master_username,
      MasterUserPassword: rest.master_password,
      DBName: rest.db_name,
      StorageEncrypted: rest.storage_encrypted,
      BackupRetentionPeriod: rest.backup_retention,
      Tags: tagList(tags, owner),
    });
    return (await rds.send(command, { abortSignal: context.signal })).DBInstance;
  });
}

export interface CreationRequest {
  readonly id: string;
  readonly owner: string | undefined;
  /** Values that must not appear in errors. */
  readonly secrets?: readonly string[];
  /** Codes of AWS that mean "not yet", with what they mean. */
  readonly notYet?: Readonly<Record<string, string>>;
  /** What has to hold before the request is sent. */
  check?(rds: RDSClient): Promise<void>;
}

/**
 * Makes an instance by `send` unless there is one: an instance that is there and carries the owner's tag is taken as the answer of an
 * earlier attempt (`created: false`). One that is there and does not carry it is never touched.
 */
export function createOnce(
  { id, owner, secrets, notYet = {}, check }: CreationRequest,
  context: AwsContext,
  send: (rds: RDSClient) => Promise<DBInstance | undefined>,
): Promise<InstanceCreation> {
  return withRds(context, async (rds) => {
    const found = await lookForInstance(rds, id, context);
    if (found !== undefined) return adopt(viewOf(found), owner, context);
    await check?.(rds);
    await announce('DB instance', id, context);
    try {
      const made = await send(rds);
      if (made === undefined) throw new Error(`RDS created the DB instance ${id} and said nothing about it.`);
      return { ...viewOf(made), created: true };
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'DBInstanceAlreadyExists') {
        const why = notYet[code ?? ''];
        const failure =
          why === undefined
            ? failureOf(error, `Creating the DB instance ${id}`, context, secrets)
            : new TransientError(`The DB instance ${id} cannot be created yet: ${why}.`);
        // Whatever may pass may also have happened: an earlier try of the SDK's own can have succeeded without an answer.
        if (!isTransientError(failure) && code !== undefined) await withdraw('DB instance', id, context);
        throw failure;
      }
    }
    // Somebody was faster, perhaps our own request whose answer was lost.
    const other = await lookForInstance(rds, id, context);
    if (other !== undefined) return adopt(viewOf(other), owner, context);
    throw new TransientError(`The DB instance ${id} exists already, and RDS does not describe it yet.`);
  });
}

async function adopt(found: InstanceView, owner: string | undefined, context: AwsContext): Promise<InstanceCreation> {
  requireOurs('DB instance', found, owner);
  await withdraw('DB instance', found.id, context);
  if (found.status === 'deleting') {
    throw new TransientError(`The DB instance ${found.id} is being deleted; it can be created again when it is gone.`);
  }
  context.logger.info(`The DB instance ${found.id} is there already and ours (${found.status}).`);
  return { ...found, created: false };
}
