import { PetrelError, type StoredUser } from '../model/index.ts';
import type { Store } from '../store/index.ts';
import { type AttemptLimits, type Attempts, createAttempts } from './attempts.ts';
import { ADMIN, checkUserName } from './names.ts';
import type { Passwords } from './passwords.ts';
import type { RoleBook } from './role-book.ts';

export interface Users {
  /** Throws `PetrelError`: `invalid` (name or password), `conflict` (there is one). */
  add(name: string, password: string): Promise<StoredUser>;
  /** All its tokens end. Throws `PetrelError`: `not_found`, `invalid` (password, or a user of the identity provider). */
  setPassword(name: string, password: string): Promise<void>;
  /** With its tokens, API keys and roles. Throws `PetrelError` (`not_found`). */
  delete(name: string): Promise<void>;
  list(): Promise<readonly StoredUser[]>;
  /**
   * Whether the password is right; it takes as long whether there is such a user or not. Throws `PetrelError` (`rate_limited`) after too
   * many failures for the user or from the address.
   */
  authenticate(name: string, password: string, address: string): Promise<boolean>;
  /**
   * Somebody whom the identity provider knows, created when seen first, with the roles that the groups give. Throws `PetrelError`
   * (`forbidden`): the name is that of somebody else here.
   */
  admit(person: Person): Promise<void>;
}

export interface Person {
  readonly name: string;
  /** `ISSUER SUBJECT`: what never changes. */
  readonly subject: string;
  readonly groups: readonly string[];
}

export interface LoginLimits {
  readonly user: AttemptLimits;
  readonly address: AttemptLimits;
}

export const LOGIN_LIMITS: LoginLimits = {
  user: { limit: 10, window: 60_000 },
  address: { limit: 30, window: 60_000 },
};

export function createUsers(services: {
  readonly store: Store;
  readonly passwords: Passwords;
  readonly roles: RoleBook;
  readonly now: () => number;
  readonly limits?: LoginLimits;
}): Users {
  const { store, passwords, roles, now, limits = LOGIN_LIMITS } = services;
  const ofUser: Attempts = createAttempts(limits.user, now);
  const ofAddress: Attempts = createAttempts(limits.address, now);
  const missing = (name: string) => new PetrelError('not_found', `There is no user "${name}".`);

  return {
    async add(name, password) {
      checkUserName(name);
      const user = { name, passwordHash: await passwords.hash(password), createdAt: now() };
      if (!(await store.insertUser(user))) throw new PetrelError('conflict', `There is a user "${name}" already.`);
      return user;
    },

    async setPassword(name, password) {
      const user = await store.getUser(name);
      if (user === undefined) throw missing(name);
      if (user.subject !== undefined) {
        throw new PetrelError('invalid', `"${name}" signs in at the identity provider and has no password here.`);
      }
      const passwordHash = await passwords.hash(password);
      await store.transaction(async (tx) => {
        await tx.putUser({ ...user, passwordHash });
        await tx.deleteTokensOf(name);
      });
    },

    async delete(name) {
      if (!(await store.deleteUser(name))) throw missing(name);
    },

    list: () => store.listUsers(),

    async authenticate(name, password, address) {
      ofAddress.count(address);
      ofUser.count(name);
      const user = await store.getUser(name);
      const right = await passwords.verify(password, user?.passwordHash);
      if (right) {
        ofUser.forget(name);
        ofAddress.undo(address);
      }
      return right;
    },

    async admit({ name, subject, groups }) {
      if (name !== ADMIN) checkUserName(name);
      await store.transaction(async (tx) => {
        const user = await tx.getUser(name);
        if (name === ADMIN || (user !== undefined && user.subject !== subject)) {
          throw new PetrelError(
            'forbidden',
            `The identity provider calls you "${name}", which is somebody else's name here; ask an administrator.`,
          );
        }
        if (user === undefined) await tx.putUser({ name, subject, createdAt: now() });
        await roles.followGroups(name, groups, tx);
      });
    },
  };
}
