/** From a request's body to an object of the kind the path names. */
import { badRequest } from '../errors.ts';
import { isMap, type Json, type JsonMap } from '../json.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject, ObjectMeta } from '../objects.ts';
import { childSchema, type Schema } from '../schema/schema.ts';

/** Throws 400 for what is no object of this kind. The object's metadata exists afterwards, its name may be empty. */
export function decodeObject(kind: Kind, body: Json): KubeObject {
  if (!isMap(body)) {
    throw badRequest(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${nameOf(body)} into Go value`,
    );
  }
  const { apiVersion, kind: given } = body;
  if (given === undefined || given === '') throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(body)}'`);
  if (apiVersion === undefined || apiVersion === '') {
    throw badRequest(`Object 'apiVersion' is missing in '${JSON.stringify(body)}'`);
  }
  // A ThirdPartyResource's objects were posted with either form of their version.
  const acceptable = kind.listed
    ? [kind.apiVersion]
    : [kind.apiVersion, `${kind.group}/${kind.version.split('/').at(-1) ?? ''}`];
  if (typeof apiVersion !== 'string' || !acceptable.includes(apiVersion)) {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${kind.apiVersion})`,
    );
  }
  if (given !== kind.kind) {
    throw badRequest(`${String(given)} in version "${kind.version}" cannot be handled as a ${kind.kind}`);
  }
  const content = kind.custom || kind.kind === 'CustomResourceDefinition' ? body : withoutNulls(body);
  if (kind.typeName !== undefined) dropEmpty(content, kind.schema);
  return { ...content, apiVersion: kind.apiVersion, kind: kind.kind, metadata: decodeMeta(kind, body.metadata) };
}

/** Lists and maps without anything in them are absent once they went through a typed structure, unless they are always written. */
function dropEmpty(map: JsonMap, schema: Schema | undefined): void {
  for (const [key, value] of Object.entries(map)) {
    const child = childSchema(schema, key);
    const needed = schema?.required?.includes(key) === true;
    if (Array.isArray(value)) {
      if (value.length === 0 && !needed) delete map[key];
      for (const item of value) if (isMap(item)) dropEmpty(item, child?.items);
    } else if (isMap(value)) {
      if (Object.keys(value).length === 0 && child?.additionalProperties !== undefined && !needed) delete map[key];
      else dropEmpty(value, child);
    }
  }
}

/** Built-in kinds are decoded into typed structures, where null means absent; in custom kinds, and in the schemas of CRDs, it is a value. */
function withoutNulls(map: JsonMap): JsonMap {
  const kept: JsonMap = {};
  for (const [key, value] of Object.entries(map)) {
    if (value === null || value === undefined) continue;
    kept[key] = Array.isArray(value)
      ? value.map((item) => (isMap(item) ? withoutNulls(item) : item))
      : isMap(value)
        ? withoutNulls(value)
        : value;
  }
  return kept;
}

const STRINGS = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
] as const;

function decodeMeta(kind: Kind, given: Json | undefined): ObjectMeta {
  const refuse = (field: string, value: Json | undefined, type: string) =>
    badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: json: cannot unmarshal ${nameOf(value)} into Go struct field ObjectMeta.${field} of type ${type}`,
    );
  if (given !== undefined && given !== null && !isMap(given)) throw refuse('metadata', given, 'v1.ObjectMeta');
  const meta: ObjectMeta = { name: '' };
  // Nulls in metadata mean absent, as Go's decoder has it.
  for (const [key, value] of Object.entries(given ?? {})) if (value !== null && value !== undefined) meta[key] = value;
  for (const key of STRINGS) {
    if (meta[key] !== undefined && typeof meta[key] !== 'string') throw refuse(`metadata.${key}`, meta[key], 'string');
  }
  for (const key of ['labels', 'annotations'] as const) {
    const map: unknown = meta[key];
    if (map === undefined) continue;
    if (!isMap(map)) throw refuse(`metadata.${key}`, meta[key], 'map[string]string');
    for (const value of Object.values(map)) {
      if (typeof value !== 'string') throw refuse(`metadata.${key}`, value, 'string');
    }
  }
  for (const key of ['finalizers', 'ownerReferences', 'managedFields'] as const) {
    const list: unknown = meta[key];
    if (list !== undefined && !Array.isArray(list)) throw refuse(`metadata.${key}`, meta[key], '[]');
  }
  return meta;
}

function nameOf(value: Json | undefined): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}
