import { createHash } from 'node:crypto';
import { type KubernetesApi, type KubernetesObject, type StepContext, TransientError } from 'petrel/sdk';
import { found, hasCode } from './cluster.ts';
import { credentialsOf, urlOf } from './publishing.ts';
import type { Outputs } from './subject.ts';

/** As External Secrets marks what it writes: a label to find them by, an annotation that says whose one is. */
export const MANAGED = { 'app.kubernetes.io/managed-by': 'petrel-databases' };
export const OWNER_ANNOTATION = 'databases.petrel.dev/owner';

export interface SecretPlace {
  readonly namespace: string;
  readonly name: string;
  /** The owner's tag. */
  readonly tag: string;
}

const reference = ({ namespace, name }: SecretPlace) => ({ apiVersion: 'v1', kind: 'Secret', namespace, name });

export const ownerOfSecret = ({ metadata }: KubernetesObject) => metadata.annotations?.[OWNER_ANNOTATION];

/** What is written; names that somebody has added are let be. */
const NAMES = ['username', 'engine', 'host', 'port', 'database', 'password', 'url'] as const;

/** Says whether a Secret still is as it was written, without the password being asked for. Of 190 random bits a digest tells nothing. */
export function digestOfSecret({ data }: Readonly<Record<string, unknown>>): string {
  const values = typeof data === 'object' && data !== null ? new Map(Object.entries(data)) : new Map();
  return createHash('sha256')
    .update(JSON.stringify(NAMES.map((name) => values.get(name) ?? null)))
    .digest('hex');
}

/** Writes the Secret, and answers its digest. One of that name that is somebody else's is left alone, and why is thrown. */
export async function writeSecret(
  place: SecretPlace,
  credentials: { readonly made: Outputs; readonly username: string; readonly password: string },
  { kubernetes, signal, secret }: Pick<StepContext, 'kubernetes' | 'signal' | 'secret'>,
): Promise<string> {
  const { made, username, password } = credentials;
  const there = await found(kubernetes.get(reference(place), signal));
  if (there !== undefined && ownerOfSecret(there) !== place.tag) {
    throw new Error(
      `The Secret ${place.namespace}/${place.name} exists and is not of this database, so it was left as it is. Remove it, or name another one in credentials.secret.`,
    );
  }
  const url = secret(urlOf(made, username, password));
  const data = { ...credentialsOf(made, username), password, url };
  // In this form they are in a request and its answer.
  for (const text of [password, url]) secret(encoded(text));
  const object = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace: place.namespace,
      name: place.name,
      labels: MANAGED,
      annotations: { [OWNER_ANNOTATION]: place.tag },
    },
    type: 'Opaque',
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, encoded(value)])),
  };
  await outagesPass(kubernetes.apply(object, { fieldManager: 'petrel-databases', force: true, signal }));
  return digestOfSecret(object);
}

const encoded = (text: string) => Buffer.from(text).toString('base64');

/** Deletes the Secret, if it is ours. */
export async function removeSecret(
  place: SecretPlace,
  { kubernetes, signal }: { kubernetes: KubernetesApi; signal: AbortSignal },
): Promise<void> {
  const there = await found(kubernetes.get(reference(place), signal));
  if (there?.metadata.uid === undefined || ownerOfSecret(there) !== place.tag) return;
  await found(kubernetes.delete(reference(place), { uid: there.metadata.uid, signal }));
}

async function outagesPass<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (hasCode(error, 'unavailable')) throw new TransientError(error.message, { cause: error });
    throw error;
  }
}
