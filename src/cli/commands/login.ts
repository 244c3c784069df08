import { userInfo } from 'node:os';
import { send } from '../../client/index.ts';
import { PetrelError } from '../../model/index.ts';
import { connect, findServer } from '../client.ts';
import { readLogin, removeLogin, writeLogin } from '../login-file.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';
import { askSecrets } from '../prompt.ts';
import { signIn } from '../sign-in.ts';

interface AuthOptions extends GlobalOptions {
  readonly ttl?: string;
  readonly password?: string;
}

interface LoginOptions extends AuthOptions {
  readonly writePassword?: boolean;
}

/** Has a token made, and keeps it for the commands that follow. */
export async function login(user: string | undefined, options: LoginOptions): Promise<void> {
  const { url, name, password, token, expiry } = await authenticate(user, options);
  const kept = { url, user: name, token, expiry, ...(options.writePassword === true && { password }) };
  const file = await writeLogin(kept, process.env);
  const shown = { url, user: name, expiry, file };
  await print(shown, options, () => `Logged in at ${url} as ${name} until ${expiry}.`);
}

/** As `st2 auth`: has a token made and says it, and keeps nothing. */
export async function auth(
  user: string | undefined,
  options: AuthOptions & { readonly onlyToken?: boolean },
): Promise<void> {
  const { name, token, expiry } = await authenticate(user, options);
  await print({ user: name, token, expiry }, options, () =>
    options.onlyToken === true ? token : `user:    ${name}\ntoken:   ${token}\nexpiry:  ${expiry}`,
  );
}

async function authenticate(user: string | undefined, options: AuthOptions) {
  const server = findServer(options, process.env);
  const name = user ?? userInfo().username;
  const ttl = options.ttl === undefined ? undefined : Number(options.ttl);
  if (ttl !== undefined && !(ttl > 0)) {
    throw new PetrelError('invalid', `--ttl takes a number of seconds above 0, not "${options.ttl}".`);
  }
  const [password = ''] =
    options.password === undefined ? await askSecrets(`Password of ${name} at ${server.url}`) : [options.password];
  const { token, expiry } = await signIn(server.auth, name, password, ttl);
  return { url: server.url, name, password, token, expiry };
}

/** Ends the token at the server, and forgets it here in any case. */
export async function logout(options: GlobalOptions): Promise<void> {
  const known = readLogin(process.env);
  if (known === undefined) {
    await print({ logged_out: false }, options, () => 'Nobody is logged in.');
    return;
  }
  const { auth } = findServer({ ...options, url: known.url }, {});
  try {
    await send(`${auth}/session`, 'DELETE', { 'x-auth-token': known.token });
  } catch (error) {
    // A token that is over, or a server that is gone: all that is left is to forget it.
    if (!(error instanceof PetrelError) || !['unauthorized', 'unavailable'].includes(error.code)) throw error;
  } finally {
    await removeLogin(process.env);
  }
  await print({ logged_out: true, url: known.url }, options, () => `Logged out at ${known.url}.`);
}

export async function whoami(options: GlobalOptions): Promise<void> {
  const who = await (await connect(options)).call('GET /user');
  await print(who, options, () => {
    const { username, authentication, rbac } = who;
    const end = authentication.token_expire === undefined ? '' : `, until ${authentication.token_expire}`;
    return [
      `user:   ${username}`,
      `roles:  ${rbac.roles.length === 0 ? 'none' : rbac.roles.join(', ')}`,
      `by:     ${authentication.method}${end}`,
    ].join('\n');
  });
}
