/** managedFields: who set which field, kept up to date on every write. */
import { equal, isMap, type JsonMap } from '../json.ts';
import type { Kind } from '../kinds/kind.ts';
import { schemaOf, skeletonOf } from '../kinds/schemas/types.ts';
import { type KubeObject, type ManagedFieldsEntry, timestamp } from '../objects.ts';
import type { Schema } from '../schema/schema.ts';
import { difference, type FieldSet, fromFieldsV1, isEmpty, restrictedTo, toFieldsV1, union } from './field-set.ts';
import { compare } from './typed.ts';

/** A manager's entry with its fields read. */
export interface Manager {
  readonly entry: ManagedFieldsEntry;
  readonly fields: FieldSet;
}

export interface Writer {
  readonly name: string;
  readonly subresource: string | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Metadata that belongs to the server and is owned by nobody. */
const SERVER_METADATA = new Set(
  [
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ].concat('deletionTimestamp', 'deletionGracePeriodSeconds'),
);

/** The kind's schema with the metadata every kind has. */
export function ownershipSchema(kind: Kind): Schema {
  const schema = kind.schema ?? {};
  return { ...schema, properties: { ...schema.properties, metadata: schemaOf('meta.v1.ObjectMeta') } };
}

/** The part of an object whose fields can be owned. */
export function ownable(object: KubeObject): JsonMap {
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object;
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !SERVER_METADATA.has(key)));
  return Object.keys(kept).length === 0 ? rest : { metadata: kept, ...rest };
}

/** What two states are compared by. Metadata is always there, so that nobody comes to own it itself, only what is in it. */
export function comparable(object: KubeObject | undefined): JsonMap {
  return { metadata: {}, ...(object === undefined ? {} : ownable(object)) };
}

/** Leaves out what a write to this (sub)resource cannot touch. */
export function writable(fields: FieldSet, kind: Kind, subresource: string | undefined): FieldSet {
  if (subresource === 'status') return restrictedTo(fields, (element) => element === 'f:status');
  return kind.hasStatus ? restrictedTo(fields, (element) => element !== 'f:status') : fields;
}

export function readManagers(object: KubeObject | undefined): Manager[] {
  return (object?.metadata.managedFields ?? []).flatMap((entry) =>
    isMap(entry.fieldsV1) && typeof entry.manager === 'string' ? [{ entry, fields: fromFieldsV1(entry.fieldsV1) }] : [],
  );
}

export function writeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] {
  return managers
    .filter((manager) => !isEmpty(manager.fields))
    .map(({ entry, fields }) => ({ ...entry, fieldsV1: toFieldsV1(fields) }))
    .sort((a, b) => {
      if (a.operation !== b.operation) return a.operation === 'Apply' ? -1 : 1;
      return (a.time ?? '').localeCompare(b.time ?? '') || a.manager.localeCompare(b.manager);
    });
}

export function isSameManager(
  entry: ManagedFieldsEntry,
  other: Omit<ManagedFieldsEntry, 'fieldsV1' | 'fieldsType' | 'time'>,
): boolean {
  return (
    entry.manager === other.manager &&
    entry.operation === other.operation &&
    entry.apiVersion === other.apiVersion &&
    (entry.subresource ?? '') === (other.subresource ?? '')
  );
}

export function newEntry(kind: Kind, writer: Writer, operation: 'Apply' | 'Update'): ManagedFieldsEntry {
  return {
    manager: writer.name,
    operation,
    apiVersion: kind.apiVersion,
    time: timestamp(writer.now),
    fieldsType: 'FieldsV1',
    fieldsV1: {},
    ...(writer.subresource === undefined ? {} : { subresource: writer.subresource }),
  };
}

function emptyObject(kind: Kind): JsonMap {
  return kind.typeName === undefined ? {} : skeletonOf(kind.typeName);
}

/**
 * The managers after a create, replace or patch: the writer owns what it added or changed, whoever owned that before no longer
 * does, and nobody owns what is gone. `claimed` are the managers as they were (or as the writer set them).
 */
export function afterUpdate(
  kind: Kind,
  before: KubeObject | undefined,
  after: KubeObject,
  claimed: readonly Manager[],
  writer: Writer,
): ManagedFieldsEntry[] {
  const schema = ownershipSchema(kind);
  const { changed, removed } = compare(
    before === undefined ? { ...emptyObject(kind), metadata: {} } : ownable(before),
    ownable(after),
    schema,
  );
  const mine = writable(changed, kind, writer.subresource);
  if (isEmpty(mine) && isEmpty(removed)) return writeManagers(claimed);
  const entry = newEntry(kind, writer, 'Update');
  const managers: Manager[] = [];
  let own: Manager = { entry, fields: mine };
  for (const manager of claimed) {
    const stillThere = difference(manager.fields, removed);
    if (isSameManager(manager.entry, entry)) {
      const fields = union(stillThere, mine);
      // The time says when the set of fields changed last, not the values.
      const unchanged = equal(toFieldsV1(fields), toFieldsV1(manager.fields)) && isEmpty(mine);
      own = { entry: unchanged ? manager.entry : entry, fields };
    } else {
      managers.push({ entry: manager.entry, fields: difference(stillThere, mine) });
    }
  }
  return writeManagers([...managers, own]);
}
