import { type KubernetesApi, type KubernetesObject, z } from 'petrel/sdk';
import { found } from './cluster.ts';
import { deletionPolicy } from './deletion.ts';

export const CLASS = { apiVersion: 'databases.petrel.dev/v1', kind: 'DatabaseClass' } as const;

/** Used where an object names no other; without a DatabaseClass of this name, the pack's configuration says what it is. */
export const DEFAULT_CLASS = 'default';

const limit = z.object({ databases: z.number().int().optional(), storageGb: z.number().int().optional() });

export const server = z.object({
  engine: z.enum(['mysql', 'mariadb', 'postgres']),
  host: z.string(),
  port: z.number().int(),
  tls: z.object({ ca: z.string().optional(), verify: z.boolean().default(true) }).optional(),
  admin: z.object({ username: z.string(), vaultPath: z.string().optional(), key: z.string().optional() }),
  overlap: z.number().int().default(3600),
});

export type ServerPlace = z.output<typeof server>;

export const classSpec = z.object({
  provider: z.enum(['rds', 'server']),
  sizes: z
    .record(z.string(), z.object({ instanceClass: z.string().optional(), maxStorageGb: z.number().int().optional() }))
    .default({}),
  deletionPolicy: deletionPolicy.default('delete'),
  deletionPolicies: z.array(deletionPolicy).default([...deletionPolicy.options]),
  rds: z
    .object({
      multiAz: z.boolean().optional(),
      storageType: z.string().optional(),
      subnetGroup: z.string().optional(),
      securityGroups: z.array(z.string()).optional(),
      parameterGroup: z.string().optional(),
      backupRetention: z.number().int().optional(),
      storageEncrypted: z.boolean().optional(),
    })
    .default({}),
  server: server.optional(),
  limits: limit.extend({ namespaces: z.record(z.string(), limit).default({}) }).default({ namespaces: {} }),
});

export type DatabaseClass = z.output<typeof classSpec>;

const config = z.object({ sizes: z.record(z.string(), z.string()), deletion_policy: deletionPolicy.default('delete') });

function configuredClass(packConfig: unknown): DatabaseClass {
  const { sizes, deletion_policy } = config.parse(packConfig);
  const entries = Object.entries(sizes).map(([size, instanceClass]) => [size, { instanceClass }]);
  return classSpec.parse({
    provider: 'rds',
    deletionPolicy: deletion_policy,
    sizes: Object.fromEntries(entries),
  });
}

interface Reading {
  readonly kubernetes: KubernetesApi;
  readonly config: unknown;
  readonly signal: AbortSignal;
}

/** The class of that name; undefined when there is none. */
export async function readClass(name: string, { kubernetes, config, signal }: Reading) {
  const object = await found(kubernetes.get({ ...CLASS, name }, signal));
  if (object !== undefined) return classOf(object);
  return name === DEFAULT_CLASS ? configuredClass(config) : undefined;
}

/** All classes by name, the default one among them. */
export async function readClasses({ kubernetes, config, signal }: Reading) {
  const objects = (await found(kubernetes.list(CLASS.apiVersion, CLASS.kind, { signal }))) ?? [];
  return new Map<string, DatabaseClass>([
    [DEFAULT_CLASS, configuredClass(config)],
    ...objects.map((object): [string, DatabaseClass] => [object.metadata.name, classOf(object)]),
  ]);
}

const classOf = ({ spec }: KubernetesObject): DatabaseClass => classSpec.parse(spec);

/** What a namespace may have of a class; undefined: as much as it likes. */
export function limitsFor({ limits }: DatabaseClass, namespace: string) {
  const { databases, storageGb } = { ...limits, ...limits.namespaces[namespace] };
  return { databases, storageGb };
}
