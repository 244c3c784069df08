import { defineAction, secret, z } from 'petrel/sdk';
import { createInstance } from '../lib/create.ts';
import { idParameter, instanceSchema, ownerParameter, passwordParameter, RETRY } from '../lib/instances.ts';

export default defineAction({
  description: 'Creates an RDS DB instance. The name and parameters of 2016; rds_create can more.',
  retry: RETRY,
  input: z.object({
    id: idParameter,
    engine: z.string().default('mysql').describe('Database engine, e.g. mysql, mariadb, postgres.'),
    instance_class: z.string().describe('Size of the machine, e.g. db.t3.micro.'),
    allocated_storage: z.number().int().positive().describe('Storage in GiB.'),
    master_username: z.string().describe('Name of the master user.'),
    master_password: secret(passwordParameter),
    port: z.number().int().optional().describe('Port. Default: what is usual for the engine.'),
    owner: ownerParameter,
  }),
  output: instanceSchema.extend({
    created: z.boolean().describe('False when the instance was there already and is ours.'),
  }),
  run: (context) => createInstance(context.input, context),
});
