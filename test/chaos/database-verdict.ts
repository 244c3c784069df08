/** What the databases pack may and must have left in the world, from the objects of the cluster. Pure: it looks at nothing itself. */

export interface PostedDatabase {
  readonly uid: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly spec: {
    readonly size: string;
    readonly storageGb: number;
    /** Another one than the default, of RDS, is a server that exists. */
    readonly class?: string;
    readonly deletionPolicy?: string;
    readonly credentials?: { readonly secret?: string };
  };
  /** Whether its status says, for the present generation, that all is as wished. */
  readonly ready: boolean;
  readonly deleting: boolean;
  /** What its status says about the instance. */
  readonly instance: string | undefined;
}

export interface Outside {
  readonly instances: readonly Owned[];
  readonly snapshots: readonly Owned[];
  /** Everything that was ever created. */
  readonly creations: readonly (Owned & { readonly what: string })[];
  readonly consulKeys: ReadonlyMap<string, string>;
  readonly vaultSecrets: readonly string[];
  readonly vaultPolicies: readonly string[];
  /** Namespace and name of the Secrets that the pack has written. */
  readonly kubernetesSecrets: readonly string[];
  readonly datastoreKeys: readonly string[];
  /** Whether the credentials that are published for an object log in at its instance. */
  logsIn(object: PostedDatabase): boolean;
}

export interface Owned {
  readonly id: string;
  /** The uid in the owner's tag; empty without a tag. */
  readonly uid: string;
  readonly instanceClass?: string;
  readonly storage?: number;
}

export interface Past {
  /** Uids of all objects that ever wished a snapshot before their deletion. */
  readonly mayHaveSnapshot: ReadonlySet<string>;
  /** Of those among them that were ready when they were deleted. */
  readonly mustHaveSnapshot: ReadonlySet<string>;
}

const CLASSES: Readonly<Record<string, string>> = { small: 'db.t3.small', medium: 'db.m5.large' };

/** Everything that is not as it must be; nothing when all is well. */
export function databaseProblems(objects: readonly PostedDatabase[], outside: Outside, past: Past): string[] {
  const byUid = new Map(objects.map((object) => [object.uid, object]));
  return [
    ...objects.flatMap((object) => problemsOf(object, outside)),
    ...leftInstances(outside, byUid),
    ...leftSnapshots(outside, past),
    ...doubled(outside),
    ...leftPublished(objects, outside),
    ...leftKeys(outside, byUid),
  ];
}

function problemsOf(object: PostedDatabase, { instances, consulKeys, vaultSecrets, logsIn }: Outside): string[] {
  const title = `${object.kind} ${object.namespace}/${object.name}`;
  if (object.deleting) return [`${title} is being deleted and does not go`];
  if (!object.ready) return [`${title} is not ready`];
  const path = `databases/${object.namespace}/${object.name}`;
  const onServer = (object.spec.class ?? 'default') !== 'default';
  const published = [
    !consulKeys.has(`${path}/host`) && `is not in Consul: there is no ${path}/host`,
    !vaultSecrets.includes(path) ? 'is not in Vault' : !logsIn(object) && 'has credentials in Vault that do not log in',
  ];
  const wrong = [...(onServer ? [] : wrongInstance(object, { instances, consulKeys })), ...published];
  return wrong.flatMap((text) => (text === false ? [] : [`${title} ${text}`]));
}

function wrongInstance(
  object: PostedDatabase,
  { instances, consulKeys }: Pick<Outside, 'instances' | 'consulKeys'>,
): (string | false)[] {
  const own = instances.filter(({ uid }) => uid === object.uid);
  const [instance] = own;
  if (instance === undefined || own.length > 1) return [`has ${own.length} instances`];
  const host = consulKeys.get(`databases/${object.namespace}/${object.name}/host`);
  const { size, storageGb } = object.spec;
  return [
    instance.id !== object.instance && `says ${object.instance}, and its instance is ${instance.id}`,
    instance.instanceClass !== CLASSES[size] && `is of size ${size}, and its instance is ${instance.instanceClass}`,
    // RDS makes a small growth a tenth.
    !((instance.storage ?? 0) >= storageGb && (instance.storage ?? 0) <= Math.ceil(storageGb * 1.1)) &&
      `asks for ${storageGb} GB, and its instance has ${instance.storage}`,
    host !== undefined && !host.startsWith(`${instance.id}.`) && `is in Consul at ${host}`,
  ];
}

function leftInstances({ instances }: Outside, byUid: ReadonlyMap<string, PostedDatabase>): string[] {
  return instances.flatMap(({ id, uid }) => (byUid.has(uid) ? [] : [`the instance ${id} is left over`]));
}

function leftSnapshots({ snapshots }: Outside, { mayHaveSnapshot, mustHaveSnapshot }: Past): string[] {
  const had = new Set(snapshots.map(({ uid }) => uid));
  return [
    ...snapshots.flatMap(({ id, uid }) => (mayHaveSnapshot.has(uid) ? [] : [`nobody asked for the snapshot ${id}`])),
    ...[...mustHaveSnapshot].flatMap((uid) => (had.has(uid) ? [] : [`there is no snapshot of the deleted ${uid}`])),
  ];
}

function doubled({ creations }: Outside): string[] {
  const counts = new Map<string, number>();
  for (const { what, id, uid } of creations) {
    const key = `${what} ${id} of ${uid || 'nobody'}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const perOwner = groupBy(creations, ({ what, uid }) => `${what} of ${uid || 'nobody'}`);
  return [
    ...[...counts].flatMap(([key, count]) => (count > 1 ? [`the ${key} was created ${count} times`] : [])),
    ...[...perOwner].flatMap(([key, all]) => {
      const ids = new Set(all.map(({ id }) => id));
      return ids.size > 1 || key.endsWith('nobody') ? [`${key}: ${[...ids].join(', ')}`] : [];
    }),
  ];
}

function leftPublished(objects: readonly PostedDatabase[], outside: Outside): string[] {
  const paths = new Set(objects.map(({ namespace, name }) => `databases/${namespace}/${name}`));
  const policies = new Set(objects.map(({ namespace }) => `databases-${namespace}`));
  const secrets = new Set(
    objects.flatMap(({ namespace, spec }) => {
      const { secret } = spec.credentials ?? {};
      return secret === undefined ? [] : [`${namespace}/${secret}`];
    }),
  );
  const isOurs = (path: string) => path.startsWith('databases/');
  const pathOf = (key: string) => key.split('/').slice(0, 3).join('/');
  return [
    ...[...outside.consulKeys.keys()].filter((key) => isOurs(key) && !paths.has(pathOf(key))).map(left("Consul's key")),
    ...outside.vaultSecrets.filter((path) => isOurs(path) && !paths.has(path)).map(left("Vault's secret")),
    ...outside.vaultPolicies
      .filter((name) => name.startsWith('databases-') && !policies.has(name))
      .map(left("Vault's policy")),
    ...[...policies]
      .filter((name) => !outside.vaultPolicies.includes(name))
      .map((name) => `the policy ${name} is missing`),
    ...outside.kubernetesSecrets.filter((name) => !secrets.has(name)).map(left('the Secret')),
    ...[...secrets]
      .filter((name) => !outside.kubernetesSecrets.includes(name))
      .map((name) => `the Secret ${name} is missing`),
  ];
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

const left = (what: string) => (name: string) => `${what} ${name} is left over`;

function leftKeys({ datastoreKeys }: Outside, byUid: ReadonlyMap<string, PostedDatabase>): string[] {
  const uidIn = (key: string) => /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(key)?.[0];
  const ours = datastoreKeys.filter((key) => key.startsWith('databases.'));
  const passwords = groupBy(
    ours.filter((key) => key.includes('.password.')),
    (key) => uidIn(key) ?? '',
  );
  return [
    ...ours.filter((key) => uidIn(key) !== undefined && !byUid.has(uidIn(key) ?? '')).map(left('the datastore key')),
    ...[...passwords].flatMap(([uid, keys]) => (keys.length > 1 ? [`${uid} has ${keys.length} passwords`] : [])),
  ];
}
