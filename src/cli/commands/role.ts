import type { JsonObject } from '../../model/index.ts';
import { call, findConnection } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, table } from '../output.ts';

export async function list(options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'GET', '/rbac/roles');
  const columns = [column('NAME', 'name'), column('SYSTEM', 'system'), column('DESCRIPTION', 'description')];
  print(body, options.json === true, () => table(body as readonly JsonObject[], columns)); // a list answers an array
}

export async function get(role: string, options: GlobalOptions): Promise<void> {
  const path = `/rbac/roles/${encodeURIComponent(role)}`;
  const { body } = await call(findConnection(options, process.env), 'GET', path);
  const columns = [
    column('ON', 'resource_uid'),
    column('NAMESPACES', 'namespaces'),
    column('PERMISSIONS', 'permission_types'),
  ];
  print(body, options.json === true, () => {
    const { description, permission_grants: grants } = body as JsonObject; // the answer of this route
    return `${String(description)}\n\n${table(grants as readonly JsonObject[], columns)}`; // likewise
  });
}

export async function assignments(options: GlobalOptions & { readonly user?: string }): Promise<void> {
  const query = options.user === undefined ? '' : `?${new URLSearchParams({ user: options.user })}`;
  const { body } = await call(findConnection(options, process.env), 'GET', `/rbac/role_assignments${query}`);
  const columns = [column('USER', 'user'), column('ROLE', 'role'), column('SOURCE', 'source')];
  print(body, options.json === true, () => table(body as readonly JsonObject[], columns)); // a list answers an array
}

export async function assign(user: string, role: string, options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'POST', '/rbac/role_assignments', { user, role });
  print(body, options.json === true, () => `${user} has the role ${role}.`);
}

export async function revoke(user: string, role: string, options: GlobalOptions): Promise<void> {
  const path = `/rbac/role_assignments/${encodeURIComponent(user)}/${encodeURIComponent(role)}`;
  await call(findConnection(options, process.env), 'DELETE', path);
  print({ user, role, revoked: true }, options.json === true, () => `${user} has the role ${role} no more.`);
}

export async function reload(options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'POST', '/rbac/reload', {});
  print(body, options.json === true, () => `${String((body as JsonObject).roles)} roles are in force.`); // of this route
}
