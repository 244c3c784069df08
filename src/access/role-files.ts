import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PetrelError } from '../model/index.ts';
import { didYouMean, formatProblem, parseSource, type Source } from '../packs/index.ts';
import { isGlobal, isPermissionType, PERMISSION_TYPES, type PermissionType, resourceTypeOf } from './permissions.ts';
import { canBeGrantedOn, type Grant, type Role, SYSTEM_ROLES } from './roles.ts';

/** What the files of the `rbac` directory say. */
export interface RoleFiles {
  /** By name, the system roles among them. */
  readonly roles: ReadonlyMap<string, Role>;
  /** Role names by user. */
  readonly assignments: ReadonlyMap<string, readonly string[]>;
  /** Role names by group of the identity provider. */
  readonly mappings: ReadonlyMap<string, readonly string[]>;
}

const roleFile = z.strictObject({
  name: z.string().min(1),
  description: z.string().nullish(),
  enabled: z.boolean().default(true),
  permission_grants: z
    .array(
      z.strictObject({
        resource_uid: z.string().min(1).optional(),
        permission_types: z.array(z.string()).min(1),
        namespaces: z.array(z.string().min(1)).min(1).optional(),
      }),
    )
    .default([]),
});
const assignmentFile = z.strictObject({
  username: z.string().min(1),
  description: z.string().nullish(),
  enabled: z.boolean().default(true),
  roles: z.array(z.string()).default([]),
});
const mappingFile = z.strictObject({
  group: z.string().min(1),
  description: z.string().nullish(),
  enabled: z.boolean().default(true),
  roles: z.array(z.string()).default([]),
});

/**
 * Reads `roles/`, `assignments/` and `mappings/` of the directory, in StackStorm's format; folders that are missing are empty. All or
 * nothing: throws `PetrelError` (`invalid`) with file, line and column of everything that is wrong, since half of what was meant
 * to be allowed is not what anybody meant.
 */
export async function readRoleFiles(directory: string): Promise<RoleFiles> {
  const problems: Source[] = [];
  const read = async <T>(folder: string, schema: z.ZodType<T>): Promise<{ source: Source; value: T }[]> => {
    const found: { source: Source; value: T }[] = [];
    for (const file of await yamlFiles(join(directory, folder))) {
      const source = parseSource(await readFile(file, 'utf8'), { file, pack: 'rbac' });
      problems.push(source);
      if (source.value === undefined) continue;
      const parsed = schema.safeParse(source.value);
      if (parsed.success) found.push({ source, value: parsed.data });
      else for (const { path, message } of parsed.error.issues) source.error(path.map(stepOf), `${message}.`);
    }
    return found;
  };

  const roles = new Map(SYSTEM_ROLES.map((role) => [role.name, role]));
  for (const { source, value } of await read('roles', roleFile)) {
    if (roles.has(value.name)) source.error(['name'], `There is a role "${value.name}" already.`);
    else if (value.enabled) roles.set(value.name, roleOf(value, source));
  }
  const rolesOf = ({ roles: names }: { roles: readonly string[] }, source: Source): readonly string[] => {
    for (const [index, name] of names.entries()) {
      if (!roles.has(name)) {
        source.error(['roles', index], `There is no role "${name}".${didYouMean(name, roles.keys())}`);
      }
    }
    return names;
  };
  const assignments = new Map<string, readonly string[]>();
  for (const { source, value } of await read('assignments', assignmentFile)) {
    const names = rolesOf(value, source);
    if (value.enabled) assignments.set(value.username, [...(assignments.get(value.username) ?? []), ...names]);
  }
  const mappings = new Map<string, readonly string[]>();
  for (const { source, value } of await read('mappings', mappingFile)) {
    const names = rolesOf(value, source);
    if (value.enabled) mappings.set(value.group, [...(mappings.get(value.group) ?? []), ...names]);
  }

  const errors = problems.flatMap((source) => source.problems).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new PetrelError(
      'invalid',
      `The roles in ${directory} are not valid, so that none of them is used:\n${errors.map((error) => formatProblem(error)).join('\n')}`,
    );
  }
  return { roles, assignments, mappings };
}

function roleOf(file: z.infer<typeof roleFile>, source: Source): Role {
  const grants = file.permission_grants.map(({ resource_uid, permission_types, namespaces }, index): Grant => {
    const permissions = permission_types.filter((name, position): name is PermissionType => {
      const problem = grantProblem(name, resource_uid, namespaces !== undefined);
      if (problem !== undefined)
        source.error(['permission_grants', index, 'permission_types', position], problem, 'value');
      return problem === undefined;
    });
    return {
      permissions,
      ...(resource_uid !== undefined && { resourceUid: resource_uid }),
      ...(namespaces !== undefined && { namespaces }),
    };
  });
  return { name: file.name, description: file.description ?? '', system: false, grants };
}

function grantProblem(name: string, uid: string | undefined, scoped: boolean): string | undefined {
  if (!isPermissionType(name)) {
    return `There is no permission type "${name}".${didYouMean(name, PERMISSION_TYPES)}`;
  }
  if (uid !== undefined) {
    return canBeGrantedOn(name, uid) ? undefined : `Permission "${name}" cannot be granted on "${uid}".`;
  }
  if (isGlobal(name) && !scoped) return undefined;
  if (scoped && OF_NAMESPACES.has(resourceTypeOf(name))) return undefined;
  return `Permission "${name}" is about one resource: name it with "resource_uid", e.g. "pack:NAME".`;
}

/**
 * What can be granted by namespace alone. To run actions is not: an action need not keep to the namespace that a parameter names, so
 * those that do must be named.
 */
const OF_NAMESPACES: ReadonlySet<string> = new Set(['execution', 'inquiry', 'resource']);

async function yamlFiles(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => /\.ya?ml$/.test(name))
      .map((name) => join(folder, name))
      .sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function stepOf(step: PropertyKey): string | number {
  return typeof step === 'number' ? step : String(step);
}
