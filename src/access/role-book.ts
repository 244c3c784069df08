import { PetrelError, type RoleAssignment } from '../model/index.ts';
import { didYouMean } from '../packs/index.ts';
import type { Operations, Store } from '../store/index.ts';
import { ADMIN } from './names.ts';
import { type RoleFiles, readRoleFiles } from './role-files.ts';
import { type Role, SYSTEM_ADMIN } from './roles.ts';

/** Who has which roles: from files, given by hand, and from the groups of an identity provider. */
export interface RoleBook {
  /** Of a user; a role that is not defined any more gives nothing. */
  of(user: string): Promise<readonly Role[]>;
  roles(): readonly Role[];
  assignments(): Promise<readonly Assignment[]>;
  /** Throws `PetrelError` (`not_found`): no such role or user. */
  assign(user: string, role: string): Promise<void>;
  /** Throws `PetrelError`: `not_found` (it was not assigned by hand), `invalid` (a file says so). */
  revoke(user: string, role: string): Promise<void>;
  /** What the groups of an identity provider give, in place of what they gave before. Answers the roles. */
  followGroups(user: string, groups: readonly string[], tx: Operations): Promise<readonly string[]>;
  /** Reads the files again. Throws `PetrelError` (`invalid`) and keeps what was, when one of them is wrong. */
  reload(): Promise<void>;
}

export interface Assignment {
  readonly user: string;
  readonly role: string;
  readonly source: 'file' | RoleAssignment['source'] | 'built-in';
}

/** `directory`: of the role files; it need not exist. Errors as `reload`. */
export async function openRoleBook(services: {
  readonly store: Store;
  readonly directory: string;
  readonly now: () => number;
}): Promise<RoleBook> {
  const { store, directory, now } = services;
  let files: RoleFiles = await readRoleFiles(directory);
  const defined = (name: string): Role | undefined => files.roles.get(name);

  const known = (name: string): Role => {
    const role = defined(name);
    if (role === undefined) {
      const hint = didYouMean(name, files.roles.keys());
      throw new PetrelError(
        'not_found',
        `There is no role "${name}"; \`petrel role list\` shows those there are.${hint}`,
      );
    }
    return role;
  };

  return {
    async of(user) {
      const given = (await store.listRoleAssignments(user)).map(({ role }) => role);
      const names = new Set([
        ...given,
        ...(files.assignments.get(user) ?? []),
        ...(user === ADMIN ? [SYSTEM_ADMIN] : []),
      ]);
      // So that what asks for administrators (an inquiry's roles) is content with those above them.
      if (names.has(SYSTEM_ADMIN)) names.add('admin');
      return [...names].flatMap((name) => defined(name) ?? []);
    },
    roles: () => [...files.roles.values()],
    async assignments() {
      const fromFiles = [...files.assignments].flatMap(([user, names]) =>
        [...new Set(names)].map((role): Assignment => ({ user, role, source: 'file' })),
      );
      const stored = (await store.listRoleAssignments()).map(({ user, role, source }) => ({ user, role, source }));
      return [{ user: ADMIN, role: SYSTEM_ADMIN, source: 'built-in' }, ...fromFiles, ...stored];
    },
    async assign(user, role) {
      known(role);
      if ((await store.getUser(user)) === undefined) {
        throw new PetrelError('not_found', `There is no user "${user}"; create it with \`petrel user add ${user}\`.`);
      }
      await store.putRoleAssignment({ user, role, source: 'local', createdAt: now() });
    },
    async revoke(user, role) {
      const deleted = await store.deleteRoleAssignment(user, role, 'local');
      if (files.assignments.get(user)?.includes(role) === true) {
        throw new PetrelError(
          'invalid',
          `The role "${role}" of "${user}" is assigned in a file of ${directory}; take it away there, then \`petrel role reload\`.`,
        );
      }
      if (!deleted) throw new PetrelError('not_found', `The role "${role}" was not assigned to "${user}" by hand.`);
    },
    async followGroups(user, groups, tx) {
      const given = new Set(groups.flatMap((group) => files.mappings.get(group) ?? []));
      for (const { role, source } of await tx.listRoleAssignments(user)) {
        if (source === 'oidc' && !given.has(role)) await tx.deleteRoleAssignment(user, role, 'oidc');
      }
      for (const role of given) await tx.putRoleAssignment({ user, role, source: 'oidc', createdAt: now() });
      return [...given];
    },
    async reload() {
      files = await readRoleFiles(directory);
    },
  };
}
