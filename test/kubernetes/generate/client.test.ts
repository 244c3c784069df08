import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateClient } from '../../../src/kubernetes/generate/client.ts';
import { convertDocuments } from '../../../src/kubernetes/openapi/convert.ts';
import { rootOf } from '../../../src/kubernetes/openapi/cursor.ts';
import { loadApiDocument } from '../../../src/kubernetes/openapi/load.ts';
import type { Json } from '../../../src/model/index.ts';
import { compile } from './compile.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const generated = async (fixture: string) => generateClient(await loadApiDocument(join(FIXTURES, fixture)));
const generatedFrom = (document: Json) => generateClient(convertDocuments([rootOf('api.json', document)]));

/** A document with one schema, and an operation so that there is a client. */
const withSchema = (schema: Json, more: Readonly<Record<string, Json>> = {}): Json => ({
  openapi: '3.1.0',
  info: { title: 'Test', version: '1' },
  paths: { '/x': { get: { operationId: 'x', responses: { 200: { description: 'OK' } } } } },
  components: { schemas: { X: schema, ...more } },
});

const typeOf = (schema: Json, more?: Readonly<Record<string, Json>>): string => {
  const text = generatedFrom(withSchema(schema, more)).files['types.ts'] ?? '';
  const [, , declaration = ''] = text.split('\n\n').map((part) => part.trim());
  return text.includes('export interface X ') ? text : declaration || text.split('\n').slice(2).join('\n').trim();
};

describe('a generated client', () => {
  const FILES = ['swagger-1.2/resourceListing.json', 'zoo-1.2.json', 'shop-2.0.yaml', 'zoo-3.0.yaml', 'jobs-3.1.json'];

  it.each(FILES)('of %s compiles with the strictest settings, for Node and for browsers', async (fixture) => {
    const { files } = await generated(fixture);
    expect((await compile(files, 'node')).complaints).toBe('');
    expect((await compile(files, 'browser')).complaints).toBe('');
  });

  it.each(FILES)('of %s is the same every time', async (fixture) => {
    expect(await generated(fixture)).toEqual(await generated(fixture));
  });

  it('is wrong to the compiler when used wrongly', async () => {
    const { files } = await generated('zoo-3.0.yaml');
    const use = (code: string) => ({ ...files, 'use.ts': `import * as zoo from './index.js';\n${code}\n` });
    const client = "const client: zoo.Client = { baseUrl: '' };\n";
    const right = `${client}export const pending = zoo.getAnimalsById(client, { id: 'a' }).then((one) => (one.species === 'cat' ? one.lives : one.friends?.length));`;
    expect((await compile(use(right))).complaints).toBe('');
    const wrong = `${client}export const pending = zoo.getAnimalsById(client, { name: 'a' });`;
    expect((await compile(use(wrong))).complaints).toMatch(/use\.ts\(\d+,\d+\): error TS2353/);
    const patch = `${client}export const pending = zoo.patchAnimal(client, { id: 'a', body: [] });`;
    expect((await compile(use(patch))).complaints).toContain("'contentType' is missing");
  });

  it('has one module for each group of operations, and no side effects in any', async () => {
    const { files } = await generated('swagger-1.2/resourceListing.json');
    expect(Object.keys(files).sort()).toEqual([
      'batch-v1.ts',
      'core-v1.ts',
      'index.ts',
      'runtime.ts',
      'types.ts',
      'version.ts',
    ]);
    const statements = Object.values(files)
      .join('\n')
      .split('\n')
      .filter((line) => /^[a-zA-Z]/.test(line))
      .filter((line) => !/^(export|import|function|async function|const|type|interface)\b/.test(line));
    expect(statements).toEqual([]);
  });

  it('carries descriptions as comments', async () => {
    const { files } = await generated('shop-2.0.yaml');
    expect(files['things.ts']).toContain('/**\n * Lists things\n *\n * GET /things\n */\nexport function listThings(');
    expect(files['types.ts']).toContain('  /** Its name. */\n  name: string;');
    expect(files['index.ts']).toContain("export const defaultBaseUrl = 'https://shop.example.com/v2';");
  });

  it('sends JSON where anything is taken, and reads as a stream what has no end', () => {
    const schema = { type: 'object' };
    const { files } = generatedFrom({
      openapi: '3.0.0',
      info: { title: 'T', version: '1' },
      paths: {
        '/a': {
          post: {
            operationId: 'make',
            requestBody: { content: { '*/*': { schema } } },
            responses: { 200: { description: 'OK', content: { 'application/json;stream=watch': { schema } } } },
          },
          get: {
            operationId: 'listen',
            responses: { 200: { description: 'OK', content: { 'text/event-stream': { schema: { type: 'string' } } } } },
          },
        },
      },
    });
    expect(files['a.ts']).toContain("contentType: 'application/json',");
    expect(files['a.ts']).toContain('return streamLines<Record<string, unknown>>(client, {');
    expect(files['a.ts']).toContain('return streamText(client, {');
  });

  it('names things that have the names of others, or of the language, apart', () => {
    const ok = { responses: { 200: { description: 'OK' } } };
    const { files } = generatedFrom({
      openapi: '3.0.0',
      info: { title: 'T', version: '1' },
      paths: {
        '/a': { get: { ...ok, operationId: 'list', tags: ['one'] }, post: { ...ok, operationId: 'delete' } },
        '/b': { get: { ...ok, operationId: 'list', tags: ['two'] }, post: { ...ok, operationId: 'List!' } },
        '/c/{d}': { get: ok, put: { ...ok, operationId: 'requestJson' } },
      },
      components: {
        schemas: { 'a.b': { type: 'string' }, 'a-b': { type: 'string' }, Promise: {}, '1st': {}, Client: {} },
      },
    });
    const names = Object.values(files)
      .filter((text) => text !== files['runtime.ts'])
      .flatMap((text) => [...text.matchAll(/^export (?:function|type|interface) ([^\s(*]+)/gm)].map(([, name]) => name))
      .sort();
    expect(names).toEqual(
      [
        ...['AB', 'AB2', 'Client2', 'Promise_', '_1st'],
        ...[
          'delete_',
          'getCByD',
          'GetCByDParameters',
          'list',
          'listB',
          'listTwo',
          'requestJsonC',
          'RequestJsonCParameters',
        ],
      ].sort(),
    );
  });
});

describe('a schema', () => {
  it.each<[string, Json, string]>([
    ['of any kind', {}, 'unknown'],
    ['of the type any', { type: 'any' }, 'unknown'],
    ['of several types', { type: ['string', 'null'] }, 'string | null'],
    ['that is nullable', { type: 'integer', nullable: true }, 'number | null'],
    ['with values', { enum: ['a', 1, null, true] }, "'a' | 1 | null | true"],
    ['with one value', { const: 'a' }, "'a'"],
    [
      'of a list of one of two',
      { type: 'array', items: { oneOf: [{ type: 'string' }, { type: 'boolean' }] } },
      'Array<string | boolean>',
    ],
    ['of a list without items', { type: 'array' }, 'unknown[]'],
    ['of an empty object', { type: 'object' }, 'Record<string, unknown>'],
    ['of a map', { type: 'object', additionalProperties: { type: 'integer' } }, '{ [key: string]: number }'],
    ['of a closed object', { type: 'object', additionalProperties: false }, 'Record<string, never>'],
    [
      'of a map of itself',
      { type: 'object', additionalProperties: { $ref: '#/components/schemas/X' } },
      '{ [key: string]: X }',
    ],
    [
      'of an integer or a text',
      { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
      'number | string',
    ],
    ['that keeps unknown fields', { 'x-kubernetes-preserve-unknown-fields': true }, 'Record<string, unknown>'],
    ['of a file', { type: 'string', format: 'binary' }, 'Blob'],
    [
      'that combines',
      { allOf: [{ type: 'object', required: ['a'] }, { oneOf: [{ const: 1 }, { const: 2 }] }] },
      '{\n  a: unknown;\n} & (1 | 2)',
    ],
    ['that refers to itself alone', { $ref: '#/components/schemas/X' }, 'unknown'],
  ])('%s', (_, schema, type) => {
    expect(typeOf(schema)).toBe(`export type X = ${type};`);
  });

  it('with fields of its own is an interface', () => {
    const text = typeOf({
      type: 'object',
      description: 'A thing.',
      required: ['a', 'x-b'],
      properties: {
        a: { type: 'string', readOnly: true, description: 'First.', default: 'x' },
        'x-b': { type: 'string', format: 'date-time' },
        c: { $ref: '#/components/schemas/X' },
        d: { type: 'object', properties: { e: { deprecated: true } } },
      },
      additionalProperties: true,
    });
    expect(text).toContain(`/** A thing. */
export interface X {
  /**
   * First.
   * Default: "x".
   */
  readonly a: string;
  /** Format: date-time. */
  'x-b': string;
  c?: X;
  d?: {
    /** @deprecated */
    e?: unknown;
  };
  [key: string]: unknown;
}
`);
  });

  it.each<[string, Json, string]>([
    ['refers to nothing', { $ref: '#/components/schemas/Y' }, 'refers to the schema "Y", which is not there'],
    ['refers to another file', { $ref: 'other.yaml#/Y' }, 'outside of this document'],
    ['has a type there is none of', { type: 'strnig' }, '"#/components/schemas/X/type" is "strnig"'],
    ['is no schema', 'string', 'must be an object'],
  ])('that %s is refused with file and pointer', (_, schema, message) => {
    expect(() => typeOf(schema)).toThrow(/^api\.json: "#\/components\/schemas\/X/);
    expect(() => typeOf(schema)).toThrow(message);
  });
});

describe('a description that means harm', () => {
  const EVIL = [
    '*/ export const pwned = 1; /*',
    "'; export const pwned = 1; //",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template literal is what it tries to be
    '`${globalThis.process.exit(1)}`',
    '\\',
    "\\'",
    '\u2028export const pwned = 1;\u2029',
    'a\nexport const pwned = 1;\r\nb\u0000\u0085',
    '@ts-nocheck',
    '__proto__',
    'constructor',
    '',
    '日本語',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template literal is what it tries to be
    '1 "quoted" <tag> ${x}',
    '}{',
    'true',
  ];

  it('stays inside comments and texts, whatever it puts where', async () => {
    const schemas: [string, Json][] = EVIL.map((evil, index) => [
      evil,
      {
        type: 'object',
        title: evil,
        description: evil,
        required: [evil],
        properties: { [evil]: { type: 'string', description: evil, default: evil, format: evil, enum: [evil] } },
        discriminator: { propertyName: `p${index}` },
      },
    ]);
    const segment = (evil: string) => evil.replaceAll(/[{}]/g, '');
    const paths: [string, Json][] = EVIL.map((evil, index) => [
      `/p${index}/${segment(evil)}`,
      {
        post: {
          operationId: evil,
          tags: [evil === '' ? 'none' : evil],
          summary: evil,
          description: `${evil} again`,
          parameters: [
            ...(evil === '' ? [] : [{ name: evil, in: 'query', description: evil, schema: { enum: [evil] } }]),
            ...(evil === '' ? [] : [{ name: evil, in: 'header', schema: { type: 'string' } }]),
          ],
          requestBody: { description: evil, content: { [`text/${evil}`]: { schema: { type: 'string' } } } },
          responses: { 200: { description: evil, content: { [`x/${evil}`]: { schema: { type: 'string' } } } } },
        },
      },
    ]);
    const { files } = generatedFrom({
      openapi: '3.1.0',
      info: { title: EVIL.join(' '), version: EVIL.join(' '), description: EVIL.join(' ') },
      servers: [{ url: EVIL.join('') }],
      paths: Object.fromEntries(paths),
      components: { schemas: Object.fromEntries(schemas) },
    });
    const { complaints, directory } = await compile(files);
    expect(complaints).toBe('');
    const module: Readonly<Record<string, unknown>> = await import(join(directory, 'index.js'));
    expect(Object.keys(module)).not.toContain('pwned');
    expect(Object.values(module).filter((one) => typeof one === 'function').length).toBeGreaterThan(EVIL.length);
    expect(module.defaultBaseUrl).toBe(EVIL.join(''));
    // To the compiler it speaks from a comment only.
    for (const text of Object.values(files)) expect(text).not.toMatch(/^\s*[*/].*@ts-/m);
  });
});
