import type { KeyScope } from '../model/index.ts';

/** A key as its reader sees it. */
export interface Key {
  readonly scope: KeyScope;
  readonly user: string;
  readonly name: string;
  /** Clear text when decrypted; else, of a secret, the ciphertext. */
  readonly value: string;
  readonly secret: boolean;
  /** Whether `value` is ciphertext. */
  readonly encrypted: boolean;
  readonly description?: string;
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
}

export interface KeyAddress {
  /** Default `system`. */
  readonly scope?: KeyScope;
  /** Needed for the user scope. */
  readonly user?: string;
  readonly name: string;
}

/** Keys and secrets. Expired keys do not exist. Every decrypted value is made known to the masker first. */
export interface KeyValueStore {
  get(address: KeyAddress, options?: { decrypt?: boolean }): Promise<Key | undefined>;
  /**
   * `ttl` in seconds; `secret` encrypts at rest; `encrypted`: the value is a secret's ciphertext already. Throws `PetrelError` (`invalid`)
   * for an empty name, a ttl that is no positive number, and a ciphertext that is none of ours.
   */
  set(
    address: KeyAddress,
    value: string,
    options?: { ttl?: number; secret?: boolean; encrypted?: boolean; description?: string },
  ): Promise<Key>;
  delete(address: KeyAddress): Promise<boolean>;
  list(
    scope: { scope?: KeyScope; user?: string },
    options?: { prefix?: string; decrypt?: boolean; limit?: number; offset?: number },
  ): Promise<{ readonly items: readonly Key[]; readonly total: number }>;
}

/** AES-256-GCM with the key file of the data directory. Ciphertext is text: `petrel:v1:` and base64 of nonce, tag and bytes. */
export interface Cipher {
  encrypt(plain: string): string;
  /** Throws `PetrelError` (`invalid`) when the text was not made with this key or was changed. */
  decrypt(ciphertext: string): string;
}

/** Knows secret values and takes them out of whatever is about to be shown or stored. */
export interface Masker {
  /** Values shorter than 4 characters are not taken: masking them would destroy text and hide nothing. */
  add(value: string): void;
  /** The value is no secret any more, e.g. a token that opens nothing now. */
  forget(value: string): void;
  mask(text: string): string;
  /** The same for every string inside a JSON value, keys included. Answers the same object when nothing changed. */
  maskJson<T>(value: T): T;
  /** Which of the known values stand in the text, in whatever form. */
  secretsIn(text: string): readonly string[];
  /** How many characters from the beginning of the text can be masked for good, whatever text follows. */
  settledLength(text: string): number;
}

/** What stands where a secret stood: StackStorm's text. */
export const MASKED = '********';
