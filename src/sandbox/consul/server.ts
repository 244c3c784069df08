import { type Faults, methodAndPath, withFaults } from '../faults.ts';
import { type Answer, type Incoming, openLoopback } from '../loopback.ts';
import { AclStore } from './acl/acl-store.ts';
import { handleAcl } from './acl/handle.ts';
import { EVERYTHING } from './acl/rules.ts';
import { ConsulError, json, text } from './answers.ts';
import { handleKv } from './kv.ts';
import { KeyStore } from './store.ts';
import { handleTxn } from './txn.ts';

export interface ConsulSandboxOptions {
  /** Default 0: a free one. */
  readonly port?: number;
  /**
   * The master token. With it access control is on: what no policy allows is denied. Requests bear a token as `X-Consul-Token`, a bearer
   * token, or `?token=`. Default: no access control, as Consul's own.
   */
  readonly token?: string;
  /** Epoch milliseconds, for faults that last; default the machine's clock. */
  readonly clock?: () => number;
}

export interface ConsulSandbox {
  readonly url: string;
  readonly faults: Faults;
  /** Every key with its value as text, in order. */
  listKeys(): ReadonlyMap<string, string>;
  /** Descriptions of all tokens by accessor, and names of all policies. Empty where access control is off. */
  listTokens(): ReadonlyMap<string, string>;
  listPolicies(): readonly string[];
  /** Away until `start`; keys are kept. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const DATACENTER = 'dc1';
/** The version whose answers these are. */
const VERSION = '1.8.7';
const LEADER = '127.0.0.1:8300';

/** Serves Consul's KV, transaction and ACL API on 127.0.0.1. */
export async function startConsulSandbox(options: ConsulSandboxOptions = {}): Promise<ConsulSandbox> {
  const store = new KeyStore();
  const acl = options.token === undefined ? undefined : new AclStore(options.token, options.clock ?? Date.now);

  async function handle(request: Incoming): Promise<Answer> {
    try {
      return await route(request, store, acl);
    } catch (error) {
      if (error instanceof ConsulError) return text(error.status, error.message, error.headers);
      throw error;
    }
  }

  const guarded = withFaults(
    handle,
    methodAndPath,
    (fault) => text(fault.status, fault.message ?? 'No cluster leader'),
    options.clock,
  );
  const server = await openLoopback(guarded.handle, options.port);
  return {
    url: server.url,
    faults: guarded.faults,
    listKeys: () => new Map(store.list('').map((entry) => [entry.key, entry.value.toString('utf8')])),
    listTokens: () =>
      new Map([...(acl?.tokens.values() ?? [])].map(({ AccessorID, Description }) => [AccessorID, Description])),
    listPolicies: () => [...(acl?.policies.values() ?? [])].map(({ Name }) => Name).sort(),
    stop: server.stop,
    start: server.start,
    close: server.stop,
  };
}

function route(request: Incoming, store: KeyStore, acl: AclStore | undefined): Answer | Promise<Answer> {
  const { path, query } = request;
  if (path === '/v1/status/leader') return json(200, LEADER);
  if (path === '/v1/status/peers') return json(200, [LEADER]);
  const token = tokenOf(request);
  const access = acl === undefined ? EVERYTHING : acl.accessOf(token);
  const datacenter = query.get('dc');
  if (datacenter !== null && datacenter !== '' && datacenter !== DATACENTER) {
    throw new ConsulError(500, 'No path to datacenter');
  }
  if (path.startsWith('/v1/acl/')) return handleAcl(request, path.slice('/v1/acl/'.length), token, acl);
  if (path === '/v1/agent/self') {
    if (!access.readAgent) throw new ConsulError(403, 'Permission denied');
    return json(200, { Config: { Datacenter: DATACENTER, NodeName: 'sandbox', Server: true, Version: VERSION } });
  }
  if (path === '/v1/txn') return handleTxn(request, store, access);
  if (path.startsWith('/v1/kv/')) return handleKv(request, decode(path.slice('/v1/kv/'.length)), store, access);
  return { status: 404 };
}

function tokenOf({ headers, query }: Incoming): string {
  const header = headers['x-consul-token'];
  if (typeof header === 'string') return header;
  return /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? query.get('token') ?? '';
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new ConsulError(400, 'Bad Request');
  }
}
