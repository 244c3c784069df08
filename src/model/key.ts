/** An entry of the datastore, as stored: a secret's `value` is ciphertext. */
export interface StoredKey {
  readonly scope: KeyScope;
  /** Owner of a user-scoped key; empty for the system scope. */
  readonly user: string;
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
  readonly description?: string;
  readonly expiresAt?: number;
  readonly updatedAt: number;
}

export type KeyScope = 'system' | 'user';
