import {
  isJsonObject,
  type Json,
  type JsonObject,
  type ParameterSchema,
  type ParameterSchemas,
} from '../../model/index.ts';

/** One operation of an API, as its OpenAPI document describes it. */
export interface Operation {
  /** Its operationId. */
  readonly name: string;
  readonly method: Method;
  /** With `{name}` for what is filled in. */
  readonly path: string;
  readonly description: string;
  /** Of path, query and `body`; those of the path are required. */
  readonly parameters: ParameterSchemas;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** How a patch may be read, and the content type that says so. */
export const PATCH_TYPES: Readonly<Record<string, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/**
 * The operations of one OpenAPI document, v3 or v2, in its order. What has no operationId, or a method that changes nothing and answers no
 * body (HEAD, OPTIONS), is left out. Descriptions that many operations share are one string in memory.
 */
export function readOperations(document: unknown, share: Share = createShare()): readonly Operation[] {
  const root = objectOf(document as Json); // a parsed JSON document
  const operations: Operation[] = [];
  for (const [path, item] of Object.entries(objectOf(root.paths))) {
    const { parameters: common } = objectOf(item);
    for (const method of METHODS) {
      const described = objectOf(item)[method.toLowerCase()];
      if (!isJsonObject(described) || typeof described.operationId !== 'string') continue;
      operations.push({
        name: described.operationId,
        method,
        path,
        description: textOf(described.description),
        parameters: parametersOf(
          root,
          method,
          path,
          [...listOf(common), ...listOf(described.parameters)],
          described,
          share,
        ),
      });
    }
  }
  return operations;
}

/** Gives the same object for schemas that say the same: a list of pods and one of services take the same ten parameters. */
export type Share = (schema: ParameterSchema) => ParameterSchema;

export function createShare(): Share {
  const known = new Map<string, ParameterSchema>();
  return (schema) => {
    const text = JSON.stringify(schema);
    const found = known.get(text);
    if (found !== undefined) return found;
    known.set(text, schema);
    return schema;
  };
}

function parametersOf(
  root: JsonObject,
  method: Method,
  path: string,
  described: readonly Json[],
  operation: JsonObject,
  share: Share,
): ParameterSchemas {
  const places = placeholdersOf(path).map((name) => [name, { type: 'string', required: true }] as const);
  const parameters = new Map<string, ParameterSchema>(places);
  const about = kindOf(operation['x-kubernetes-group-version-kind']);
  let body = bodyOf(root, method, operation, about);
  for (const written of described) {
    const parameter = followed(root, written);
    const { name } = parameter;
    if (typeof name !== 'string') continue;
    if (parameter.in === 'body') {
      const sent = sentKind(root, objectOf(parameter.schema));
      body = bodySchema(parameter.required === true, method, { about, sent }, listOf(operation.consumes));
    } else if (parameter.in === 'path' || parameter.in === 'query') {
      parameters.set(name, plainSchema(parameter));
    }
  }
  for (const [name, schema] of Object.entries(body)) parameters.set(name, schema);
  return Object.fromEntries([...parameters].map(([name, schema]) => [name, share(schema)]));
}

/** The names in a path's braces. Documents are not relied on to list them. */
export function placeholdersOf(path: string): readonly string[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
}

const KEPT = ['type', 'description', 'enum', 'minimum', 'maximum', 'items', 'default'] as const;

/** What a parameter takes: OpenAPI 3 says so in `schema`, version 2 beside the name. */
function plainSchema(parameter: JsonObject): ParameterSchema {
  const schema = { ...parameter, ...objectOf(parameter.schema) };
  const entries = KEPT.flatMap((key) => {
    const value = key === 'description' ? (parameter.description ?? schema.description) : schema[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    ...Object.fromEntries(entries),
    ...(parameter.in === 'path' || parameter.required === true ? { required: true } : {}),
  };
}

function bodyOf(root: JsonObject, method: Method, operation: JsonObject, about: KindName): ParameterSchemas {
  const request = followed(root, operation.requestBody ?? null);
  const content = objectOf(request.content);
  const [media] = Object.values(content);
  if (media === undefined) return {};
  const sent = sentKind(root, objectOf(objectOf(media).schema));
  return bodySchema(request.required === true, method, { about, sent }, Object.keys(content));
}

/** What is sealed in the database when it is sent: contents, not names and labels. By the kind that an operation is about. */
const SECRETS: Readonly<Record<string, ParameterSchemas>> = {
  Secret: { data: { type: 'object', secret: true }, stringData: { type: 'object', secret: true } },
  TokenReview: { spec: { type: 'object', properties: { token: { type: 'string', secret: true } } } },
};

/** `body`, and for a patch how it is to be read. The server checks a body better than a schema could. */
function bodySchema(
  required: boolean,
  method: Method,
  { about, sent }: { readonly about: KindName; readonly sent: string },
  contentTypes: readonly Json[],
): ParameterSchemas {
  const { apiVersion, kind } = about;
  const isSecret = Object.hasOwn(SECRETS, kind);
  // What the runner fills in when the body does not say it.
  const head = method !== 'PATCH' && sent === kind && kind !== '';
  const properties = {
    ...(head && { apiVersion: { type: 'string', default: apiVersion }, kind: { type: 'string', default: kind } }),
    ...(isSecret && SECRETS[kind]),
  };
  const more = {
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required && { required: true }),
  };
  if (method !== 'PATCH') {
    return { body: { type: 'object', description: sent === '' ? 'What is sent.' : `The ${sent}.`, ...more } };
  }
  const types = Object.keys(PATCH_TYPES).filter((type) => contentTypes.includes(PATCH_TYPES[type] ?? ''));
  return {
    body: {
      description: 'The patch: an object, or a list of operations for patch_type json.',
      // JSON as text, as it comes from the command line, but not where parts of it are to be sealed.
      anyOf: [{ type: 'object' }, { type: 'array' }, ...(isSecret ? [] : [{ type: 'string' }])],
      ...(isSecret && { items: { type: 'object', properties: { value: { secret: true } } } }),
      ...more,
    },
    patch_type: {
      type: 'string',
      description: 'How the patch is read. apply is server-side apply and needs fieldManager.',
      enum: types.length > 0 ? types : Object.keys(PATCH_TYPES),
      default: types.length === 0 || types.includes('merge') ? 'merge' : (types[0] ?? 'merge'),
    },
  };
}

interface KindName {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The kind that an operation is about; empty texts when it says none. */
function kindOf(value: Json | undefined): KindName {
  const { group, version, kind } = objectOf(value);
  const prefix = textOf(group) === '' ? '' : `${textOf(group)}/`;
  return { apiVersion: `${prefix}${textOf(version)}`, kind: textOf(kind) };
}

/** The kind that a schema describes: the last word of its name (`io.k8s.api.core.v1.Pod`). Empty when it has none. */
function sentKind(root: JsonObject, schema: JsonObject): string {
  const ref = typeof schema.$ref === 'string' ? schema.$ref : textOf(objectOf(listOf(schema.allOf)[0]).$ref);
  const [named] = listOf(followed(root, schema)['x-kubernetes-group-version-kind']);
  const all = listOf(followed(root, schema)['x-kubernetes-group-version-kind']).length;
  // DeleteOptions is listed for every group; its name tells more.
  if (all === 1 && typeof objectOf(named).kind === 'string') return textOf(objectOf(named).kind);
  return ref.split('/').at(-1)?.split('.').at(-1) ?? '';
}

/** The value itself, or what its `$ref` names in the same document. */
function followed(root: JsonObject, value: Json): JsonObject {
  const { $ref } = objectOf(value);
  if (typeof $ref !== 'string' || !$ref.startsWith('#/')) return objectOf(value);
  let found: Json | undefined = root;
  for (const part of $ref.slice(2).split('/'))
    found = objectOf(found)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  return objectOf(found);
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
