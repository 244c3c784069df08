/** OpenAPI documents made from the kinds being served: what kubectl explains, validates and applies by. */
import { createHash } from 'node:crypto';
import type { JsonMap } from './json.ts';
import type { Kind } from './kinds/kind.ts';
import { schemaName, schemaOf } from './kinds/schemas/types.ts';
import { DELETE_OPTIONS, deleteOptions, PATCH, patchBody, pathsOf, STATUS, status } from './openapi-paths.ts';
import { servedPaths, subresourcePaths } from './openapi-subresources.ts';
import type { Registry } from './registry.ts';
import { isSchema, type Schema } from './schema/schema.ts';

/** `/openapi/v3`: where the document of each group and version is; the hash makes clients fetch again what changed. */
export function openApiIndex(registry: Registry): JsonMap {
  const paths: JsonMap = {};
  for (const [path, kinds] of byGroupVersion(registry)) {
    const hash = createHash('sha256')
      .update(JSON.stringify(documentOf(kinds, registry, 3)))
      .digest('hex')
      .toUpperCase();
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
  }
  return { paths };
}

/** `/openapi/v3/apis/GROUP/VERSION` or `/openapi/v3/api/v1`; undefined when nothing is served there. */
export function openApiV3(path: string, registry: Registry): JsonMap | undefined {
  const kinds = byGroupVersion(registry).get(path);
  if (kinds === undefined) return undefined;
  const { schemas, paths } = documentOf(kinds, registry, 3);
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1.32.0' }, paths, components: { schemas } };
}

export const OPENAPI_V2_BINARY = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

/**
 * `/openapi/v2` in the only form Go clients ask for: a document that is valid and describes nothing (gnostic's openapi.v2.Document: swagger 2.0,
 * info, no paths). They leave the checking of what it does not describe to the server.
 */
export function openApiV2Binary(): Buffer {
  const field = (number: number, content: Buffer) =>
    Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
  const info = Buffer.concat([field(1, Buffer.from('Kubernetes')), field(2, Buffer.from('v1.32.0'))]);
  return Buffer.concat([field(1, Buffer.from('2.0')), field(2, info), field(8, Buffer.alloc(0))]);
}

/** `/openapi/v2` in JSON. */
export function openApiV2(registry: Registry): JsonMap {
  const { schemas, paths } = documentOf(registry.listed(), registry, 2);
  return { swagger: '2.0', info: { title: 'Kubernetes', version: 'v1.32.0' }, paths, definitions: schemas };
}

function byGroupVersion(registry: Registry): Map<string, Kind[]> {
  const groups = new Map<string, Kind[]>();
  for (const kind of registry.listed()) {
    const path = kind.group === '' ? `api/${kind.version}` : `apis/${kind.group}/${kind.version}`;
    groups.set(path, [...(groups.get(path) ?? []), kind]);
  }
  return groups;
}

function documentOf(
  kinds: readonly Kind[],
  registry: Registry,
  dialect: 2 | 3,
): { schemas: Record<string, JsonMap>; paths: JsonMap } {
  const prefix = dialect === 3 ? '#/components/schemas/' : '#/definitions/';
  const schemas: Record<string, JsonMap> = {
    [LIST_META]: listMeta,
    [PATCH]: patchBody,
    [DELETE_OPTIONS]: deleteOptions,
    [STATUS]: status(prefix + LIST_META),
  };
  define(schemaOf('meta.v1.ObjectMeta'), prefix, schemas);
  const paths: JsonMap = {};
  for (const kind of kinds) {
    const name = definitionName(kind);
    const whole =
      kind.typeName === undefined ? wholeSchema(kind, prefix) : described(schemaOf(kind.typeName), prefix, schemas);
    schemas[name] = whole;
    schemas[`${name}List`] = listSchema(kind, prefix + name, prefix);
    const known = (type: string) => define(schemaOf(type), prefix, schemas);
    Object.assign(paths, servedPaths(kind, pathsOf(kind, name, dialect)), subresourcePaths(kind, dialect, known));
  }
  // Of other groups' kinds as well (a StatefulSet holds PersistentVolumeClaims): a definition is the same in every document.
  for (const kind of registry.listed()) {
    const name = definitionName(kind);
    const whole = schemas[name];
    if (whole !== undefined) schemas[name] = { ...whole, 'x-kubernetes-group-version-kind': [gvkOf(kind)] };
  }
  return { schemas, paths };
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const LIST_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';
const listMeta: Schema = {
  description: 'ListMeta describes metadata that synthetic resources must have.',
  type: 'object',
  properties: {
    continue: { type: 'string' },
    remainingItemCount: { type: 'integer', format: 'int64' },
    resourceVersion: { type: 'string' },
    selfLink: { type: 'string' },
  },
};

/** `io.prsn.v1.MysqlDb`: the group reversed, as the real server names definitions. */
function definitionName(kind: Kind): string {
  if (!kind.custom) {
    const group = kind.group === '' ? 'core' : kind.group.split('.')[0];
    return `io.k8s.api.${group}.${kind.version}.${kind.kind}`;
  }
  return [...kind.group.split('.').reverse(), kind.version, kind.kind].join('.');
}

const MACHINERY = 'io.k8s.apimachinery.pkg';
const SPECIAL: Readonly<Record<string, string>> = {
  'resource.Quantity': `${MACHINERY}.api.resource.Quantity`,
  'intstr.IntOrString': `${MACHINERY}.util.intstr.IntOrString`,
};

/** `core.v1.PodSpec` as the real server's documents call it: `io.k8s.api.core.v1.PodSpec`. */
function typeDefinition(type: string): string {
  return SPECIAL[type] ?? (type.startsWith('meta.') ? `${MACHINERY}.apis.${type}` : `io.k8s.api.${type}`);
}

/** Puts a type of Kubernetes' own, and all that it refers to, among the definitions. Returns its name there. */
function define(schema: Schema, prefix: string, schemas: JsonMap): string {
  const type = schemaName(schema) ?? '';
  const name = typeDefinition(type);
  if (!Object.hasOwn(schemas, name)) {
    // Known before it is described: a type may hold itself.
    schemas[name] = {};
    schemas[name] = SPECIAL[type] === undefined ? described(schemaOf(type), prefix, schemas) : scalar(type, prefix);
  }
  return name;
}

/** What is text or a number, in the words of either dialect. */
function scalar(type: string, prefix: string): JsonMap {
  const number = type === 'resource.Quantity' ? 'number' : 'integer';
  const format = type === 'resource.Quantity' ? {} : { format: 'int-or-string' };
  return prefix.startsWith('#/components/')
    ? { ...format, oneOf: [{ type: 'string' }, { type: number }] }
    : { type: 'string', ...format };
}

/** A schema with references in place of the named types in it. */
function described(schema: Schema, prefix: string, schemas: JsonMap): JsonMap {
  const inner = (child: Schema): JsonMap => {
    if (schemaName(child) === undefined) return described(child, prefix, schemas);
    const to = prefix + define(child, prefix, schemas);
    return child.description === undefined ? { $ref: to } : reference(to, child.description);
  };
  const { properties, items, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([key, child]) => [key, inner(child)])) }),
    ...(items === undefined ? {} : { items: inner(items) }),
    ...(isSchema(additionalProperties) ? { additionalProperties: inner(additionalProperties) } : {}),
  };
}

function gvkOf(kind: Kind): JsonMap {
  return { group: kind.group, version: kind.version, kind: kind.kind };
}

function wholeSchema(kind: Kind, prefix: string): JsonMap {
  const { properties, ...schema } = kind.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    ...schema,
    properties: {
      ...(isSchema(properties) ? properties : {}),
      apiVersion: {
        type: 'string',
        description: 'APIVersion defines the versioned schema of this representation of an object.',
      },
      kind: {
        type: 'string',
        description: 'Kind is a string value representing the REST resource this object represents.',
      },
      metadata: reference(prefix + META, "Standard object's metadata."),
    },
  };
}

function reference(to: string, description: string): JsonMap {
  return to.startsWith('#/components/')
    ? { description, default: {}, allOf: [{ $ref: to }] }
    : { description, $ref: to };
}

function listSchema(kind: Kind, item: string, prefix: string): JsonMap {
  return {
    description: `${kind.listKind} is a list of ${kind.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      items: { type: 'array', description: `List of ${kind.plural}.`, items: { $ref: item } },
      metadata: reference(prefix + LIST_META, 'Standard list metadata.'),
    },
    'x-kubernetes-group-version-kind': [{ ...gvkOf(kind), kind: kind.listKind }],
  };
}
