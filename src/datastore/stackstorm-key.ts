import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { isJsonObject, PetrelError } from '../model/index.ts';

const HEADER_BYTES = 5;
const IV_BYTES = 16;
const HMAC_BYTES = 20;

/** Reads what StackStorm encrypted. */
export interface StackStormKey {
  /** Throws `PetrelError` (`invalid`) when the text was not made with this key or was changed. */
  decrypt(ciphertext: string): string;
}

/**
 * A StackStorm datastore key, from the JSON text of its key file (`keyvalue.encryption_key_path`). Its ciphertext is hex of
 * 5 header bytes (ignored), a 16-byte IV, AES-CBC of the PKCS-padded text, and HMAC-SHA1 over all that, verified first.
 * Throws `PetrelError` (`invalid`) when the JSON is no such key.
 */
export function openStackStormKey(json: string): StackStormKey {
  const { aesKey, hmacKey } = readKey(json);
  const algorithm = `aes-${aesKey.length * 8}-cbc`;

  return {
    decrypt(ciphertext) {
      const data = /^([0-9a-f]{2})+$/i.test(ciphertext) ? Buffer.from(ciphertext, 'hex') : Buffer.alloc(0);
      if (data.length < HEADER_BYTES + IV_BYTES + HMAC_BYTES) throw wrong();
      const signed = data.subarray(0, -HMAC_BYTES);
      const expected = createHmac('sha1', hmacKey).update(signed).digest();
      if (!timingSafeEqual(expected, data.subarray(-HMAC_BYTES))) throw wrong();
      const iv = signed.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES);
      try {
        const decipher = createDecipheriv(algorithm, aesKey, iv);
        const bytes = [decipher.update(signed.subarray(HEADER_BYTES + IV_BYTES)), decipher.final()];
        return Buffer.concat(bytes).toString('utf8');
      } catch (cause) {
        throw wrong(cause);
      }
    },
  };
}

function readKey(json: string): { aesKey: Buffer; hmacKey: Buffer } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw malformed('it is not JSON', cause);
  }
  if (!isJsonObject(value) || !isJsonObject(value.hmacKey)) throw malformed('hmacKey is missing');
  if (value.mode !== 'CBC') throw malformed('its mode is not CBC');
  const aesKey = Buffer.from(String(value.aesKeyString ?? ''), 'base64url');
  const hmacKey = Buffer.from(String(value.hmacKey.hmacKeyString ?? ''), 'base64url');
  if (![16, 24, 32].includes(aesKey.length)) throw malformed('aesKeyString is not 16, 24 or 32 bytes long');
  if (hmacKey.length === 0) throw malformed('hmacKeyString is empty');
  return { aesKey, hmacKey };
}

function malformed(reason: string, cause?: unknown): PetrelError {
  return new PetrelError(
    'invalid',
    `The text is no StackStorm datastore key: ${reason}; take the file that keyvalue.encryption_key_path of st2.conf names.`,
    { cause },
  );
}

function wrong(cause?: unknown): PetrelError {
  return new PetrelError(
    'invalid',
    'The text is no StackStorm ciphertext of this key, or was changed; check that the key belongs to the datastore it came from.',
    { cause },
  );
}
