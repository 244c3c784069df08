import type { DBSnapshot, RDSClient } from '@aws-sdk/client-rds';
import { z } from 'petrel/sdk';
import { findSurely } from './announcements.ts';
import { type AwsContext, codeOf, rethrow } from './client.ts';
import { tagsOf } from './owners.ts';

/** How the pack's actions show a snapshot. */
export const snapshotSchema = z.object({
  id: z.string(),
  arn: z.string(),
  status: z.string().describe('creating, available, deleting or failed.'),
  progress: z.number().describe('Percent of it that are done.'),
  source: z.string().describe('The DB instance it is of.'),
  engine: z.string(),
  engine_version: z.string().nullable(),
  allocated_storage: z.number(),
  created_at: z.string().nullable(),
  owner: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
});

export type SnapshotView = z.output<typeof snapshotSchema>;

export function snapshotViewOf(snapshot: DBSnapshot): SnapshotView {
  return {
    id: snapshot.DBSnapshotIdentifier ?? '',
    arn: snapshot.DBSnapshotArn ?? '',
    status: snapshot.Status ?? 'unknown',
    progress: snapshot.PercentProgress ?? 0,
    source: snapshot.DBInstanceIdentifier ?? '',
    engine: snapshot.Engine ?? '',
    engine_version: snapshot.EngineVersion ?? null,
    allocated_storage: snapshot.AllocatedStorage ?? 0,
    created_at: snapshot.SnapshotCreateTime?.toISOString() ?? null,
    ...tagsOf(snapshot.TagList),
  };
}

/** What RDS describes at the moment; undefined when it describes none, which may be too early to say. */
export async function lookForSnapshot(
  rds: RDSClient,
  id: string,
  context: AwsContext,
): Promise<SnapshotView | undefined> {
  const { DescribeDBSnapshotsCommand } = await import('@aws-sdk/client-rds');
  try {
    const answer = await rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id }), {
      abortSignal: context.signal,
    });
    const [snapshot] = answer.DBSnapshots ?? [];
    return snapshot === undefined ? undefined : snapshotViewOf(snapshot);
  } catch (error) {
    if (codeOf(error) === 'DBSnapshotNotFound') return undefined;
    return rethrow(error, `Looking for the DB snapshot ${id}`, context);
  }
}

/** The snapshot of that identifier; undefined when there is certainly none. */
export function findSnapshot(rds: RDSClient, id: string, context: AwsContext): Promise<SnapshotView | undefined> {
  return findSurely('DB snapshot', id, () => lookForSnapshot(rds, id, context), context);
}

export const snapshotParameter = z.string().min(1).describe('Identifier of the DB snapshot.');
