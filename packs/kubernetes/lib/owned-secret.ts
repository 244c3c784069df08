import { type ActionContext, type KubernetesObject, z } from 'petrel/sdk';
import { askFor } from './errors.ts';
import { readField } from './field-path.ts';

/** Whose a Secret is, as one of our actions has written it. */
const OWNER = 'petrel.dev/owner';

export const ownedSecretParameters = {
  namespace: z.string().min(1),
  name: z.string().min(1),
  owner: z.string().min(1).describe(`Whose the Secret is; the annotation ${OWNER} says it.`),
};

export const contentParameters = {
  keys: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('Field of the Secret to the datastore key whose value it gets. No value passes through a parameter.'),
  data: z.record(z.string(), z.string()).default({}).describe('Further fields, which are no secrets.'),
};

type Context = Pick<ActionContext<unknown>, 'datastore' | 'kubernetes' | 'secret' | 'signal'>;

export const referenceTo = ({ namespace, name }: { readonly namespace: string; readonly name: string }) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  namespace,
  name,
});

/** The Secret as it should be. Throws when a datastore key is not there. */
export async function wishedSecret(
  input: {
    readonly namespace: string;
    readonly name: string;
    readonly owner: string;
    readonly keys: Readonly<Record<string, string>>;
    readonly data: Readonly<Record<string, string>>;
  },
  context: Context,
): Promise<
  { readonly data: Readonly<Record<string, string>>; readonly object: object } | { readonly missing: string }
> {
  const fields = new Map(Object.entries(input.data).map(([field, text]) => [field, encoded(text)]));
  for (const [field, key] of Object.entries(input.keys)) {
    const value = await context.datastore.get(key);
    if (value === undefined) return { missing: key };
    // Whoever reads the Secret sees it so.
    fields.set(field, context.secret(encoded(context.secret(value))));
  }
  const data = Object.fromEntries(fields);
  const metadata = {
    namespace: input.namespace,
    name: input.name,
    labels: { 'app.kubernetes.io/managed-by': 'petrel' },
    annotations: { [OWNER]: input.owner },
  };
  return { data, object: { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata, data } };
}

const encoded = (text: string) => Buffer.from(text).toString('base64');

export async function findSecret(
  at: { readonly namespace: string; readonly name: string },
  context: Context,
): Promise<KubernetesObject | undefined> {
  return await askFor(context.kubernetes.get(referenceTo(at), context.signal));
}

export const ownerOf = (secret: KubernetesObject) => secret.metadata.annotations?.[OWNER];

/** Whether it says what is wished. Further fields are no difference. */
export function says(secret: KubernetesObject, data: Readonly<Record<string, string>>): boolean {
  const found = readField(secret, 'data');
  const fields = new Map(typeof found === 'object' && found !== null ? Object.entries(found) : []);
  return Object.entries(data).every(([field, value]) => fields.get(field) === value);
}
