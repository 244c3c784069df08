import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { actionFromDefinition, formatProblem } from '../../src/packs/index.ts';
import { validateProperties } from '../../src/packs/json-validation.ts';
import { defineAction, secret, z } from '../../src/sdk/index.ts';

const origin = { pack: 'p', file: '/packs/p/actions/act.ts', metadataFile: 'actions/act.ts' };

const parametersOf = (field: z.ZodType) =>
  actionFromDefinition(defineAction({ input: z.object({ field }), run: async () => null }), origin).parameters.field;

describe('the parameter schema of a zod type', () => {
  it.each([
    ['text', z.string(), { type: 'string', required: true }],
    ['optional text', z.string().optional(), { type: 'string' }],
    ['a default', z.string().default('x').describe('d'), { type: 'string', default: 'x', description: 'd' }],
    ['a whole number', z.int().min(1), { type: 'integer', minimum: 1, required: true }],
    [
      'a number above another',
      z.number().gt(3),
      { type: 'number', minimum: 3, exclusiveMinimum: true, required: true },
    ],
    ['choices', z.enum(['a', 'b']), { type: 'string', enum: ['a', 'b'], required: true }],
    ['a secret', secret(z.string()), { type: 'string', secret: true, required: true }],
    ['a secret with a default', secret(z.string().default('x')), { type: 'string', secret: true, default: 'x' }],
    [
      'several simple types',
      z.union([z.string(), z.number()]),
      { anyOf: [{ type: 'string' }, { type: 'number' }], required: true },
    ],
    ['text or null', z.string().nullable(), { anyOf: [{ type: 'string' }, { type: 'null' }], required: true }],
    [
      'a list of objects',
      z.array(z.object({ a: z.string(), b: z.boolean().optional() })),
      {
        type: 'array',
        items: { type: 'object', properties: { a: { type: 'string', required: true }, b: { type: 'boolean' } } },
        required: true,
      },
    ],
    ['any mapping', z.record(z.string(), z.unknown()).optional(), { type: 'object', additionalProperties: {} }],
    ['what is read from text', z.string().transform(Number), { type: 'string', required: true }],
    ['a position', z.string().meta({ position: 0 }), { type: 'string', position: 0, required: true }],
  ])('%s', (_, type, schema) => {
    expect(parametersOf(type)).toEqual(schema);
  });

  it('cannot be that of a type that contains itself', () => {
    const tree: z.ZodType = z.object({ children: z.lazy(() => z.array(tree)) });
    expect(() => parametersOf(tree)).toThrow('Cycle detected');
  });
});

describe('validateProperties', () => {
  const schemas = {
    name: { type: 'string', required: true, pattern: '^[a-z]+$', minLength: 2, maxLength: 4 },
    count: { type: 'integer', minimum: 0, exclusiveMinimum: true, maximum: 10, multipleOf: 2 },
    kind: { enum: ['a', 'b'] },
    list: { type: 'array', items: { type: 'number' }, minItems: 1, maxItems: 2, uniqueItems: true },
    either: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    one: { oneOf: [{ type: 'number' }, { type: 'integer' }] },
    inner: { type: 'object', properties: { a: { type: 'string', required: true } }, additionalProperties: false },
    not: { not: { type: 'string' } },
    pair: { type: 'array', items: [{ type: 'string' }], additionalItems: false },
  };
  const mismatches = (value: JsonObject) =>
    validateProperties(schemas, { name: 'abc', ...value }, { additional: false }).map(
      ({ path, message }) => `${path.join('.')} ${message}`,
    );

  it.each([
    [{}, []],
    [{ count: null, list: null }, []],
    [{ name: null }, ['name must be of type "string", but it is empty']],
    [{ name: 'A' }, ['name must have at least 2 characters', 'name must match the pattern ^[a-z]+$']],
    [{ name: 'abcde' }, ['name must have at most 4 characters']],
    [{ count: 0 }, ['count must be more than 0']],
    [{ count: 11 }, ['count must be at most 10', 'count must be a multiple of 2']],
    [{ count: 2.5 }, ['count must be of type "integer", but it is the number 2.5']],
    [{ count: true }, ['count must be of type "integer", but it is true']],
    [{ kind: 'c' }, ['kind must be "a" or "b"']],
    [{ list: [] }, ['list must have at least 1 items']],
    [{ list: [1, 1, 2] }, ['list must have at most 2 items', 'list.1 is in the list already']],
    [{ list: ['x'] }, ['list.0 must be of type "number", but it is a text']],
    [{ either: 5 }, ['either must fit one of the alternatives of its schema']],
    [{ one: 5 }, ['one must fit only one of the alternatives of its schema']],
    [{ one: 'x' }, ['one must fit one of the alternatives of its schema']],
    [{ inner: { b: 1 } }, ['inner.b is not declared', 'inner must have "a"']],
    [{ not: 'x' }, ['not must not be what its schema excludes']],
    [{ pair: ['a', 'b'] }, ['pair.1 is one item too many']],
    [{ other: 1 }, ['other is not declared']],
  ])('%j', (value, expected) => {
    expect(mismatches(value)).toEqual(expected);
  });
});

describe('formatProblem', () => {
  const problem = {
    severity: 'error',
    pack: 'p',
    file: '/packs/p/a.yaml',
    line: 3,
    column: 7,
    message: 'No.',
  } as const;

  it('writes one line, as compilers do', () => {
    expect(formatProblem(problem)).toBe('/packs/p/a.yaml:3:7: error: No.');
  });

  it('can write the file relative to a folder', () => {
    expect(formatProblem(problem, '/packs')).toBe('p/a.yaml:3:7: error: No.');
  });
});
