import { isJsonObject, type Json, type JsonObject, PetrelError } from '../model/index.ts';
import { type Cipher, MASKED, type Masker } from './datastore.ts';

/**
 * A seal stands for a secret value wherever values are stored: `{"$sealed": ciphertext}`. Inside the ciphertext is not only the
 * value but also which secrets it holds, so that opening it after a restart makes exactly those known to the masker.
 *
 * The text inside begins with a word of its own, so that the ciphertext of a datastore key, which users may see, is no seal:
 * otherwise anybody could have a key decrypted by handing it over as a parameter.
 */
const SEAL = '$sealed';
const WORD = 'seal:';

export interface Seal extends JsonObject {
  readonly $sealed: string;
}

export function isSeal(value: Json | undefined): value is Seal {
  return isJsonObject(value) && typeof value[SEAL] === 'string' && Object.keys(value).length === 1;
}

export function seal(value: Json, secrets: readonly string[], cipher: Cipher): Seal {
  return { [SEAL]: cipher.encrypt(WORD + JSON.stringify([value, secrets])) };
}

/** The value; its secrets are made known. Throws `PetrelError` (`invalid`) for a seal that is not ours or was changed. */
export function open(sealed: Seal, cipher: Cipher, masker: Masker): Json {
  const text = cipher.decrypt(sealed.$sealed);
  if (!text.startsWith(WORD)) {
    throw new PetrelError('invalid', 'A sealed value holds the ciphertext of something else; set the value again.');
  }
  // Authenticated: it is what `seal` wrote.
  const [value, secrets] = JSON.parse(text.slice(WORD.length)) as [Json, string[]];
  for (const secret of secrets) masker.add(secret);
  return value;
}

/**
 * Seals every string in which the masker finds a secret, and whatever merely looks like a seal (so that opening gives it back as it
 * was). What is sealed already stays. Keys of objects stay, too: a secret may be an ordinary word (`password`), and masking it there
 * would lose the parameter of that name; the masker takes it out where it is shown.
 */
export function sealValues(value: JsonObject, cipher: Cipher, masker: Masker): JsonObject;
export function sealValues(value: Json, cipher: Cipher, masker: Masker): Json;
export function sealValues(value: Json, cipher: Cipher, masker: Masker): Json {
  if (typeof value === 'string') {
    const secrets = masker.secretsIn(value);
    return secrets.length === 0 ? value : seal(value, secrets, cipher);
  }
  if (isSeal(value)) return isGenuine(value, cipher) ? value : seal(value, secretsWithin(value, masker), cipher);
  return mapJson(value, (item) => sealValues(item, cipher, masker));
}

/** Opens every seal inside. */
export function openValues(value: JsonObject, cipher: Cipher, masker: Masker): JsonObject;
export function openValues(value: Json, cipher: Cipher, masker: Masker): Json;
export function openValues(value: Json, cipher: Cipher, masker: Masker): Json {
  if (isSeal(value)) return open(value, cipher, masker);
  return mapJson(value, (item) => openValues(item, cipher, masker));
}

/** For showing: every seal inside becomes `********`. */
export function maskValues(value: JsonObject): JsonObject;
export function maskValues(value: Json): Json;
export function maskValues(value: Json): Json {
  return isSeal(value) ? MASKED : mapJson(value, maskValues);
}

/** Every string inside a value, keys left out. */
export function stringsWithin(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsWithin);
  return isJsonObject(value) ? Object.values(value).flatMap(stringsWithin) : [];
}

/** The same object when no part changes. */
export function mapJson(value: Json, map: (item: Json) => Json): Json {
  if (Array.isArray(value)) {
    let items: Json[] | undefined;
    for (const [index, item] of value.entries()) {
      const mapped = map(item);
      if (items === undefined && mapped !== item) items = value.slice(0, index);
      items?.push(mapped);
    }
    return items ?? value;
  }
  return isJsonObject(value) ? mapProperties(value, map) : value;
}

/** The same object when no property changes; what is undefined is not asked about. */
export function mapProperties(value: JsonObject, map: (item: Json, key: string) => Json): JsonObject {
  let entries: [string, Json | undefined][] | undefined;
  for (const [index, key] of Object.keys(value).entries()) {
    const item = value[key];
    const mapped = item === undefined ? undefined : map(item, key);
    if (entries === undefined && mapped !== item) entries = Object.entries(value).slice(0, index);
    entries?.push([key, mapped]);
  }
  return entries === undefined ? value : Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

function isGenuine(value: Seal, cipher: Cipher): boolean {
  try {
    return cipher.decrypt(value.$sealed).startsWith(WORD);
  } catch {
    return false;
  }
}

function secretsWithin(value: Json, masker: Masker): string[] {
  return [...new Set(stringsWithin(value).flatMap((text) => masker.secretsIn(text)))];
}
