/** Swagger 2.0 to OpenAPI 3. */
import type { Json, JsonObject } from '../../model/index.ts';
import {
  at,
  broken,
  type Cursor,
  follow,
  itemsOf,
  membersOf,
  objectAt,
  requiredText,
  textAt,
  textsAt,
} from './cursor.ts';
import { bodyOf, parameterOf } from './swagger-2-parameters.ts';
import { schemaOf } from './swagger-2-schemas.ts';

const METHODS: readonly string[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

/** Throws `invalid` with file and pointer for what is no swagger 2.0. */
export function convertSwagger2(root: Cursor): JsonObject {
  const paths = membersOf(at(root, 'paths')).map(([path, item]): [string, Json] => {
    if (!path.startsWith('/')) return [path, item.value ?? null]; // an extension
    return [path, pathItemOf(root, follow(root, item))];
  });
  const schemas = membersOf(at(root, 'definitions')).map(([name, schema]): [string, Json] => [name, schemaOf(schema)]);
  const servers = serversOf(root);
  return {
    openapi: '3.0.3',
    info: objectAt(at(root, 'info')),
    ...(servers.length === 0 ? {} : { servers: servers.map((url) => ({ url })) }),
    paths: Object.fromEntries(paths),
    components: { schemas: Object.fromEntries(schemas) },
  };
}

function serversOf(root: Cursor): readonly string[] {
  const base = (textAt(at(root, 'basePath')) ?? '').replace(/\/+$/, '');
  const host = textAt(at(root, 'host')) ?? '';
  if (host === '') return base === '' ? [] : [base];
  const schemes = textsAt(at(root, 'schemes')).filter((scheme) => scheme === 'https' || scheme === 'http');
  return (schemes.length === 0 ? ['https'] : schemes).map((scheme) => `${scheme}://${host}${base}`);
}

function pathItemOf(root: Cursor, item: Cursor): JsonObject {
  const shared = itemsOf(at(item, 'parameters')).map((one) => follow(root, one));
  const operations = METHODS.flatMap((method): [string, Json][] => {
    const operation = at(item, method);
    return operation.value === undefined ? [] : [[method, operationOf(root, operation, shared)]];
  });
  return Object.fromEntries(operations);
}

function operationOf(root: Cursor, operation: Cursor, shared: readonly Cursor[]): JsonObject {
  const { consumes: _consumes, produces: _produces, schemes: _schemes, parameters: _, ...rest } = objectAt(operation);
  const own = itemsOf(at(operation, 'parameters')).map((one) => follow(root, one));
  const keyOf = (one: Cursor) => `${requiredText(at(one, 'in'))} ${requiredText(at(one, 'name'))}`;
  // An operation's own parameter replaces that of its path.
  const taken = new Set(own.map(keyOf));
  const parameters = [...shared.filter((one) => !taken.has(keyOf(one))), ...own];
  const placeOf = (one: Cursor) => requiredText(at(one, 'in'));
  const plain = parameters.filter((one) => ['path', 'query', 'header'].includes(placeOf(one)));
  const odd = parameters.find((one) => !['path', 'query', 'header', 'body', 'formData'].includes(placeOf(one)));
  if (odd !== undefined) throw broken(at(odd, 'in'), 'must be path, query, header, body or formData');
  const body = bodyOf(parameters, mediaTypes(root, operation, 'consumes'));
  return {
    ...rest,
    ...(plain.length === 0 ? {} : { parameters: plain.map(parameterOf) }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responsesOf(root, operation),
  };
}

function mediaTypes(root: Cursor, operation: Cursor, key: 'consumes' | 'produces'): readonly string[] {
  const own = at(operation, key);
  const all = textsAt(own.value === undefined ? at(root, key) : own);
  // Kubernetes says it takes anything and means JSON.
  const known = all.map((type) => (type === '*/*' && key === 'consumes' ? 'application/json' : type));
  return known.length === 0 ? ['application/json'] : [...new Set(known)];
}

function responsesOf(root: Cursor, operation: Cursor): JsonObject {
  const media = mediaTypes(root, operation, 'produces');
  const responses = membersOf(at(operation, 'responses')).map(([code, given]): [string, Json] => {
    if (code.startsWith('x-')) return [code, given.value ?? null];
    const response = follow(root, given);
    const schema = at(response, 'schema');
    const content = schema.value === undefined ? undefined : media.map((type) => [type, { schema: schemaOf(schema) }]);
    return [
      code,
      {
        description: textAt(at(response, 'description')) ?? '',
        ...(content === undefined ? {} : { content: Object.fromEntries(content) }),
      },
    ];
  });
  return Object.fromEntries(responses);
}
