import { invalidValue } from './errors.ts';
import type { Instance, Instances, NewInstance } from './instances.ts';
import type { Parameters } from './parameters.ts';
import { checkInstanceQuotas, checkSnapshotQuota, type Quotas } from './rules.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';
import type { Xml } from './xml.ts';

/** Something that was made once, whatever became of it. */
export interface Creation {
  readonly what: 'instance' | 'snapshot';
  readonly identifier: string;
  /** As they were at the creation. */
  readonly tags: ReadonlyMap<string, string>;
}

/** What an action works on. `region` is the one the call was signed for. */
export interface Account {
  readonly instances: Instances;
  readonly snapshots: Snapshots;
  readonly region: string;
  readonly quotas: Quotas;
  readonly creations: Creation[];
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** One action of the API: the content of its `...Result` element; undefined for actions that answer nothing. */
export type RdsAction = (parameters: Parameters, account: Account) => Xml;

const ACCOUNT_NUMBER = '123456789012';

/** Makes an instance, if there is room for it. */
export function addInstance(
  made: Omit<NewInstance, 'arn'>,
  { instances, region, quotas, creations }: Account,
): Instance {
  // An identifier that is taken is what RDS says first, whatever the quotas.
  if (instances.find(made.identifier) === undefined) {
    const held = instances.all().map(({ allocatedStorage }) => allocatedStorage);
    checkInstanceQuotas(held, made.allocatedStorage, quotas);
  }
  const instance = instances.create({ ...made, arn: `arn:aws:rds:${region}:${ACCOUNT_NUMBER}:db:${made.identifier}` });
  creations.push({ what: 'instance', identifier: instance.identifier, tags: instance.tags });
  return instance;
}

/** Takes a snapshot, if there is room for it. Without tags of its own it gets those of an instance that says so. */
export function addSnapshot(
  identifier: string,
  source: Instance,
  tags: ReadonlyMap<string, string>,
  { snapshots, quotas, creations }: Account,
): Snapshot {
  snapshots.refuseTaken(identifier);
  checkSnapshotQuota(snapshots.all().length, quotas);
  const copied = tags.size === 0 && source.plain.CopyTagsToSnapshot === true ? source.tags : tags;
  const snapshot = snapshots.create(identifier, source, copied);
  creations.push({ what: 'snapshot', identifier, tags: copied });
  return snapshot;
}

export interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

/** What is left of `all` by filters; `known` says of each filter's name whether a thing passes it with a value. */
export function filtered<Thing>(
  all: readonly Thing[],
  filters: readonly Filter[],
  known: ReadonlyMap<string, (thing: Thing, value: string) => boolean>,
): Thing[] {
  const unknown = filters.find(({ name }) => !known.has(name));
  if (unknown !== undefined) throw invalidValue(`Unrecognized filter name: ${unknown.name}`);
  return all.filter((thing) =>
    filters.every(({ name, values }) => values.some((value) => known.get(name)?.(thing, value))),
  );
}

export interface PageRequest {
  readonly most: number;
  readonly after: string;
}

export function pageRequest(parameters: Parameters): PageRequest {
  const most = parameters.integer('MaxRecords') ?? 100;
  const marker = parameters.text('Marker');
  if (most < 20 || most > 100) throw invalidValue(`Invalid value ${most} for MaxRecords. Must be between 20 and 100`);
  return { most, after: marker === undefined ? '' : Buffer.from(marker, 'base64url').toString() };
}

/** One page of things in the order of their identifiers, and where the next one begins. */
export function pageOf<Thing extends { readonly identifier: string }>(
  all: readonly Thing[],
  { most, after }: PageRequest,
): { page: readonly Thing[]; Marker: string | undefined } {
  const rest = all.filter(({ identifier }) => identifier > after);
  const page = rest.slice(0, most);
  const last = page.at(-1);
  const more = last !== undefined && page.length < rest.length;
  return { page, Marker: more ? Buffer.from(last.identifier).toString('base64url') : undefined };
}
