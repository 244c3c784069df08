import { defineAction, secret, z } from 'petrel/sdk';
import {
  idParameter,
  instanceSchema,
  passwordParameter,
  placeParameters,
  RETRY,
  retentionParameter,
} from '../lib/instances.ts';
import { modifyInstance } from '../lib/modify.ts';
import { ownerParameter } from '../lib/owners.ts';

export default defineAction({
  description: 'Changes an RDS DB instance, at once. Without a difference nothing is asked of RDS.',
  retry: RETRY,
  input: z.object({
    id: idParameter,
    owner: ownerParameter,
    instance_class: z.string().optional().describe('New size of the machine.'),
    allocated_storage: z.number().int().positive().optional().describe('New storage in GiB; it can only grow.'),
    storage_type: placeParameters.storage_type,
    multi_az: placeParameters.multi_az,
    engine_version: z
      .string()
      .optional()
      .describe('New version of the engine, or its beginning: an instance of 8.0.40 is one of 8.0.'),
    allow_major_version_upgrade: z
      .boolean()
      .default(true)
      .describe('False: a version of another major one is refused by RDS.'),
    backup_retention: retentionParameter,
    parameter_group: placeParameters.parameter_group,
    master_password: secret(passwordParameter.optional()),
    apply_immediately: z.boolean().default(true).describe('False: in the next maintenance window.'),
  }),
  output: instanceSchema.extend({ changed: z.boolean() }),
  run: (context) => modifyInstance(context.input, context),
});
