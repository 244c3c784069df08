import { defineAction, secret, z } from 'petrel/sdk';
import { createInstance, creationSchema } from '../lib/create.ts';
import { idParameter, passwordParameter, placeParameters, RETRY } from '../lib/instances.ts';
import { ownerParameter } from '../lib/owners.ts';

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
    port: placeParameters.port,
    owner: ownerParameter,
  }),
  output: creationSchema,
  run: (context) => createInstance(context.input, context),
});
