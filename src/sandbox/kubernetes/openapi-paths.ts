/** The operations of one kind as OpenAPI describes them: what clients are generated from, and kubectl looks into before it writes. */
import { subresourcesOf } from './discovery.ts';
import type { JsonMap } from './json.ts';
import type { Kind } from './kinds/kind.ts';
import { patchTypes } from './rest/write.ts';
import type { Schema } from './schema/schema.ts';

export const PATCH = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';
export const DELETE_OPTIONS = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
export const STATUS = 'io.k8s.apimachinery.pkg.apis.meta.v1.Status';

export const patchBody: Schema = {
  description: 'Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.',
  type: 'object',
};

export const deleteOptions: Schema = {
  description: 'DeleteOptions may be provided when deleting an API object.',
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    dryRun: { type: 'array', items: { type: 'string' } },
    gracePeriodSeconds: { type: 'integer', format: 'int64' },
    orphanDependents: { type: 'boolean' },
    preconditions: {
      type: 'object',
      properties: { resourceVersion: { type: 'string' }, uid: { type: 'string' } },
    },
    propagationPolicy: { type: 'string' },
  },
};

export const status = (listMeta: string): JsonMap => ({
  description: "Status is a return value for calls that don't return other objects.",
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { $ref: listMeta },
    status: { type: 'string', description: 'Status of the operation. One of: "Success" or "Failure".' },
    code: { type: 'integer', format: 'int32' },
    reason: { type: 'string' },
    message: { type: 'string' },
    details: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
});

export interface Parameter {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description: string;
}

const text = (name: string, description: string): Parameter => ({ name, type: 'string', description });
const flag = (name: string, description: string): Parameter => ({ name, type: 'boolean', description });
const whole = (name: string, description: string): Parameter => ({ name, type: 'integer', description });

const NAMESPACE = text('namespace', 'object name and auth scope, such as for teams and projects');

const SELECTION: readonly Parameter[] = [
  text('fieldSelector', 'A selector to restrict the list of returned objects by their fields.'),
  text('labelSelector', 'A selector to restrict the list of returned objects by their labels.'),
];

const LIST: readonly Parameter[] = [
  flag('allowWatchBookmarks', 'allowWatchBookmarks requests watch events with type "BOOKMARK".'),
  text('continue', 'The continue option should be set when retrieving more results from the server.'),
  ...SELECTION,
  whole('limit', 'limit is a maximum number of responses to return for a list call.'),
  text('resourceVersion', 'resourceVersion sets a constraint on what resource versions a request may be served from.'),
  text('resourceVersionMatch', 'resourceVersionMatch determines how resourceVersion is applied to list calls.'),
  flag('sendInitialEvents', 'sendInitialEvents=true may be set together with watch=true.'),
  whole('timeoutSeconds', 'Timeout for the list/watch call.'),
  flag('watch', 'Watch for changes to the described resources and return them as a stream.'),
];

/** kubectl looks here before it relies on validation and dry runs by the server. */
export const WRITE: readonly Parameter[] = [
  text('dryRun', 'When present, indicates that modifications should not be persisted.'),
  text('fieldManager', 'fieldManager is a name associated with the actor or entity that is making these changes.'),
  text('fieldValidation', 'How to handle objects in the request with unknown or duplicate fields.'),
];

const FORCE = flag('force', 'Force is going to "force" Apply requests.');

const DELETE: readonly Parameter[] = [
  text('dryRun', 'When present, indicates that modifications should not be persisted.'),
  whole('gracePeriodSeconds', 'The duration in seconds before the object should be deleted.'),
  text('propagationPolicy', 'Whether and how garbage collection will be performed.'),
];

export interface Operation {
  readonly action: string;
  /** Name of the schema that is answered. */
  readonly answer: string;
  readonly parameters?: readonly Parameter[];
  readonly body?: { readonly schema: string; readonly types: readonly string[]; readonly required: boolean };
  /** What stands after the kind in the operation's name. */
  readonly ending?: string;
}

/** The paths of a kind whose schema has this name. */
export function pathsOf(kind: Kind, schema: string, dialect: 2 | 3): JsonMap {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const collection = `${root}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.plural}`;
  const body = (types: readonly string[], of = schema) => ({ schema: of, types, required: of !== DELETE_OPTIONS });
  // As the real server's documents: of custom kinds they say what they take, of its own that it is anything.
  const taken = kind.custom ? ['application/json', 'application/yaml'] : ['*/*'];
  const whole = body(taken);
  const options = body(taken, DELETE_OPTIONS);
  const patch = body(advertisedPatches(kind), PATCH);
  const written = (ending = ''): JsonMap => ({
    get: operation(kind, dialect, { action: 'get', answer: schema, ending }),
    put: operation(kind, dialect, { action: 'put', answer: schema, parameters: WRITE, body: whole, ending }),
    patch: operation(kind, dialect, {
      action: 'patch',
      answer: schema,
      parameters: [...WRITE, FORCE],
      body: patch,
      ending,
    }),
  });
  const places = kind.namespaced ? [NAMESPACE] : [];
  const placed = [text('name', `name of the ${kind.kind}`), ...places];
  const pathParameters = (all: readonly Parameter[]) =>
    all.length === 0 ? {} : { parameters: all.map((one) => parameter(one, 'path', dialect)) };
  const list: Operation = { action: 'list', answer: `${schema}List`, parameters: LIST };
  const subresources = subresourcesOf(kind).filter(({ name }) => name === 'status');
  return {
    [collection]: {
      get: operation(kind, dialect, list),
      post: operation(kind, dialect, { action: 'post', answer: schema, parameters: WRITE, body: whole }),
      delete: operation(kind, dialect, {
        action: 'deletecollection',
        answer: STATUS,
        parameters: [...DELETE, ...SELECTION],
        body: options,
      }),
      ...pathParameters(places),
    },
    [`${collection}/{name}`]: {
      ...written(),
      delete: operation(kind, dialect, { action: 'delete', answer: STATUS, parameters: DELETE, body: options }),
      ...pathParameters(placed),
    },
    ...Object.fromEntries(
      subresources.map(({ name }) => [
        `${collection}/{name}/${name}`,
        { ...written(capital(name)), ...pathParameters(placed) },
      ]),
    ),
    ...(kind.namespaced
      ? { [`${root}/${kind.plural}`]: { get: operation(kind, dialect, { ...list, ending: 'ForAllNamespaces' }) } }
      : {}),
  };
}

export function operation(
  kind: Kind,
  dialect: 2 | 3,
  { action, answer, parameters = [], body, ending = '' }: Operation,
): JsonMap {
  const query = parameters.map((one) => parameter(one, 'query', dialect));
  const ref = { $ref: (dialect === 3 ? '#/components/schemas/' : '#/definitions/') + answer };
  const sent = body === undefined ? {} : bodyOf(body, dialect);
  return {
    operationId: operationId(kind, action, ending),
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: kind.group, version: kind.version, kind: kind.kind },
    responses: { 200: response(ref, dialect) },
    ...sent.members,
    parameters: [...(sent.parameters ?? []), ...query],
  };
}

function bodyOf(
  { schema: name, types, required }: NonNullable<Operation['body']>,
  dialect: 2 | 3,
): { readonly members?: JsonMap; readonly parameters?: readonly JsonMap[] } {
  if (dialect === 2) {
    const schema = { $ref: `#/definitions/${name}` };
    return { members: { consumes: [...types] }, parameters: [{ name: 'body', in: 'body', required, schema }] };
  }
  const schema = { $ref: `#/components/schemas/${name}` };
  const content = Object.fromEntries(types.map((type) => [type, { schema }]));
  return { members: { requestBody: { ...(required ? { required } : {}), content } } };
}

/**
 * Where strategic merge is advertised kubectl computes its patches from these schemas and complains about every field they leave out, so kinds that
 * are described in part only do not advertise it. It is served all the same.
 */
function advertisedPatches(kind: Kind): readonly string[] {
  const types = patchTypes(kind);
  return kind.typeName === undefined ? types.filter((type) => !type.startsWith('application/strategic')) : types;
}

const ACTIONS: Readonly<Record<string, string>> = {
  list: 'list',
  post: 'create',
  deletecollection: 'deleteCollection',
  get: 'read',
  put: 'replace',
  patch: 'patch',
  delete: 'delete',
};

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** `createPrsnIoV1NamespacedMysqlDb`, as the real server's documents name their operations. */
function operationId(kind: Kind, action: string, ending: string): string {
  const group =
    kind.group === ''
      ? 'Core'
      : kind.group
          .replace(/\.k8s\.io$/, '')
          .split('.')
          .map(capital)
          .join('');
  const scope = kind.namespaced && ending !== 'ForAllNamespaces' ? 'Namespaced' : '';
  return `${ACTIONS[action] ?? action}${group}${capital(kind.version)}${scope}${kind.kind}${ending}`;
}

function response(schema: JsonMap, dialect: 2 | 3): JsonMap {
  return { description: 'OK', ...(dialect === 3 ? { content: { 'application/json': { schema } } } : { schema }) };
}

export function parameter({ name, type, description }: Parameter, place: 'path' | 'query', dialect: 2 | 3): JsonMap {
  return {
    name,
    in: place,
    description,
    ...(place === 'path' ? { required: true } : {}),
    ...(dialect === 3 ? { schema: { type, uniqueItems: true } } : { type, uniqueItems: true }),
  };
}
