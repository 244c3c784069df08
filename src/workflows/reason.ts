import { isJsonObject, type Json } from '../model/index.ts';

/** Why an execution failed, in one sentence, whatever runner or workflow language its result comes from. */
export function reasonOf(result: Json): string {
  if (!isJsonObject(result)) return 'it does not say why.';
  const { error, stderr, message, errors } = result;
  if (typeof error === 'string' && error !== '') return error;
  const first: Json | undefined = Array.isArray(errors) ? errors[0] : undefined;
  if (isJsonObject(first) && typeof first.message === 'string') return first.message;
  if (typeof stderr === 'string' && stderr.trim() !== '') return stderr.trim().split('\n').at(-1) ?? stderr;
  return typeof message === 'string' && message !== '' ? message : 'it does not say why.';
}
