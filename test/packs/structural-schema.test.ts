import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { structuralSchema } from '../../src/packs/structural-schema.ts';
import { schemaOfSpec } from '../../src/packs/zod-schema.ts';
import { secret, z } from '../../src/sdk/index.ts';

function convert(field: JsonObject): { field: unknown; complaints: string[] } {
  const complaints: string[] = [];
  const schema = structuralSchema({ type: 'object', properties: { field } }, (path, message) => {
    complaints.push(`${path.join('.')}: ${message}`);
  });
  return { field: (schema.properties as JsonObject).field, complaints }; // it was given properties
}

describe('a structural schema', () => {
  it.each<[string, JsonObject, JsonObject]>([
    [
      'keeps what Kubernetes knows',
      { type: 'string', pattern: '^a', default: 'a', description: 'd' },
      { type: 'string', pattern: '^a', default: 'a', description: 'd' },
    ],
    ['leaves out what it does not', { type: 'string', secret: true, $schema: 'x', examples: [] }, { type: 'string' }],
    ['makes an enum of a constant', { type: 'string', const: 'a' }, { type: 'string', enum: ['a'] }],
    ['makes null nullable', { type: ['string', 'null'] }, { type: 'string', nullable: true }],
    [
      'makes a choice with null nullable',
      { anyOf: [{ type: 'integer' }, { type: 'null' }] },
      { type: 'integer', nullable: true },
    ],
    [
      'knows text or whole number',
      { anyOf: [{ type: 'string' }, { type: 'integer' }], default: 1 },
      { 'x-kubernetes-int-or-string': true, default: 1 },
    ],
    [
      'writes bounds in the older form',
      { type: 'number', exclusiveMinimum: 3, maximum: 5 },
      { type: 'number', minimum: 3, exclusiveMinimum: true, maximum: 5 },
    ],
    ['drops the bounds of all integers', { type: 'integer', minimum: Number.MIN_SAFE_INTEGER }, { type: 'integer' }],
    [
      'prunes instead of forbidding',
      { type: 'object', properties: {}, additionalProperties: false },
      { type: 'object', properties: {} },
    ],
    [
      'keeps maps',
      { type: 'object', additionalProperties: { type: 'string' } },
      { type: 'object', additionalProperties: { type: 'string' } },
    ],
    [
      'keeps anything where anything is allowed',
      { type: 'object', additionalProperties: {} },
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    ],
    [
      'goes into lists',
      { type: 'array', items: { type: 'string', const: 'a' } },
      { type: 'array', items: { type: 'string', enum: ['a'] } },
    ],
  ])('%s', (_, given, wanted) => {
    expect(convert(given)).toEqual({ field: wanted, complaints: [] });
  });

  it.each<[string, JsonObject, string]>([
    ['no type', {}, 'properties.field: has no type'],
    [
      'two types',
      { type: ['string', 'integer'] },
      'properties.field.type: has the type ["string","integer"]; one of array, boolean, integer, number, object, string is needed',
    ],
    [
      'a choice',
      { type: 'object', oneOf: [{ type: 'string' }, { type: 'object' }] },
      'properties.field.oneOf: uses "oneOf", which a CustomResourceDefinition cannot say',
    ],
    ['a list of nothing', { type: 'array' }, 'properties.field: is a list and does not say of what ("items")'],
    [
      'StackStorm’s required',
      { type: 'string', required: true },
      'properties.field.required: must be a list of names of properties',
    ],
    [
      'a map with fields',
      { type: 'object', properties: {}, additionalProperties: { type: 'string' } },
      'properties.field.additionalProperties: cannot have both "properties" and "additionalProperties"',
    ],
  ])('complains of %s', (_, given, complaint) => {
    expect(convert(given).complaints).toEqual([complaint]);
  });

  it('comes of zod types, whatever they hold', () => {
    const complaints: string[] = [];
    const spec = z.object({
      name: secret(z.string().min(1)),
      size: z.enum(['small', 'huge']).default('small'),
      count: z.int().gt(0).optional(),
      labels: z.record(z.string(), z.string()).optional(),
      port: z.union([z.string(), z.int()]),
      note: z.string().nullable(),
      parts: z.array(z.object({ on: z.boolean() }).strict()),
    });
    const schema = structuralSchema(schemaOfSpec(spec), (path, message) => {
      complaints.push(`${path.join('.')}: ${message}`);
    });
    expect(complaints).toEqual([]);
    expect(schema).toEqual({
      type: 'object',
      required: ['name', 'port', 'note', 'parts'],
      properties: {
        name: { type: 'string', minLength: 1 },
        size: { type: 'string', enum: ['small', 'huge'], default: 'small' },
        count: { type: 'integer', minimum: 0, exclusiveMinimum: true },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        port: { 'x-kubernetes-int-or-string': true },
        note: { type: 'string', nullable: true },
        parts: {
          type: 'array',
          items: { type: 'object', required: ['on'], properties: { on: { type: 'boolean' } } },
        },
      },
    });
  });
});
