/** Fields of an applied value that its schema does not know: nobody could own them. */
import { isMap, type Json } from '../json.ts';
import { childSchema, hasProperty, isSchema, type Schema } from '../schema/schema.ts';
import type { FieldPath } from './field-set.ts';
import { itemElement } from './typed.ts';

const OBJECT_FIELDS = ['apiVersion', 'kind', 'metadata'];

/** The paths of all of them, in the order met. A value without a schema may hold anything. */
export function undeclared(value: Json | undefined, schema: Schema | undefined, path: FieldPath = []): FieldPath[] {
  if (schema === undefined) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      undeclared(item, schema.items, [...path, itemElement(item, schema) ?? `i:${index}`]),
    );
  }
  if (!isMap(value)) return [];
  const isWhole = schema['x-kubernetes-embedded-resource'] === true;
  const isOpen =
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema.additionalProperties === true ||
    isSchema(schema.additionalProperties);
  return Object.entries(value).flatMap(([key, child]) => {
    const below = [...path, `f:${key}`];
    if (isOpen || hasProperty(schema, key)) return undeclared(child, childSchema(schema, key), below);
    return isWhole && OBJECT_FIELDS.includes(key) ? [] : [below];
  });
}
