import { createJinja, type Jinja, keyLookup } from '../expressions/index.ts';
import { PetrelError } from '../model/index.ts';
import type { Templates, TemplatesFor } from './templates.ts';

/**
 * Jinja for conductors. One instance, and so one cache of compiled templates, serves every decision; how to decrypt comes with
 * each. Rendering is synchronous, so the decision that renders is the one that last said how.
 */
export function jinjaTemplates(): TemplatesFor {
  let decryptNow: ((ciphertext: string) => string) | undefined;
  const jinja: Jinja = createJinja({
    decrypt(ciphertext) {
      if (decryptNow === undefined) throw new Error('A template decrypts outside of a decision.');
      return decryptNow(ciphertext);
    },
  });
  return (decrypt): Templates => ({
    render(text, variables) {
      decryptNow = decrypt;
      try {
        return jinja.compile(text).render(variables);
      } catch (error) {
        throw withReason(error);
      } finally {
        decryptNow = undefined;
      }
    },
    scope: keyLookup,
  });
}

/** StackStorm's messages quote Jinja's own text, not ours around it. */
function withReason(error: unknown): unknown {
  if (!(error instanceof PetrelError) || typeof error.details.reason !== 'string') return error;
  return new PetrelError(error.code, error.details.reason, { cause: error, details: { ...error.details } });
}
