import { connect } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, printList, timeColumn } from '../output.ts';
import { askNewPassword } from '../prompt.ts';

interface AddOptions extends GlobalOptions {
  readonly role: readonly string[];
}

/** The password is asked for, or the first line of standard input. */
export async function add(name: string, options: AddOptions): Promise<void> {
  const client = await connect(options);
  const [password = ''] = await askNewPassword(name);
  const made = await client.call('POST /users', { body: { name, password } });
  for (const role of options.role) await client.call('POST /rbac/role_assignments', { body: { user: name, role } });
  const roles =
    options.role.length === 0 ? 'no role yet: `petrel role assign`' : `the roles ${options.role.join(', ')}`;
  await print(made, options, () => `User ${name} is there, and has ${roles}.`);
}

export async function list(options: GlobalOptions): Promise<void> {
  const { items } = await (await connect(options)).page('GET /users', { query: { limit: -1 } });
  await printList(
    items,
    [column('NAME', 'name'), column('ORIGIN', 'origin'), timeColumn('CREATED', 'created_at')],
    options,
  );
}

export async function remove(name: string, options: GlobalOptions): Promise<void> {
  await (await connect(options)).call('DELETE /users/{name}', { path: { name } });
  await print({ name, deleted: true }, options, () => `User ${name} is gone, with tokens, API keys and roles.`);
}

/** Of another, as an administrator; without a name one's own, for which the old one is asked. */
export async function password(name: string | undefined, options: GlobalOptions): Promise<void> {
  const client = await connect(options);
  if (name !== undefined) {
    const [fresh = ''] = await askNewPassword(name);
    await client.call('PUT /users/{name}/password', { path: { name }, body: { password: fresh } });
  } else {
    const { username } = await client.call('GET /user');
    const [old = '', fresh = ''] = await askNewPassword(username, `Password of ${username}`);
    await client.call('PUT /user/password', { body: { old_password: old, password: fresh } });
  }
  await print(
    { user: name ?? 'yours', changed: true },
    options,
    () => 'The password is changed; all tokens have ended.',
  );
}
