import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../../src/model/index.ts';
import { type Server, type ServerOptions, startServer } from '../../src/server.ts';

export const PASSWORD = 'correct horse';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
  readonly text: string;
}

export interface AccessServer {
  readonly server: Server;
  readonly directory: string;
  /** Tokens by user: `admin` (of the data directory) and those that were added. */
  readonly tokens: Readonly<Record<string, string>>;
  log(): Promise<string>;
  /** As the user, or as nobody. `path` with its prefix. */
  ask(
    user: string | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  stop(): Promise<void>;
}

const PACK: Readonly<Record<string, string>> = {
  'pack.yaml': 'name: NAME\ndescription: test\nversion: 1.0.0\nauthor: test\n',
  'actions/buy.yaml': 'name: buy\nrunner_type: noop\nparameters: {namespace: {type: string}}\n',
  'rules/on_hook.yaml':
    'name: on_hook\nenabled: true\ntrigger: {type: core.st2.webhook, parameters: {url: NAME}}\naction: {ref: core.noop}\n',
};

/** Files of the `rbac` directory. */
export const ROLES: Readonly<Record<string, string>> = {
  'roles/shop.yaml':
    'name: shop\npermission_grants: [{resource_uid: "pack:shop", permission_types: [action_all, rule_all, pack_view]}, {resource_uid: "action:core:noop", permission_types: [action_execute]}, {resource_uid: "webhook:shop", permission_types: [webhook_send]}, {resource_uid: "key_value_pair:st2kv.system:shop", permission_types: [key_value_pair_set]}]\n',
  'roles/team_a.yaml':
    'name: team_a\npermission_grants: [{resource_uid: "pack:bank", permission_types: [action_execute], namespaces: [a]}, {namespaces: [a], permission_types: [execution_view, execution_stop]}]\n',
  'assignments/tim.yaml': 'username: tim\nroles: [team_a]\n',
  'mappings/dba.yaml': 'group: dba\nroles: [observer, shop]\n',
};

/** A server with the packs `shop` and `bank`, and a user for each role: obi, ada, sue, sam (shop), tim (team_a), nil (none). */
export async function startAccessServer(options: Partial<ServerOptions> = {}): Promise<AccessServer> {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-access-'));
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), text);
  };
  for (const pack of ['shop', 'bank']) {
    for (const [file, text] of Object.entries(PACK))
      await write(`packs/${pack}/${file}`, text.replaceAll('NAME', pack));
  }
  for (const [file, text] of Object.entries(ROLES)) await write(`data/rbac/${file}`, text);
  const server = await startServer({
    data: join(directory, 'data'),
    packs: [join(directory, 'packs')],
    port: 0,
    logLevel: 'debug',
    logFile: join(directory, 'petrel.log'),
    ...options,
  });
  const tokens: Record<string, string> = { admin: server.token };

  const ask: AccessServer['ask'] = async (user, method, path, body, headers = {}) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(user !== undefined && { 'x-auth-token': tokens[user] ?? '' }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(25_000),
    });
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    // What streams has no end.
    if (/event-stream/.test(response.headers.get('content-type') ?? '')) {
      await response.body?.cancel();
      return { status: response.status, headers: response.headers, text: '', body: {} };
    }
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : {},
    };
  };

  const roles = { obi: 'observer', ada: 'admin', sue: 'system_admin', sam: 'shop', tim: undefined, nil: undefined };
  for (const [user, role] of Object.entries(roles)) {
    await ask('admin', 'POST', '/v1/users', { name: user, password: PASSWORD });
    if (role !== undefined) await ask('admin', 'POST', '/v1/rbac/role_assignments', { user, role });
    const { body } = await ask(undefined, 'POST', '/auth/v1/tokens', {}, basic(user, PASSWORD));
    tokens[user] = String(body.token);
  }
  return {
    server,
    directory,
    tokens,
    ask,
    log: () => readFile(join(directory, 'petrel.log'), 'utf8'),
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}
