import { describe, expect, it } from 'vitest';
import { convertDocuments } from '../../../src/kubernetes/openapi/convert.ts';
import { at, rootOf } from '../../../src/kubernetes/openapi/cursor.ts';
import type { Json, JsonObject } from '../../../src/model/index.ts';

const declarationOf = (more: JsonObject): JsonObject => ({
  swaggerVersion: '1.2',
  basePath: 'http://10.0.0.1:8080',
  resourcePath: '/api/v1',
  ...more,
});

const converted = (...declarations: readonly JsonObject[]) =>
  convertDocuments(declarations.map((one, index) => rootOf(`api-${index}.json`, one)));

const operation = (more: JsonObject): JsonObject => ({ method: 'GET', nickname: 'op', type: 'void', ...more });
const withOperation = (more: JsonObject, path = '/a', rest: JsonObject = {}) =>
  converted(declarationOf({ apis: [{ path, operations: [operation(more)] }], ...rest }));

/** The schema of a property that is declared so. */
function schemaOf(property: Json): Json | undefined {
  const models = { M: { id: 'M', properties: { p: property } }, 'v1.Pod': { id: 'v1.Pod', properties: {} } };
  const { root } = withOperation({}, '/a', { models });
  return at(root, 'components', 'schemas', 'M', 'properties', 'p').value;
}

describe('a type of swagger 1.2', () => {
  const POD = { $ref: '#/components/schemas/v1.Pod' };

  it.each<[Json, Json]>([
    [{ type: 'any' }, {}],
    [{ type: 'any', description: 'Limits.' }, { description: 'Limits.' }],
    [{ $ref: 'any' }, {}],
    [{ type: 'object' }, { type: 'object' }],
    [{}, {}],
    [
      { type: 'string', format: 'date-time' },
      { type: 'string', format: 'date-time' },
    ],
    [
      { type: 'string', format: 'byte' },
      { type: 'string', format: 'byte' },
    ],
    [
      { type: 'integer', format: 'int64' },
      { type: 'integer', format: 'int64' },
    ],
    [{ type: 'long' }, { type: 'integer', format: 'int64' }],
    [{ type: 'Date' }, { type: 'string', format: 'date' }],
    [{ type: 'File' }, { type: 'string', format: 'binary' }],
    [{ type: 'List' }, { type: 'array', items: {} }],
    [
      { type: 'array', items: { type: 'any' } },
      { type: 'array', items: {} },
    ],
    [
      { type: 'array', items: { $ref: 'v1.Pod' } },
      { type: 'array', items: POD },
    ],
    [
      { type: 'Set', items: { type: 'string' }, uniqueItems: true },
      { type: 'array', items: { type: 'string' }, uniqueItems: true },
    ],
    [{ type: 'List[v1.Pod]' }, { type: 'array', items: POD }],
    [{ type: 'Map[string,v1.Pod]' }, { type: 'object', additionalProperties: POD }],
    [{ $ref: 'v1.Pod' }, POD],
    [{ type: 'v1.Pod' }, POD],
    [{ type: '*v1.Pod' }, POD],
    [
      { $ref: 'v1.Pod', description: 'The pod.' },
      { description: 'The pod.', allOf: [POD] },
    ],
    [
      { type: 'string', enum: ['a', 'b'], defaultValue: 'a' },
      { type: 'string', enum: ['a', 'b'], default: 'a' },
    ],
    [
      { type: 'integer', minimum: '1', maximum: '9.0' },
      { type: 'integer', minimum: 1, maximum: 9 },
    ],
  ])('%j is %j', (property, schema) => {
    expect(schemaOf(property)).toEqual(schema);
  });

  it('that no model declares is a value of any kind, and is named once, with its first place', () => {
    const { root, warnings } = withOperation({
      type: 'runtime.Foo',
      responseMessages: [{ code: 200, responseModel: 'runtime.Foo' }],
    });
    expect(at(root, 'paths', '/a', 'get', 'responses', '200', 'content').value).toEqual({
      'application/json': { schema: {} },
    });
    expect(warnings).toEqual([
      'api-0.json: "#/apis/0/operations/0/responseMessages/0" has the type "runtime.Foo", which no model declares; it is a value of any kind.',
    ]);
  });
});

describe('a model of swagger 1.2', () => {
  const schemas = (models: JsonObject) => at(withOperation({}, '/a', { models }).root, 'components', 'schemas').value;

  it('requires what it lists, and what its properties say of themselves', () => {
    const properties = { a: { type: 'string' }, b: { type: 'string', required: true }, c: { type: 'string' } };
    expect(schemas({ M: { id: 'M', required: ['a', 'missing'], properties } })).toMatchObject({
      M: { type: 'object', required: ['a', 'b'] },
    });
  });

  it('without properties says nothing of its content', () => {
    expect(schemas({ 'unversioned.Patch': { id: 'unversioned.Patch', properties: {} } })).toEqual({
      'unversioned.Patch': { type: 'object' },
    });
  });

  it('has what the model has that names it among its subTypes', () => {
    const models = {
      Animal: { id: 'Animal', discriminator: 'type', subTypes: ['Cat'], properties: { type: { type: 'string' } } },
      Cat: { id: 'Cat', properties: { lives: { type: 'integer' } } },
    };
    expect(schemas(models)).toMatchObject({
      Animal: { discriminator: { propertyName: 'type' } },
      Cat: { allOf: [{ $ref: '#/components/schemas/Animal' }, { properties: { lives: { type: 'integer' } } }] },
    });
  });

  it('of the same name in two declarations is one when written alike, and two when not', () => {
    const meta = (type: string): JsonObject => ({ Meta: { id: 'Meta', properties: { a: { type } } } });
    const list = (models: JsonObject) => ({ ...models, List: { id: 'List', properties: { meta: { $ref: 'Meta' } } } });
    const paths = (name: string) => ({ apis: [{ path: `/${name}`, operations: [operation({})] }] });
    const one = declarationOf({ ...paths('a'), models: meta('string') });
    const alike = converted(one, declarationOf({ ...paths('b'), resourcePath: '/apis/b/v1', models: meta('string') }));
    expect(Object.keys(at(alike.root, 'components', 'schemas').value ?? {})).toEqual(['Meta']);
    const unlike = converted(
      one,
      declarationOf({ ...paths('b'), resourcePath: '/apis/b/v1', models: list(meta('long')) }),
    );
    expect(at(unlike.root, 'components', 'schemas').value).toMatchObject({
      Meta: { properties: { a: { type: 'string' } } },
      'apis.b.v1.Meta': { properties: { a: { type: 'integer' } } },
      List: { properties: { meta: { $ref: '#/components/schemas/apis.b.v1.Meta' } } },
    });
  });
});

describe('an operation of swagger 1.2', () => {
  const operationAt = (more: JsonObject, path?: string) => {
    const { root } = withOperation(more, path);
    return at(root, 'paths', (path ?? '/a').replace(/:[^}]*/g, ''), 'get');
  };

  it('has its parameters where they belong', () => {
    const parameters = [
      { name: 'tags', paramType: 'query', type: 'string', allowMultiple: true, description: 'Some.' },
      { name: 'X-A', paramType: 'header', type: 'integer', required: true },
      { name: 'path', paramType: 'path', type: 'string' },
      { name: 'body', paramType: 'body', type: 'string', required: true, allowMultiple: true },
    ];
    const { value } = operationAt({ parameters, consumes: ['*/*'] }, '/a/{path:*}');
    expect(value).toMatchObject({
      parameters: [
        {
          name: 'tags',
          in: 'query',
          description: 'Some.',
          schema: { type: 'array', items: { type: 'string' } },
          style: 'form',
          explode: false,
        },
        { name: 'X-A', in: 'header', required: true, schema: { type: 'integer' } },
        { name: 'path', in: 'path', required: true, schema: { type: 'string' }, 'x-many-segments': true },
      ],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { type: 'array', items: { type: 'string' } } } },
      },
    });
  });

  it('has a form as its body, one with parts where a file is sent', () => {
    const field = (name: string, type: string, required = false) => ({ name, paramType: 'form', type, required });
    expect(operationAt({ parameters: [field('a', 'string', true)] }).value).toMatchObject({
      requestBody: {
        required: true,
        content: { 'application/x-www-form-urlencoded': { schema: { required: ['a'] } } },
      },
    });
    expect(operationAt({ parameters: [field('a', 'File')] }).value).toMatchObject({
      requestBody: { content: { 'multipart/form-data': { schema: { properties: { a: { format: 'binary' } } } } } },
    });
  });

  it('answers its type, or what a response of success says, or nothing', () => {
    const json = (schema: Json) => ({ 'application/json': { schema } });
    const responses = (more: JsonObject) => at(operationAt(more), 'responses').value;
    expect(responses({ type: 'string' })).toEqual({ 200: { description: 'OK', content: json({ type: 'string' }) } });
    expect(responses({ type: 'void' })).toEqual({ 200: { description: 'OK' } });
    expect(responses({ type: 'array', items: { type: 'integer' } })).toEqual({
      200: { description: 'OK', content: json({ type: 'array', items: { type: 'integer' } }) },
    });
    const made = [
      { code: 201, message: 'Made', responseModel: 'string' },
      { code: 404, message: 'Not there' },
    ];
    expect(responses({ type: 'any', responseMessages: made })).toEqual({
      201: { description: 'Made', content: json({ type: 'string' }) },
      404: { description: 'Not there' },
    });
  });

  it('lies below the one address that all declarations share, else below its own', () => {
    const one = declarationOf({ basePath: 'http://a/x', apis: [{ path: '/a', operations: [operation({})] }] });
    const two = declarationOf({ basePath: 'http://a/y', apis: [{ path: '/b', operations: [operation({})] }] });
    const same = converted(one).root;
    expect([at(same, 'servers', 0, 'url').value, Object.keys(at(same, 'paths').value ?? {})]).toEqual([
      'http://a/x',
      ['/a'],
    ]);
    const both = converted(one, two).root;
    expect([at(both, 'servers', 0, 'url').value, Object.keys(at(both, 'paths').value ?? {})]).toEqual([
      'http://a',
      ['/x/a', '/y/b'],
    ]);
  });

  it.each<[string, JsonObject, string]>([
    ['no nickname', { nickname: '' }, '"#/apis/0/operations/0/nickname" must be a text'],
    ['a place there is none of', { parameters: [{ name: 'a', paramType: 'cookie' }] }, 'paramType" is "cookie"'],
    [
      'two bodies',
      { parameters: [1, 2].map((n) => ({ name: `b${n}`, paramType: 'body', type: 'any' })) },
      'is a second body',
    ],
    ['parameters that are no list', { parameters: {} }, '"#/apis/0/operations/0/parameters" must be an array'],
    ['a type that is no text', { type: 5 }, '"#/apis/0/operations/0/type" must be a text'],
  ])('with %s is refused with file and pointer', (_, more, message) => {
    expect(() => withOperation(more)).toThrow(/^api-0\.json: /);
    expect(() => withOperation(more)).toThrow(message);
  });
});
