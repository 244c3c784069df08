import { type KubernetesApi, type KubernetesObject, TransientError } from 'petrel/sdk';
import { KINDS } from './subject.ts';

/** A call to the API server; what may pass (429, 5xx, no answer) is a `TransientError`, what is not there is undefined. */
export async function found<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (hasCode(error, 'not_found')) return undefined;
    if (hasCode(error, 'unavailable')) throw new TransientError(error.message, { cause: error });
    throw error;
  }
}

/** Everything that is posted as a database: in a namespace, or in all. A kind that is not served has none. */
export async function databasesIn(
  kubernetes: KubernetesApi,
  where: { readonly namespace?: string; readonly signal: AbortSignal; readonly kinds?: readonly Kind[] },
): Promise<readonly KubernetesObject[]> {
  const { signal, namespace, kinds = KINDS } = where;
  const options = { signal, ...(namespace !== undefined && { namespace }) };
  const lists = kinds.map(({ apiVersion, kind }) => found(kubernetes.list(apiVersion, kind, options)));
  return (await Promise.all(lists)).flatMap((list) => list ?? []);
}

export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

export function hasCode(error: unknown, code: string): error is Error {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Outages of a few minutes are waited out. Waits double from one second to half a minute. */
export const RETRY = { count: 8, delay: 1, maxDelay: 30 };
