/** Server-side apply: the applier says which fields it wants to have which values, and owns exactly those. */
import { StatusError } from '../errors.ts';
import {
  difference,
  emptySet,
  type FieldPath,
  type FieldSet,
  hasMember,
  intersection,
  members,
  printPath,
  toFieldsV1,
  union,
} from '../fields/field-set.ts';
import {
  comparable,
  isSameManager,
  type Manager,
  newEntry,
  ownable,
  ownershipSchema,
  readManagers,
  type Writer,
  writable,
  writeManagers,
} from '../fields/managers.ts';
import { compare, fieldsOf, mergeTyped, without } from '../fields/typed.ts';
import { undeclared } from '../fields/undeclared.ts';
import { clone, equal, isMap, type JsonMap, parseJson } from '../json.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject, ManagedFieldsEntry } from '../objects.ts';
import type { Schema } from '../schema/schema.ts';

/**
 * The object after an apply; `live` is undefined when it does not exist yet. Throws 409 with one cause for each field
 * that another manager set to another value, unless `force`, which takes those fields over; 500 for fields that do not exist.
 */
export function applyConfiguration(
  kind: Kind,
  live: KubeObject | undefined,
  configuration: KubeObject,
  writer: Writer,
  force: boolean,
): KubeObject {
  const schema = ownershipSchema(kind);
  const entry = newEntry(kind, writer, 'Apply');
  const claimed = readManagers(live);
  const mine = claimed.find((manager) => isSameManager(manager.entry, entry));
  const others = claimed.filter((manager) => manager !== mine);

  const wanted = ownable(configuration);
  checkDeclared(kind, configuration, wanted, schema);
  const wantedFields = writable(fieldsOf(wanted, schema), kind, writer.subresource);
  const before = comparable(live);
  const laidOver = asMap(mergeTyped(before, restricted(wanted, kind, writer), schema));
  const dropped = mine === undefined ? emptySet() : difference(mine.fields, wantedFields);
  const held = others.map((manager) => manager.fields).reduce(union, wantedFields);
  const merged = asMap(without(laidOver, schema, withContainers(dropped, wantedFields), held));

  const { changed, removed } = compare(before, merged, schema);
  const conflicts = others.flatMap((manager) =>
    members(intersection(manager.fields, changed)).map((path) => ({ manager, path })),
  );
  if (!force) {
    const allowed = live === undefined || writer.name !== 'kubectl' ? emptySet() : lastAppliedFields(live, schema);
    const left = conflicts.filter(({ path }) => !hasMember(allowed, path));
    if (left.length > 0) throw conflictError(left);
  }

  const left = others.map((manager) => ({
    ...manager,
    fields: difference(difference(manager.fields, changed), removed),
  }));
  const same = mine !== undefined && equal(toFieldsV1(mine.fields), toFieldsV1(wantedFields));
  const own = { entry: same ? mine.entry : entry, fields: wantedFields };
  return assembled(kind, live, configuration, merged, writeManagers([...left, own]));
}

/** As the real server: the first one, whatever `fieldValidation` says, with a 500 without a reason, though the request is to blame. */
function checkDeclared(kind: Kind, configuration: KubeObject, wanted: JsonMap, schema: Schema): void {
  if (kind.schema === undefined || !(kind.custom || kind.typeName !== undefined)) return;
  const [first] = undeclared(wanted, schema);
  if (first === undefined) return;
  const { namespace, name } = configuration.metadata;
  const object = `${namespace ?? ''}/${name}; ${kind.group}/${kind.version}, Kind=${kind.kind}`;
  throw new StatusError(
    500,
    '',
    `failed to create typed patch object (${object}): ${printPath(first)}: field not declared in schema`,
  );
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The fields of kubectl's client-side apply. As the real server: kubectl may take them over without force, so that it can go over to applying on
 * the server.
 */
function lastAppliedFields(live: KubeObject, schema: Schema): FieldSet {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  if (text === undefined) return emptySet();
  try {
    const applied = parseJson(text);
    if (!isMap(applied)) return emptySet();
    const { apiVersion: _apiVersion, kind: _kind, ...content } = applied;
    return fieldsOf(content, schema);
  } catch {
    // An annotation that somebody spoilt allows nothing.
    return emptySet();
  }
}

/** What remains of a configuration when the part this (sub)resource cannot write is left out. */
function restricted(wanted: JsonMap, kind: Kind, writer: Writer): JsonMap {
  if (writer.subresource === 'status') return wanted.status === undefined ? {} : { status: wanted.status };
  if (!kind.hasStatus) return wanted;
  const { status: _status, ...rest } = wanted;
  return rest;
}

/** A container that the applier no longer mentions at all leaves with its fields. */
function withContainers(dropped: FieldSet, wanted: FieldSet | undefined): FieldSet {
  return {
    member: dropped.member || wanted === undefined,
    children: new Map(
      [...dropped.children].map(([element, child]) => [element, withContainers(child, wanted?.children.get(element))]),
    ),
  };
}

function assembled(
  kind: Kind,
  live: KubeObject | undefined,
  configuration: KubeObject,
  merged: JsonMap,
  managedFields: ManagedFieldsEntry[],
): KubeObject {
  const { metadata, ...rest } = clone(merged);
  const known = live?.metadata ?? configuration.metadata;
  const system = Object.fromEntries(
    ['name', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp']
      .concat('deletionGracePeriodSeconds', 'generateName')
      .flatMap((key) => (known[key] === undefined ? [] : [[key, known[key]]])),
  );
  // An applied version or uid is a precondition, checked by whoever stores the object.
  for (const key of ['resourceVersion', 'uid'] as const) {
    if (configuration.metadata[key] !== undefined) system[key] = configuration.metadata[key];
  }
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name: configuration.metadata.name, ...(isMap(metadata) ? metadata : {}), ...system, managedFields },
    ...rest,
  };
}

function asMap(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}

interface Conflict {
  readonly manager: Manager;
  readonly path: FieldPath;
}

function conflictError(conflicts: readonly Conflict[]): StatusError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${printManager(manager.entry)}`,
    field: printPath(path),
  }));
  return new StatusError(409, 'Conflict', conflictMessage(conflicts), { causes });
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${printManager(first.manager.entry)}: ${printPath(first.path)}`;
  }
  const byManager = new Map<string, string[]>();
  for (const { manager, path } of conflicts) {
    const name = printManager(manager.entry);
    byManager.set(name, [...(byManager.get(name) ?? []), `- ${printPath(path)}`]);
  }
  const told = [...byManager]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, paths]) => [`conflicts with ${name}:`, ...paths]);
  return `Apply failed with ${conflicts.length} conflicts: ${told.join('\n')}`;
}

function printManager(entry: ManagedFieldsEntry): string {
  const name =
    JSON.stringify(entry.manager) + (entry.subresource === undefined ? '' : ` with subresource "${entry.subresource}"`);
  if (entry.operation === 'Apply') return name;
  return `${name} using ${entry.apiVersion}${entry.time === undefined ? '' : ` at ${entry.time}`}`;
}
