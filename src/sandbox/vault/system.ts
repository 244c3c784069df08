import type { Answer, Incoming } from '../loopback.ts';
import { envelope, json, VaultError } from './answers.ts';

/** The version whose documented answers these are. */
const VERSION = '1.15.6';
const CLUSTER = 'vault-cluster-sandbox';

/** What the unauthenticated system endpoints tell about the server. */
export interface SystemState {
  readonly sealed: boolean;
  readonly clusterId: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** `sys/health`. The status can be chosen by query, as load balancers do; 200 for active and 503 for sealed otherwise. */
export function health(state: SystemState, query: URLSearchParams): Answer {
  const chosen = Number(query.get(state.sealed ? 'sealedcode' : 'activecode'));
  return json(Number.isInteger(chosen) && chosen >= 100 && chosen < 600 ? chosen : state.sealed ? 503 : 200, {
    initialized: true,
    sealed: state.sealed,
    standby: state.sealed,
    performance_standby: false,
    replication_performance_mode: state.sealed ? 'unknown' : 'disabled',
    replication_dr_mode: state.sealed ? 'unknown' : 'disabled',
    server_time_utc: Math.floor(state.now / 1000),
    version: VERSION,
    ...(state.sealed ? {} : { cluster_name: CLUSTER, cluster_id: state.clusterId }),
  });
}

/** `sys/seal-status` of a dev server: one key share. */
export function sealStatus(state: SystemState): Answer {
  return json(200, {
    type: 'shamir',
    initialized: true,
    sealed: state.sealed,
    t: 1,
    n: 1,
    progress: 0,
    nonce: '',
    version: VERSION,
    migration: false,
    recovery_seal: false,
    storage_type: 'inmem',
    ...(state.sealed ? {} : { cluster_name: CLUSTER, cluster_id: state.clusterId }),
  });
}

function mount(type: string, description: string, options: Record<string, string> | null): object {
  return {
    type,
    description,
    accessor: `${type}_sandbox`,
    config: { default_lease_ttl: 0, force_no_cache: false, max_lease_ttl: 0 },
    external_entropy_access: false,
    local: false,
    options,
    seal_wrap: false,
  };
}

/** `sys/mounts`: the engines, given twice, once for clients older than the envelope. `kv` are names without a slash. */
export function mounts(kv: readonly string[]): Answer {
  const all = Object.fromEntries([
    ...kv.map((name) => [`${name}/`, mount('kv', 'key/value secret storage', { version: '2' })]),
    ['sys/', mount('system', 'system endpoints used for control, policy and debugging', null)],
  ]);
  return envelope(all, { beside: all });
}

/** `sys/internal/ui/mounts/PATH`: what Vault's own command line asks first, to know which kind of engine it talks to. */
export function mountOf(path: string, kv: readonly string[]): Answer {
  const name = kv.find((candidate) => path === candidate || path.startsWith(`${candidate}/`));
  if (name === undefined) {
    const complaint = "preflight capability check returned 403, please ensure client's policies grant access to path";
    throw new VaultError(403, `${complaint} "${path}/"`);
  }
  return envelope({ ...mount('kv', 'key/value secret storage', { version: '2' }), path: `${name}/` });
}

/** Whether a path is answered without a token. */
export function isOpen({ path }: Incoming): boolean {
  return path === '/v1/sys/health' || path === '/v1/sys/seal-status';
}
