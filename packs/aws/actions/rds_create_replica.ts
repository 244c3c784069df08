import type { RDSClient } from '@aws-sdk/client-rds';
import { defineAction, z } from 'petrel/sdk';
import { createOnce, creationSchema } from '../lib/create.ts';
import { getInstance, idParameter, placeOf, placeParameters, RETRY } from '../lib/instances.ts';
import { ownerParameter, tagList, tagsParameter } from '../lib/owners.ts';

export default defineAction({
  description:
    'Creates a read replica of an RDS DB instance, or takes the one that an earlier attempt for the same owner has created.',
  retry: RETRY,
  input: z.object({
    id: idParameter,
    source: z.string().min(1).describe('Identifier of the DB instance to follow. It must keep backups.'),
    owner: ownerParameter,
    instance_class: z.string().optional().describe('Size of the machine. Default: that of the source.'),
    ...placeParameters,
    tags: tagsParameter,
  }),
  output: creationSchema,
  run(context) {
    const { id, owner, source, tags, ...rest } = context.input;
    const request = {
      id,
      owner,
      notYet: { InvalidDBInstanceState: `its source ${source} is not available` },
      async check(rds: RDSClient) {
        const { backup_retention } = await getInstance(rds, { id: source }, 'follow', context);
        if (backup_retention === 0) {
          throw new Error(
            `The DB instance ${source} keeps no backups, and so has no replicas: give it a backup_retention by aws.rds_modify first.`,
          );
        }
      },
    };
    return createOnce(request, context, async (rds) => {
      const { CreateDBInstanceReadReplicaCommand } = await import('@aws-sdk/client-rds');
      const command = new CreateDBInstanceReadReplicaCommand({
        ...placeOf(rest),
        DBInstanceIdentifier: id,
        SourceDBInstanceIdentifier: source,
        DBInstanceClass: rest.instance_class,
        Tags: tagList(tags, owner),
      });
      return (await rds.send(command, { abortSignal: context.signal })).DBInstance;
    });
  },
});
