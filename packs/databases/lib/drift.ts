import type { DatabaseClass } from './classes.ts';
import type { About } from './doubts.ts';
import { configurationOf } from './publishing.ts';
import { type Instance, isVersion } from './rds.ts';
import type { Outputs, Spec } from './subject.ts';
import type { WishedDatabase } from './wishes.ts';

/** A database on a server, as its list says it. */
export interface ServerDatabase {
  readonly owner: string;
  readonly state: {
    readonly database?: string;
    readonly username?: string | null;
    readonly password_key?: string | null;
    readonly missing?: readonly string[];
  };
}

/** What was seen outside. Undefined: it could not be looked at, and so nothing is said about it. */
export interface Seen {
  readonly instances: readonly Instance[];
  /** By class. */
  readonly servers: ReadonlyMap<string, readonly ServerDatabase[] | undefined>;
  readonly keys: ReadonlyMap<string, string> | undefined;
  /** Paths of secrets in Vault. */
  readonly secrets: ReadonlySet<string> | undefined;
  readonly policies: ReadonlySet<string> | undefined;
  /** NAMESPACE/NAME of the Secrets that are ours, to the tag they carry and the digest of what they say. */
  readonly kubernetesSecrets: ReadonlyMap<string, { readonly owner: string; readonly digest: string }>;
  /** Uids of those whose secret in Vault is not what was written, whom their server does not let in, whose password at RDS was reset. */
  readonly doubted: Readonly<Record<About | 'reset', ReadonlySet<string>>>;
}

export interface Item {
  readonly owner: string;
  readonly state: Readonly<Record<string, string | number>>;
  readonly drift: readonly string[];
}

/** Everything that exists, with what is not as it should be in the words of the spec. Pure. */
export function itemsOf(
  wishes: readonly WishedDatabase[],
  classes: ReadonlyMap<string, DatabaseClass>,
  seen: Seen,
): readonly Item[] {
  const byUid = new Map(wishes.map((wish) => [wish.uid, wish]));
  const wishOf = (tag: string) => byUid.get(tag.slice(tag.lastIndexOf('/') + 1));
  const items: Item[] = [];
  for (const instance of seen.instances) {
    const { owner } = instance;
    // One that goes is as good as gone.
    if (owner === null || instance.status === 'deleting') continue;
    const wish = wishOf(owner);
    const chosen = wish === undefined ? undefined : classes.get(wish.spec.class);
    const state = wish === undefined || chosen === undefined ? {} : stateOf(instance, wish.spec, chosen);
    items.push({
      owner,
      state,
      drift: wish === undefined ? [] : [...moved(instance, wish, chosen), ...lost(wish, owner, seen)],
    });
  }
  for (const [name, databases] of seen.servers) {
    for (const { owner, state } of databases ?? []) {
      const wish = wishOf(owner);
      const missing = (state.missing ?? []).map((what) => `the ${what} on the server is missing`);
      items.push({ owner, state: {}, drift: wish === undefined ? [] : [...missing, ...lost(wish, owner, seen)] });
    }
    if (databases !== undefined) continue;
    // The server does not answer: what is there stays there.
    for (const { spec, made, tag } of wishes) {
      if (spec.class === name && made !== null && tag !== null) items.push({ owner: tag, state: {}, drift: [] });
    }
  }
  return items;
}

/** Storage beyond what is wished is no difference: RDS grows it by itself, and cannot take it back. */
function stateOf(instance: Instance, spec: Spec, { sizes }: DatabaseClass): Item['state'] {
  const { instance_class, allocated_storage, engine_version } = instance;
  const wished = sizes[spec.size]?.instanceClass;
  const other = Object.entries(sizes).find(([, size]) => size.instanceClass === instance_class)?.[0];
  return {
    size: wished === instance_class ? spec.size : (other ?? instance_class),
    ...(spec.replicaOf === undefined && {
      storageGb: Math.max(allocated_storage, 0) >= spec.storageGb ? spec.storageGb : allocated_storage,
    }),
    ...(spec.engineVersion !== undefined && {
      engineVersion: isVersion(engine_version, spec.engineVersion) ? spec.engineVersion : (engine_version ?? ''),
    }),
  };
}

/** What an instance is otherwise than it was made. */
function moved(
  instance: Instance,
  { made, spec }: WishedDatabase,
  chosen: DatabaseClass | undefined,
): readonly string[] {
  if (made === null) return [];
  const { host, port, engine_version, multi_az, backup_retention } = instance;
  const { multiAz, backupRetention } = chosen?.rds ?? {};
  const isReplica = spec.replicaOf !== undefined;
  return [
    ...(host !== null && (host !== made.endpoint || port !== made.port) ? ['its endpoint'] : []),
    ...(engine_version !== null && engine_version !== made.engineVersion ? ['its engine version'] : []),
    ...(multiAz !== undefined && multi_az !== undefined && multiAz !== multi_az ? ['multi-AZ'] : []),
    ...(!isReplica && backupRetention !== undefined && (backup_retention ?? backupRetention) !== backupRetention
      ? ['the retention of its backups']
      : []),
  ];
}

/** What was published and is not there any more, or is something else. */
function lost(
  wish: WishedDatabase,
  tag: string,
  { keys, secrets, policies, kubernetesSecrets, doubted }: Seen,
): readonly string[] {
  const { made, namespace, due, uid, secretDigest } = wish;
  if (made === null) return [];
  const wrong = (key: string, value: string) => keys !== undefined && keys.get(`${made.consulPath}/${key}`) !== value;
  const configuration = Object.entries(configurationOf(made, tag)).flatMap(([key, value]) =>
    wrong(key, value) ? [`the key ${made.consulPath}/${key} in Consul`] : [],
  );
  const { secret } = made as Outputs;
  return [
    ...due,
    ...configuration,
    ...(secrets?.has(made.vaultPath) === false
      ? [`the secret ${made.vaultPath} in Vault`]
      : doubted.secret.has(uid)
        ? [`the content of the secret ${made.vaultPath} in Vault`]
        : []),
    ...(doubted.login.has(uid) ? ['the login of its user, which the server refuses'] : []),
    ...(doubted.reset.has(uid) ? ['its master password, which somebody has reset'] : []),
    ...(policies?.has(made.vaultPolicy) === false ? [`the policy ${made.vaultPolicy} in Vault`] : []),
    ...(secret === undefined ? [] : wrongSecret(`${namespace}/${secret}`, tag, secretDigest, kubernetesSecrets)),
  ];
}

function wrongSecret(
  path: string,
  tag: string,
  digest: string | null,
  found: Seen['kubernetesSecrets'],
): readonly string[] {
  const there = found.get(path);
  if (there?.owner !== tag) return [`the Secret ${path}`];
  return digest !== null && there.digest !== digest ? [`the content of the Secret ${path}`] : [];
}
