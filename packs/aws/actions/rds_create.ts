import { defineAction, secret, z } from 'petrel/sdk';
import { createInstance, creationSchema } from '../lib/create.ts';
import { idParameter, passwordParameter, placeParameters, RETRY, retentionParameter } from '../lib/instances.ts';
import { ownerParameter, tagsParameter } from '../lib/owners.ts';

export default defineAction({
  description: 'Creates an RDS DB instance, or takes the one that an earlier attempt for the same owner has created.',
  retry: RETRY,
  input: z.object({
    id: idParameter,
    engine: z.string().default('mysql').describe('Database engine, e.g. mysql, mariadb, postgres.'),
    engine_version: z.string().optional().describe('Version of the engine. Default: what RDS takes for the engine.'),
    instance_class: z.string().describe('Size of the machine, e.g. db.t3.micro.'),
    allocated_storage: z.number().int().positive().describe('Storage in GiB.'),
    master_username: z.string().describe('Name of the master user.'),
    master_password: secret(passwordParameter),
    db_name: z.string().optional().describe('Name of a database to create in the instance.'),
    owner: ownerParameter,
    ...placeParameters,
    storage_encrypted: z.boolean().optional().describe('Whether the storage is encrypted.'),
    backup_retention: retentionParameter,
    tags: tagsParameter,
  }),
  output: creationSchema,
  run: (context) => createInstance(context.input, context),
});
