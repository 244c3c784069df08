import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { PetrelError } from '../model/index.ts';
import type { Cipher } from './datastore.ts';

const PREFIX = 'petrel:v1:';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM with a 32-byte key. Name and scope of a key are not authenticated along: templates hand over the bare ciphertext
 * (`{{ st2kv.system.x | decrypt_kv }}`), and nothing then says where it came from.
 *
 * `otherwise` reads ciphertext that is not ours (StackStorm's, for those who bring their datastore along).
 */
export function createCipher(key: Uint8Array, otherwise?: { decrypt(ciphertext: string): string }): Cipher {
  if (key.length !== 32) throw new Error(`A cipher needs a key of 32 bytes, not ${key.length}.`);

  return {
    encrypt(plain) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const bytes = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), bytes]).toString('base64');
    },

    decrypt(ciphertext) {
      if (!ciphertext.startsWith(PREFIX)) {
        if (otherwise !== undefined) return otherwise.decrypt(ciphertext);
        throw new PetrelError(
          'invalid',
          `The text to decrypt is not encrypted by Petrel (it does not begin with ${PREFIX}); store the key as a secret first.`,
        );
      }
      const encoded = ciphertext.slice(PREFIX.length);
      const data = Buffer.from(encoded, 'base64');
      // Reading base64 forgives much; a text that was changed must not pass because the change was forgiven.
      if (data.length < NONCE_BYTES + TAG_BYTES || data.toString('base64') !== encoded) throw changed();
      const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(data.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      try {
        const bytes = [decipher.update(data.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
        return Buffer.concat(bytes).toString('utf8');
      } catch (cause) {
        throw changed(cause);
      }
    },
  };
}

function changed(cause?: unknown): PetrelError {
  return new PetrelError(
    'invalid',
    'The ciphertext was changed, or was encrypted with another key; check that the key file belongs to this database, or set the secret again.',
    { cause },
  );
}
