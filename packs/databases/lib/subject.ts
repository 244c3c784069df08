import { z } from 'petrel/sdk';
import { deletionPolicy } from './deletion.ts';

/** Whose a thing is, as the resources room says it. */
export const owner = z.object({ name: z.string().min(1), tag: z.string().min(1) });

/** The object that a handler works for. */
export const subject = z.object({
  api_version: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
});

export type Subject = z.output<typeof subject>;

/** What `ensure` answered last, as it stands in `status.outputs`; nothing at first. */
export const outputs = z.object({
  provider: z.string(),
  instance: z.string(),
  engine: z.string(),
  engineVersion: z.string(),
  endpoint: z.string(),
  port: z.number(),
  database: z.string(),
  storageGb: z.number(),
  consulPath: z.string(),
  vaultPath: z.string(),
  vaultPolicy: z.string(),
  secret: z.string().optional(),
  snapshot: z.string().optional(),
});

export type Outputs = z.output<typeof outputs>;

/** Absent and null are one: a conversion can say nothing but null. */
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

/** The spec of every kind, as handlers see it. */
export const spec = z.object({
  engine: z.enum(['mysql', 'mariadb', 'postgres']),
  engineVersion: optional(z.string()),
  size: z.string().default('small'),
  storageGb: z.number().int().default(20),
  class: z.string().default('default'),
  deletionPolicy: optional(deletionPolicy),
  restoreFrom: optional(z.object({ snapshot: z.string() })),
  replicaOf: optional(z.string()),
  credentials: z
    .object({ rotation: z.string().default(''), secret: optional(z.string()) })
    .nullish()
    .transform((value) => value ?? { rotation: '', secret: undefined }),
});

export type Spec = z.output<typeof spec>;

/** Every kind that databases are posted as. */
export const KINDS = [
  { apiVersion: 'databases.petrel.dev/v1', kind: 'MysqlDb' },
  { apiVersion: 'databases.petrel.dev/v1', kind: 'PostgresDb' },
  { apiVersion: 'prsn.io/v1', kind: 'MysqlDb' },
] as const;

/** The spec of an object as it came from the cluster, in the one form that handlers see. */
export function specOf(kind: string, given: unknown): Spec {
  const fields = z.record(z.string(), z.unknown()).parse(given ?? {});
  return spec.parse({ engine: kind === 'PostgresDb' ? 'postgres' : 'mysql', ...fields });
}
