import type { DBInstance, RDSClient } from '@aws-sdk/client-rds';
import { z } from 'petrel/sdk';
import { type AwsContext, codeOf, rethrow } from './client.ts';

/** The tag that says whose an instance is; its value is the uid of the resource it was made for. */
export const OWNER_TAG = 'petrel.dev/owner';

/** How the pack's actions show an instance. `host` and `port` are null until it can be reached. */
export const instanceSchema = z.object({
  id: z.string(),
  arn: z.string(),
  status: z.string(),
  engine: z.string(),
  engine_version: z.string().nullable(),
  instance_class: z.string(),
  allocated_storage: z.number(),
  master_username: z.string(),
  db_name: z.string().nullable(),
  host: z.string().nullable(),
  port: z.number().nullable(),
  owner: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  pending: z.array(z.string()).describe('Names of the properties with a change that is not done yet.'),
});

export type InstanceView = z.output<typeof instanceSchema>;

export function viewOf(instance: DBInstance): InstanceView {
  const tags = Object.fromEntries((instance.TagList ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
  const pending = Object.entries(instance.PendingModifiedValues ?? {}).filter(([, value]) => value !== undefined);
  return {
    id: instance.DBInstanceIdentifier ?? '',
    arn: instance.DBInstanceArn ?? '',
    status: instance.DBInstanceStatus ?? 'unknown',
    engine: instance.Engine ?? '',
    engine_version: instance.EngineVersion ?? null,
    instance_class: instance.DBInstanceClass ?? '',
    allocated_storage: instance.AllocatedStorage ?? 0,
    master_username: instance.MasterUsername ?? '',
    db_name: instance.DBName ?? null,
    host: instance.Endpoint?.Address ?? null,
    port: instance.Endpoint?.Port ?? null,
    owner: tags[OWNER_TAG] ?? null,
    tags,
    pending: pending.map(([name]) => name),
  };
}

/** The instance of that identifier; undefined when there is none. */
export async function findInstance(rds: RDSClient, id: string, context: AwsContext): Promise<InstanceView | undefined> {
  const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds');
  try {
    const answer = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }), {
      abortSignal: context.signal,
    });
    const [instance] = answer.DBInstances ?? [];
    return instance === undefined ? undefined : viewOf(instance);
  } catch (error) {
    if (codeOf(error) === 'DBInstanceNotFound') return undefined;
    return rethrow(error, `Looking for the DB instance ${id}`, context);
  }
}

/** Throws unless the instance carries the owner's tag. Without an owner there is nothing to check. */
export function requireOwner(instance: InstanceView, owner: string | undefined): void {
  if (owner === undefined || instance.owner === owner) return;
  throw new Error(
    `The DB instance ${instance.id} exists and is not ours: its tag ${OWNER_TAG} is ${
      instance.owner === null ? 'missing' : `"${instance.owner}"`
    }, not "${owner}". Nothing was changed.`,
  );
}

/** An action's parameters that several actions share. */
export const idParameter = z.string().min(1).describe('Identifier of the DB instance.');
export const ownerParameter = z
  .string()
  .min(1)
  .optional()
  .describe(
    `Uid of the resource this instance belongs to, kept in the tag ${OWNER_TAG}. Nothing of another owner is touched.`,
  );
export const passwordParameter = z.string().min(1).describe('Password of the master user.');

/** Outages of a few minutes are waited out. Waits double from one second to half a minute. */
export const RETRY = { count: 8, delay: 1, maxDelay: 30 };
