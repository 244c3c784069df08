import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cipher, createCipher, openKeyFile, openStackStormKey } from '../datastore/index.ts';
import { messageOf, PetrelError } from '../model/index.ts';

export interface CipherSettings {
  readonly data: string;
  /** StackStorm's key file (`keyvalue.encryption_key_path`), to read what it encrypted; nothing is encrypted with it. */
  readonly stackstormKey?: string;
}

/** Encrypts with the key of the data directory. Throws `PetrelError`: those of `openKeyFile`, `invalid` for StackStorm's file. */
export async function openCipher({ data, stackstormKey }: CipherSettings): Promise<Cipher> {
  const key = openKeyFile(join(data, 'keys.json'));
  if (stackstormKey === undefined) return createCipher(key);
  try {
    return createCipher(key, openStackStormKey(await readFile(stackstormKey, 'utf8')));
  } catch (cause) {
    const why = messageOf(cause);
    throw new PetrelError('invalid', `StackStorm's key file ${stackstormKey} cannot be used: ${why}`, { cause });
  }
}
