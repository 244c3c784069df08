import { PetrelError } from '../model/index.ts';

/** The user behind the administrator's token of the data directory; always a system administrator. */
export const ADMIN = 'admin';

/** Whom Petrel itself acts as: `stanley` for rules and sensors, `petrel` for resources. Nobody can sign in as them. */
const OWN: ReadonlySet<string> = new Set(['stanley', 'petrel']);

export function isOwnUser(name: string): boolean {
  return OWN.has(name);
}

/** Throws `PetrelError`: `invalid` (not a name), `conflict` (a name that is Petrel's own). */
export function checkUserName(name: string): void {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,127}$/u.test(name)) {
    throw new PetrelError(
      'invalid',
      `"${name}" is no name of a user: it has letters, digits and . _ @ + - , begins with one of the first two, and at most 128 of them.`,
    );
  }
  if (name === ADMIN || OWN.has(name)) {
    throw new PetrelError('conflict', `The name "${name}" is Petrel's own; choose another.`);
  }
}
