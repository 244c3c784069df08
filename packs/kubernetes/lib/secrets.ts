import type { ActionContext, KubernetesObject } from 'petrel/sdk';

/** Marks the contents of a Secret, encoded and clear, as secret: results and logs show them masked. Answers the object. */
export function guard(object: KubernetesObject, context: Pick<ActionContext<unknown>, 'secret'>): KubernetesObject {
  if (object.apiVersion !== 'v1' || object.kind !== 'Secret') return object;
  for (const value of texts(object.data)) {
    context.secret(value);
    context.secret(Buffer.from(value, 'base64').toString('utf8'));
  }
  for (const value of texts(object.stringData)) context.secret(value);
  return object;
}

function texts(fields: unknown): readonly string[] {
  if (typeof fields !== 'object' || fields === null) return [];
  return Object.values(fields).filter((value): value is string => typeof value === 'string' && value !== '');
}
