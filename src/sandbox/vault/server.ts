import { randomBytes, randomUUID } from 'node:crypto';
import { type Faults, methodAndPath, withFaults } from '../faults.ts';
import { type Answer, type Incoming, openLoopback } from '../loopback.ts';
import { capabilityFor, decide } from './acl.ts';
import { json, VaultError } from './answers.ts';
import { handleKv, type Operation } from './kv.ts';
import { acceptList } from './list-method.ts';
import { handlePolicies, newPolicies, rulesOf } from './policies.ts';
import { type SecretData, Secrets } from './secrets.ts';
import { health, isOpen, mountOf, mounts, sealStatus } from './system.ts';
import { type Caller, handleTokens, SUDO_PATHS } from './token-api.ts';
import { type Token, Tokens } from './tokens.ts';

export interface VaultSandboxOptions {
  /** Default 0: a free one. */
  readonly port?: number;
  /** The root token. Default: a random one. */
  readonly token?: string;
  /** Names of the KV version 2 engines, without slashes. Default `['secret']`, as in dev mode. */
  readonly mounts?: readonly string[];
  /** Epoch milliseconds; default the machine's clock. */
  readonly clock?: () => number;
}

export interface VaultSandbox {
  readonly url: string;
  readonly token: string;
  readonly faults: Faults;
  /** Paths of all secrets of an engine, also of deleted ones whose metadata is left. */
  listSecrets(mount?: string): readonly string[];
  /** The current version's data; undefined when there is none that can be read. */
  readSecret(path: string, mount?: string): SecretData | undefined;
  /** Names of all ACL policies. */
  listPolicies(): readonly string[];
  /** The text of an ACL policy; undefined when there is none. */
  readPolicy(name: string): string | undefined;
  /** All tokens but the root token, without their secrets. */
  listTokens(): readonly Pick<Token, 'accessor' | 'displayName' | 'policies' | 'meta'>[];
  /** A sealed Vault refuses everything with 503 until `unseal`. */
  seal(): void;
  unseal(): void;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Serves Vault's HTTP API in the manner of `vault server -dev` on 127.0.0.1: unsealed, with a root token and KV version 2. */
export async function startVaultSandbox(options: VaultSandboxOptions = {}): Promise<VaultSandbox> {
  const clock = options.clock ?? Date.now;
  const token = options.token ?? `hvs.${randomBytes(18).toString('base64url')}`;
  const engines = new Map((options.mounts ?? ['secret']).map((name) => [name, new Secrets(clock)]));
  const policies = newPolicies();
  const clusterId = randomUUID();
  const tokens = new Tokens(token, clock);
  let sealed = false;

  function route(request: Incoming): Answer {
    if (!request.path.startsWith('/v1/')) throw new VaultError(404);
    const path = decode(request.path.slice('/v1/'.length));
    const state = { sealed, clusterId, now: clock() };
    if (isOpen(request)) return path === 'sys/health' ? health(state, request.query) : sealStatus(state);
    if (sealed) throw new VaultError(503, 'Vault is sealed');
    const operation = operationOf(request);
    // A folder is asked for with a slash behind it, whether it was sent or not.
    const asked = operation === 'list' && !path.endsWith('/') ? `${path}/` : path;
    const caller = callerOf(request, asked, operation);
    const names = [...engines.keys()];
    const tokenPath = /^auth\/token\/(.+)$/.exec(path)?.[1];
    if (tokenPath !== undefined) return handleTokens(operation, tokenPath, request, caller, tokens, clock());
    if (path === 'sys/mounts') return mounts(names);
    if (path.startsWith('sys/internal/ui/mounts/')) return mountOf(path.slice('sys/internal/ui/mounts/'.length), names);
    const policy = /^sys\/policies\/acl(?:\/(.*))?$/.exec(path);
    if (policy !== null) return handlePolicies(operation, policy[1] ?? '', request, policies);
    for (const [name, secrets] of engines) {
      if (path.startsWith(`${name}/`)) return handleKv(operation, path.slice(name.length + 1), request, secrets);
    }
    throw new VaultError(404, `no handler for route "${path}". route entry not found.`);
  }

  /** Who asks, when that token's policies allow it. */
  function callerOf(request: Incoming, path: string, operation: Operation): Caller {
    const caller = tokens.find(tokenOf(request));
    if (caller === undefined) throw new VaultError(403, 'permission denied');
    tokens.use(caller);
    if (caller.policies.includes('root')) return { token: caller, isSudo: true };
    const { capabilities } = decide(rulesOf(caller.policies, policies), path, operation);
    const isSudo = capabilities.has('sudo');
    const isAllowed = capabilities.has(capabilityFor(operation, exists(path))) && (isSudo || !SUDO_PATHS.has(path));
    // Every token may ask which engine lies where.
    if (!isAllowed && !path.startsWith('sys/internal/ui/mounts/')) {
      throw new VaultError(403, '1 error occurred:\n\t* permission denied\n\n');
    }
    return { token: caller, isSudo };
  }

  /** Only secrets can be created; everything else is there to be updated. */
  function exists(path: string): boolean {
    for (const [name, secrets] of engines) {
      const secret = path.startsWith(`${name}/`) ? /^(?:data|metadata)\/(.+)$/.exec(path.slice(name.length + 1)) : null;
      if (secret !== null) return secrets.find(secret[1] ?? '') !== undefined;
    }
    return true;
  }

  function handle(request: Incoming): Answer {
    try {
      return route(request);
    } catch (error) {
      if (error instanceof VaultError) return json(error.status, { errors: error.errors });
      throw error;
    }
  }

  const guarded = withFaults(
    handle,
    methodAndPath,
    (fault) => json(fault.status, { errors: [fault.message ?? 'internal error'] }),
    clock,
  );
  const server = await openLoopback(guarded.handle, options.port, { wrap: acceptList });
  return {
    url: server.url,
    token,
    faults: guarded.faults,
    listSecrets: (mount = 'secret') => engines.get(mount)?.paths() ?? [],
    readSecret(path, mount = 'secret') {
      const secret = engines.get(mount)?.find(path);
      const current = secret?.versions.get(secret.currentVersion);
      return current === undefined || current.deletionTime !== '' || current.destroyed ? undefined : current.data;
    },
    listPolicies: () => [...policies.keys()].sort(),
    readPolicy: (name) => policies.get(name),
    listTokens: () =>
      tokens
        .all()
        .filter(({ id }) => id !== token)
        .map(({ accessor, displayName, policies, meta }) => ({ accessor, displayName, policies, meta })),
    seal() {
      sealed = true;
    },
    unseal() {
      sealed = false;
    },
    stop: server.stop,
    start: server.start,
    close: server.stop,
  };
}

function tokenOf({ headers }: Incoming): string {
  const header = headers['x-vault-token'];
  return typeof header === 'string' ? header : (/^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '');
}

function operationOf({ method, query }: Incoming): Operation {
  switch (method) {
    case 'GET':
      return query.get('list') === 'true' ? 'list' : 'read';
    case 'PUT':
    case 'POST':
      return 'write';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return 'delete';
    default:
      throw new VaultError(405, `the method ${method} is not supported`);
  }
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new VaultError(400, 'the path is not properly encoded');
  }
}
