import { type HandlerDefinition, z } from 'petrel/sdk';
import { CLASS, DEFAULT_CLASS } from './classes.ts';
import { deletionPolicy } from './deletion.ts';

export const GROUP = 'databases.petrel.dev';

type Rule = { readonly rule: string; readonly message: string };

/** Rules in CEL; those that speak of `oldSelf` hold for changes. */
const holding = <T extends z.ZodType>(schema: T, ...rules: readonly Rule[]): T =>
  schema.meta({ ...schema.meta(), 'x-kubernetes-validations': rules }) as T; // the same schema, with more said about it

const unchanged = (what: string): Rule => ({
  rule: 'self == oldSelf',
  message: `${what} cannot be changed; make another database, e.g. from a snapshot.`,
});

const resourceName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** What may be wished of a database of any kind. */
export function specFor(engine: { readonly engine?: z.ZodType }) {
  const fields = {
    ...(engine.engine && { engine: holding(engine.engine, unchanged('The engine')) }),
    engineVersion: z
      .string()
      .min(1)
      .max(32)
      .optional()
      .describe('The engine\'s version or its beginning, e.g. "8.0". Default: what the provider takes.'),
    size: z.string().min(1).max(63).default('small').describe('A size of the class, e.g. small or huge.'),
    storageGb: holding(z.int().min(20).max(65536).default(20).describe('Storage in GB. It can grow, not shrink.'), {
      rule: 'self >= oldSelf',
      message: 'storageGb can grow, not shrink: RDS takes no storage back. Make a smaller database and move the data.',
    }),
    class: holding(
      z
        .string()
        .min(1)
        .max(253)
        .default(DEFAULT_CLASS)
        .describe('A DatabaseClass: who provides the database, and what sizes mean.'),
      unchanged('The class'),
    ),
    deletionPolicy: deletionPolicy
      .optional()
      .describe(
        'What becomes of the database when this object is deleted: delete, snapshot (one is taken before), or retain (all is kept). Default: what the class says.',
      ),
    restoreFrom: z
      .object({ snapshot: z.string().min(1).max(255).describe('Name of an RDS snapshot.') })
      .optional()
      .describe('Begin with the content of a snapshot. It cannot be changed.'),
    replicaOf: resourceName
      .optional()
      .describe('Name of a database of the same kind to follow. Take it away to make the replica independent.'),
    credentials: z
      .object({
        rotation: z
          .string()
          .max(253)
          .optional()
          .describe('Any text, e.g. a date; a change of it changes the credentials.'),
        secret: resourceName
          .optional()
          .describe('Name of a Secret to write the credentials to, in the namespace of the object.'),
      })
      .optional(),
  };
  return holding(
    z.object(fields),
    {
      rule: '!(has(self.restoreFrom) && has(self.replicaOf))',
      message: 'A database begins from a snapshot or follows another one, not both.',
    },
    {
      rule: 'has(self.restoreFrom) == has(oldSelf.restoreFrom) && (!has(self.restoreFrom) || self.restoreFrom.snapshot == oldSelf.restoreFrom.snapshot)',
      message: 'restoreFrom cannot be changed; make another database.',
    },
    {
      rule: '!has(self.replicaOf) || (has(oldSelf.replicaOf) && self.replicaOf == oldSelf.replicaOf)',
      message: 'replicaOf can be taken away, not changed; make another database.',
    },
  );
}

const subject = {
  owner: '{{ owner }}',
  object: {
    api_version: '{{ resource.apiVersion }}',
    kind: '{{ resource.kind }}',
    namespace: '{{ resource.metadata.namespace }}',
    name: '{{ resource.metadata.name }}',
    uid: '{{ resource.metadata.uid }}',
  },
};

/** RDS takes its time, above all for snapshots. Seconds. */
const TIMEOUT = 6 * 3600;

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly engine?: string;
}

/** How objects of a kind come about: the same for all kinds. */
export function handlersFor({ group, version, kind, engine }: Kind) {
  const spec = engine === undefined ? '{{ desired }}' : `{{ dict(desired, engine='${engine}') }}`;
  const create: HandlerDefinition = {
    action: 'ensure',
    input: { ...subject, spec, outputs: '{{ outputs }}' },
    timeout: TIMEOUT,
  };
  return {
    create,
    delete: {
      action: 'remove',
      input: { ...subject, spec: '{{ desired }}' },
      timeout: TIMEOUT,
    },
    list: { action: 'list', input: { api_version: `${group}/${version}`, kind } },
    resync: 60,
    driftPolicy: 'correct' as const,
    // Everything can be begun anew at any point, so newer wishes and deletion need not wait for RDS.
    superseded: 'cancel' as const,
    retry: { delay: 2, maxDelay: 60 },
    dependencies: [
      {
        kind: `${CLASS.kind}.${GROUP}`,
        name: `{{ '' if desired.class == '${DEFAULT_CLASS}' else desired.class }}`,
      },
      { kind: `${kind}.${group}`, name: "{{ desired.replicaOf | default('') }}" },
    ],
  };
}

const output = (name: string, type: string, field: string) => ({ name, type, jsonPath: `.status.outputs.${field}` });

export const COLUMNS = [
  { name: 'Version', type: 'string', jsonPath: '.spec.engineVersion' },
  { name: 'Size', type: 'string', jsonPath: '.spec.size' },
  { name: 'GB', type: 'integer', jsonPath: '.spec.storageGb' },
  output('Endpoint', 'string', 'endpoint'),
];
