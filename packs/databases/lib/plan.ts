import { z } from 'petrel/sdk';
import { server } from './classes.ts';
import { deletionPolicy } from './deletion.ts';

const optionalText = z.string().optional();

/** What a wish comes to under its class: everything that providers and publishing need. */
export const plan = z.object({
  provider: z.enum(['rds', 'server']),
  class: z.string(),
  engine: z.enum(['mysql', 'mariadb', 'postgres']),
  engine_version: optionalText,
  storage_gb: z.number(),
  deletion_policy: deletionPolicy,
  rotation: z.string(),
  secret: z.string().nullable().describe('Name of the Secret to be written into the namespace.'),
  limits: z.object({ databases: z.number().optional(), storage_gb: z.number().optional() }),
  consul_path: z.string(),
  vault_path: z.string(),
  policy: z.string(),
  id: z.string().describe('The identifier of the RDS instance.'),
  username: z.string(),
  instance: z
    .object({
      instance_class: z.string(),
      multi_az: z.boolean().optional(),
      storage_type: optionalText,
      subnet_group: optionalText,
      security_groups: z.array(z.string()).optional(),
      parameter_group: optionalText,
      backup_retention: z.number().optional(),
      storage_encrypted: z.boolean().optional(),
    })
    .nullable()
    .describe('Of the provider rds.'),
  server: server.nullable().describe('Of the provider server.'),
  restore_from: z.string().nullable(),
  replica_of: z.object({ id: z.string(), uid: z.string() }).nullable(),
});

export type Plan = z.output<typeof plan>;

/** Why nothing can be done for now: a word for machines, and a sentence that says what to do. */
export const refusal = z.object({ reason: z.string(), message: z.string() });

export type Refusal = z.output<typeof refusal>;

/** Not an error: the object waits, says so in its status, and is looked at again. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly refusal: Refusal;

  constructor(reason: string, message: string) {
    super(message);
    this.refusal = { reason, message };
  }
}
