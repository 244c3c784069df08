import { defineAction, z } from 'petrel/sdk';
import { createOnce, creationSchema } from '../lib/create.ts';
import { idParameter, placeOf, placeParameters, RETRY } from '../lib/instances.ts';
import { ownerParameter, tagList, tagsParameter } from '../lib/owners.ts';
import { findSnapshot, snapshotParameter } from '../lib/snapshots.ts';

export default defineAction({
  description:
    'Creates an RDS DB instance from a snapshot, with its engine, users and passwords, or takes the one that an earlier attempt for the same owner has created.',
  retry: RETRY,
  input: z.object({
    id: idParameter,
    snapshot: snapshotParameter,
    owner: ownerParameter,
    instance_class: z.string().optional().describe('Size of the machine. Default: that of the snapshot.'),
    allocated_storage: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('Storage in GiB, at least that of the snapshot, which is the default.'),
    ...placeParameters,
    tags: tagsParameter,
  }),
  output: creationSchema,
  run(context) {
    const { id, owner, snapshot, tags, ...rest } = context.input;
    const request = {
      id,
      owner,
      notYet: { InvalidDBSnapshotState: `the snapshot ${snapshot} is not available` },
      async check(rds: Parameters<typeof findSnapshot>[0]) {
        const found = await findSnapshot(rds, snapshot, context);
        if (found === undefined) throw new Error(`There is no DB snapshot ${snapshot} to restore from.`);
      },
    };
    return createOnce(request, context, async (rds) => {
      const { RestoreDBInstanceFromDBSnapshotCommand } = await import('@aws-sdk/client-rds');
      const command = new RestoreDBInstanceFromDBSnapshotCommand({
        ...placeOf(rest),
        DBInstanceIdentifier: id,
        DBSnapshotIdentifier: snapshot,
        DBInstanceClass: rest.instance_class,
        AllocatedStorage: rest.allocated_storage,
        Tags: tagList(tags, owner),
      });
      return (await rds.send(command, { abortSignal: context.signal })).DBInstance;
    });
  },
});
