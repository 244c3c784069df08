import { userInfo } from 'node:os';
import { send } from '../../client/index.ts';
import type { JsonObject } from '../../model/index.ts';
import { PetrelError } from '../../model/index.ts';
import { call, findConnection, findServer, type Server } from '../client.ts';
import { readLogin, removeLogin, writeLogin } from '../login-file.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';
import { askSecrets } from '../prompt.ts';

interface LoginOptions extends GlobalOptions {
  readonly ttl?: string;
}

/** Has a token made, and keeps it for the commands that follow. */
export async function login(user: string | undefined, options: LoginOptions): Promise<void> {
  const server = findServer(options, process.env);
  const name = user ?? userInfo().username;
  const ttl = options.ttl === undefined ? undefined : Number(options.ttl);
  if (ttl !== undefined && !(ttl > 0)) {
    throw new PetrelError('invalid', `--ttl takes a number of seconds above 0, not "${options.ttl}".`);
  }
  const [password = ''] = await askSecrets(`Password of ${name} at ${server.url}`);
  const answer = await tokenFor(server, name, password, ttl);
  const file = await writeLogin({ url: server.url, user: name, token: String(answer.token) }, process.env);
  const shown = { url: server.url, user: name, expiry: answer.expiry ?? null, file };
  print(shown, options.json === true, () => `Logged in at ${server.url} as ${name} until ${String(answer.expiry)}.`);
}

async function tokenFor(server: Server, user: string, password: string, ttl: number | undefined): Promise<JsonObject> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const body = { nickname_origin: 'petrel', ...(ttl !== undefined && { ttl }) };
  const { body: answer } = await send(`${server.auth}/tokens`, 'POST', { authorization }, body);
  return answer as JsonObject; // the answer of this route
}

/** Ends the token at the server, and forgets it here in any case. */
export async function logout(options: GlobalOptions): Promise<void> {
  const known = readLogin(process.env);
  if (known === undefined) {
    print({ logged_out: false }, options.json === true, () => 'Nobody is logged in.');
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
  print({ logged_out: true, url: known.url }, options.json === true, () => `Logged out at ${known.url}.`);
}

export async function whoami(options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'GET', '/user');
  print(body, options.json === true, () => {
    const { username, authentication, rbac } = body as Record<string, JsonObject>; // the answer of this route
    const roles = rbac?.roles as readonly string[] | undefined; // likewise
    return [
      `user:   ${String(username)}`,
      `roles:  ${roles === undefined || roles.length === 0 ? 'none' : roles.join(', ')}`,
      `by:     ${String(authentication?.method)}${authentication?.token_expire ? `, until ${String(authentication.token_expire)}` : ''}`,
    ].join('\n');
  });
}
