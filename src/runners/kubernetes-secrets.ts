import { isJsonObject, type Json } from '../model/index.ts';

/**
 * Marks what an answer of the Kubernetes API holds as secret: the contents of Secrets, encoded and clear, also within lists and watch
 * events, and the token of a TokenRequest.
 */
export function markSecretsOf(answer: Json, mark: (value: string) => void): void {
  if (Array.isArray(answer)) {
    for (const item of answer as readonly Json[]) markSecretsOf(item, mark); // Array.isArray forgets what the items are
    return;
  }
  if (!isJsonObject(answer)) return;
  const { kind, object, items, data, stringData, status } = answer;
  // Of a watch.
  if (kind === undefined && isJsonObject(object)) markSecretsOf(object, mark);
  if (kind === 'SecretList' && Array.isArray(items)) {
    for (const item of items as readonly Json[])
      if (isJsonObject(item)) markSecretsOf({ ...item, kind: 'Secret' }, mark);
  }
  if (kind === 'TokenRequest' && isJsonObject(status)) markText(status.token, mark);
  if (kind !== 'Secret') return;
  for (const value of Object.values(isJsonObject(data) ? data : {})) {
    markText(value, mark);
    if (typeof value === 'string') markText(Buffer.from(value, 'base64').toString('utf8'), mark);
  }
  for (const value of Object.values(isJsonObject(stringData) ? stringData : {})) markText(value, mark);
}

function markText(value: Json | undefined, mark: (value: string) => void): void {
  if (typeof value === 'string' && value !== '') mark(value);
}
