import { defineAction, secret, z } from 'petrel/sdk';
import { createInstance } from '../lib/create.ts';
import { idParameter, instanceSchema, ownerParameter, passwordParameter, RETRY } from '../lib/instances.ts';

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
    port: z.number().int().optional().describe('Port. Default: what is usual for the engine.'),
    db_name: z.string().optional().describe('Name of a database to create in the instance.'),
    owner: ownerParameter,
    subnet_group: z.string().optional().describe('Name of the DB subnet group.'),
    security_groups: z.array(z.string()).optional().describe('Ids of VPC security groups.'),
    multi_az: z.boolean().optional().describe('Whether to keep a standby in another availability zone.'),
    publicly_accessible: z.boolean().default(false).describe('Whether the instance gets a public address.'),
    storage_encrypted: z.boolean().optional().describe('Whether the storage is encrypted.'),
    backup_retention_days: z
      .number()
      .int()
      .min(0)
      .max(35)
      .optional()
      .describe('Days that backups are kept. Default 1.'),
    tags: z.record(z.string(), z.string()).optional().describe('Further tags.'),
  }),
  output: instanceSchema.extend({
    created: z.boolean().describe('False when the instance was there already and is ours.'),
  }),
  run: (context) => createInstance(context.input, context),
});
