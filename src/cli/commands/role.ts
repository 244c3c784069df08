import { PetrelError } from '../../model/index.ts';
import { connect } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, printFields, printList, table } from '../output.ts';

interface ListOptions extends GlobalOptions {
  readonly system?: boolean;
}

export async function list(options: ListOptions): Promise<void> {
  const query = { limit: -1, ...(options.system === true && { system: true }) };
  const { items } = await (await connect(options)).page('GET /rbac/roles', { query });
  const columns = [column('NAME', 'name'), column('SYSTEM', 'system'), column('DESCRIPTION', 'description')];
  await printList(items, columns, options);
}

export async function get(name: string, options: GlobalOptions): Promise<void> {
  const role = await (await connect(options)).call('GET /rbac/roles/{role}', { path: { role: name } });
  const columns = [
    column('ON', 'resource_uid'),
    column('NAMESPACES', 'namespaces'),
    column('PERMISSIONS', 'permission_types'),
  ];
  await print(role, options, () => `${role.description}\n\n${table(role.permission_grants, columns)}`);
}

interface AssignmentOptions extends GlobalOptions {
  readonly user?: string;
  readonly role?: string;
  readonly source?: string;
  readonly remote?: boolean;
}

export async function assignments(options: AssignmentOptions): Promise<void> {
  const { user, role, source } = options;
  const { items } = await (await connect(options)).page('GET /rbac/role_assignments', {
    query: { limit: -1, user, role, source },
  });
  const columns = [column('USER', 'user'), column('ROLE', 'role'), column('SOURCE', 'source')];
  await printList(
    items.filter(({ is_remote: isRemote }) => options.remote !== true || isRemote),
    columns,
    options,
  );
}

export async function assignment(id: string, options: GlobalOptions): Promise<void> {
  const { items } = await (await connect(options)).page('GET /rbac/role_assignments', { query: { limit: -1 } });
  const found = items.find((one) => one.id === id);
  if (found === undefined) {
    throw new PetrelError('not_found', `There is no role assignment "${id}"; petrel role assignments shows them.`);
  }
  await printFields(found, options);
}

export async function assign(user: string, role: string, options: GlobalOptions): Promise<void> {
  const given = await (await connect(options)).call('POST /rbac/role_assignments', { body: { user, role } });
  await print(given, options, () => `${user} has the role ${role}.`);
}

export async function revoke(user: string, role: string, options: GlobalOptions): Promise<void> {
  const client = await connect(options);
  await client.call('DELETE /rbac/role_assignments/{user}/{role}', { path: { user, role } });
  await print({ user, role, revoked: true }, options, () => `${user} has the role ${role} no more.`);
}

export async function reload(options: GlobalOptions): Promise<void> {
  const answer = await (await connect(options)).call('POST /rbac/reload');
  await print(answer, options, () => `${answer.roles} roles are in force.`);
}
