import type { Json, JsonObject } from '../../model/index.ts';
import { at, broken, type Cursor, isTrue, itemsOf, requiredText, textAt, textsAt } from './cursor.ts';
import { isVoid, schemaOf, type TypeNames } from './swagger-1-schemas.ts';

/** One operation of a swagger 1.2 declaration as an OpenAPI 3 operation. */
export function operationOf(declaration: Cursor, api: Cursor, operation: Cursor, names: TypeNames): JsonObject {
  const parameters = itemsOf(at(operation, 'parameters'));
  const path = requiredText(at(api, 'path'));
  const plain = parameters.filter((one) => ['path', 'query', 'header'].includes(placeOf(one)));
  const body = bodyOf(declaration, operation, parameters, names);
  const tag = (textAt(at(declaration, 'resourcePath')) ?? '').replace(/^\/+/, '');
  const text = (key: string) => textAt(at(operation, key)) ?? '';
  return {
    ...(tag === '' ? {} : { tags: [tag] }),
    operationId: requiredText(at(operation, 'nickname')),
    ...(text('summary') === '' ? {} : { summary: text('summary') }),
    ...(text('notes') === '' ? {} : { description: text('notes') }),
    ...(isTrue(at(operation, 'deprecated')) ? { deprecated: true } : {}),
    ...(plain.length === 0 ? {} : { parameters: plain.map((one) => parameterOf(one, path, names)) }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responsesOf(declaration, operation, names),
  };
}

const PLACES: readonly string[] = ['path', 'query', 'header', 'body', 'form'];

function placeOf(parameter: Cursor): string {
  const place = requiredText(at(parameter, 'paramType'));
  if (PLACES.includes(place)) return place;
  throw broken(at(parameter, 'paramType'), `is "${place}"; swagger 1.2 knows ${PLACES.join(', ')}`);
}

function parameterOf(parameter: Cursor, path: string, names: TypeNames): JsonObject {
  const place = placeOf(parameter);
  const name = requiredText(at(parameter, 'name'));
  const { description, ...single } = schemaOf(parameter, names);
  const many = isTrue(at(parameter, 'allowMultiple'));
  const schema: JsonObject = many ? { type: 'array', items: single } : single;
  return {
    name,
    in: place,
    ...(typeof description === 'string' ? { description } : {}),
    ...(place === 'path' || isTrue(at(parameter, 'required')) ? { required: true } : {}),
    schema,
    // 1.2 wants several values with commas between them.
    ...(place === 'query' && schema.type === 'array' ? { style: 'form', explode: false } : {}),
    // go-restful's {path:*}: the rest of the path, slashes and all.
    ...(path.includes(`{${name}:*}`) ? { 'x-many-segments': true } : {}),
  };
}

function bodyOf(
  declaration: Cursor,
  operation: Cursor,
  parameters: readonly Cursor[],
  names: TypeNames,
): JsonObject | undefined {
  const media = mediaTypes(declaration, operation, 'consumes');
  const [body, second] = parameters.filter((one) => placeOf(one) === 'body');
  if (second !== undefined) throw broken(second, 'is a second body; an operation has one');
  if (body !== undefined) {
    const { description, ...single } = schemaOf(body, names);
    const schema: JsonObject = isTrue(at(body, 'allowMultiple')) ? { type: 'array', items: single } : single;
    return {
      ...(typeof description === 'string' ? { description } : {}),
      ...(isTrue(at(body, 'required')) ? { required: true } : {}),
      content: Object.fromEntries(media.map((type) => [type, { schema }])),
    };
  }
  const fields = parameters.filter((one) => placeOf(one) === 'form');
  if (fields.length === 0) return undefined;
  const properties = fields.map((one): [string, Json] => [requiredText(at(one, 'name')), schemaOf(one, names)]);
  const required = fields.filter((one) => isTrue(at(one, 'required'))).map((one) => requiredText(at(one, 'name')));
  const file = fields.some((one) => (textAt(at(one, 'type')) ?? '').toLowerCase() === 'file');
  const type = file || media.includes('multipart/form-data') ? 'multipart/form-data' : FORM;
  const schema = {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
  };
  return { ...(required.length === 0 ? {} : { required: true }), content: { [type]: { schema } } };
}

const FORM = 'application/x-www-form-urlencoded';

/** An operation's own media types, else its declaration's; `*` of everything is JSON. */
function mediaTypes(declaration: Cursor, operation: Cursor, key: 'consumes' | 'produces'): readonly string[] {
  const own = textsAt(at(operation, key));
  const all = own.length > 0 ? own : textsAt(at(declaration, key));
  const known = all.map((type) => (type === '*/*' && key === 'consumes' ? 'application/json' : type));
  return known.length === 0 ? ['application/json'] : [...new Set(known)];
}

function responsesOf(declaration: Cursor, operation: Cursor, names: TypeNames): JsonObject {
  const responses: Record<string, JsonObject> = Object.create(null);
  const media = mediaTypes(declaration, operation, 'produces');
  const content = (schema: Json): JsonObject => Object.fromEntries(media.map((type) => [type, { schema }]));
  for (const message of itemsOf(at(operation, 'responseMessages'))) {
    const { value: code } = at(message, 'code');
    if (typeof code !== 'number' && typeof code !== 'string') throw broken(at(message, 'code'), 'must be a number');
    const model = textAt(at(message, 'responseModel'));
    const schema = isVoid(model) ? undefined : schemaOf({ ...message, value: { type: model ?? 'any' } }, names);
    const description = textAt(at(message, 'message')) ?? '';
    responses[String(code)] = { description, ...(schema === undefined ? {} : { content: content(schema) }) };
  }
  const [code, success] = Object.entries(responses).find(([one]) => one.startsWith('2')) ?? ['200', undefined];
  const result = textAt(at(operation, 'type')) ?? textAt(at(operation, '$ref'));
  // The operation's own type is what a success answers, unless a response says more.
  if (success?.content === undefined) {
    responses[code] = {
      description: success?.description ?? 'OK',
      ...(isVoid(result) ? {} : { content: content(schemaOf(operation, names)) }),
    };
  }
  return { ...responses };
}
