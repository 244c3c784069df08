import type { JsonObject } from '../../model/index.ts';
import { call, findConnection } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, shortTime, table } from '../output.ts';
import { askNewPassword } from '../prompt.ts';

interface AddOptions extends GlobalOptions {
  readonly role: readonly string[];
}

/** The password is asked for, or the first line of standard input. */
export async function add(name: string, options: AddOptions): Promise<void> {
  const connection = findConnection(options, process.env);
  const [password = ''] = await askNewPassword(name);
  const { body } = await call(connection, 'POST', '/users', { name, password });
  for (const role of options.role) await call(connection, 'POST', '/rbac/role_assignments', { user: name, role });
  const roles =
    options.role.length === 0 ? 'no role yet: `petrel role assign`' : `the roles ${options.role.join(', ')}`;
  print(body, options.json === true, () => `User ${name} is there, and has ${roles}.`);
}

export async function list(options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'GET', '/users?limit=-1');
  const columns = [
    column('NAME', 'name'),
    column('ORIGIN', 'origin'),
    { title: 'CREATED', value: (row: JsonObject) => shortTime(row.created_at) },
  ];
  print(body, options.json === true, () => table(body as readonly JsonObject[], columns)); // a list answers an array
}

export async function remove(name: string, options: GlobalOptions): Promise<void> {
  await call(findConnection(options, process.env), 'DELETE', `/users/${encodeURIComponent(name)}`);
  print({ name, deleted: true }, options.json === true, () => `User ${name} is gone, with tokens, API keys and roles.`);
}

/** Of another, as an administrator; without a name one's own, for which the old one is asked. */
export async function password(name: string | undefined, options: GlobalOptions): Promise<void> {
  const connection = findConnection(options, process.env);
  if (name !== undefined) {
    const [fresh] = await askNewPassword(name);
    await call(connection, 'PUT', `/users/${encodeURIComponent(name)}/password`, { password: fresh });
  } else {
    const me = String(((await call(connection, 'GET', '/user')).body as JsonObject).username); // the answer of this route
    const [old, fresh] = await askNewPassword(me, `Password of ${me}`);
    await call(connection, 'PUT', '/user/password', { old_password: old, password: fresh });
  }
  const whose = name ?? 'yours';
  print({ user: whose, changed: true }, options.json === true, () => 'The password is changed; all tokens have ended.');
}
