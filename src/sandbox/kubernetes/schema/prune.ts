/** Pruning: fields that a structural schema does not know are dropped before anything is stored. */
import { isMap, type Json, type JsonMap } from '../json.ts';
import { childSchema, hasProperty, isSchema, type Schema, under } from './schema.ts';

/** What every whole object may have, whatever its schema says. */
const OBJECT_FIELDS = new Set(['apiVersion', 'kind', 'metadata']);

/** Drops unknown fields from a custom object, in place. Returns their paths, in the order met. */
export function prune(object: JsonMap, schema: Schema): string[] {
  const dropped: string[] = [];
  pruneMap(object, schema, '', true, dropped);
  return dropped;
}

function pruneValue(value: Json | undefined, schema: Schema | undefined, path: string, dropped: string[]): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) pruneValue(item, schema.items, `${path}[${index}]`, dropped);
  } else if (isMap(value)) {
    pruneMap(value, schema, path, schema['x-kubernetes-embedded-resource'] === true, dropped);
  }
}

function pruneMap(map: JsonMap, schema: Schema, path: string, whole: boolean, dropped: string[]): void {
  const open =
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema.additionalProperties === true ||
    isSchema(schema.additionalProperties);
  for (const key of Object.keys(map)) {
    if (whole && OBJECT_FIELDS.has(key)) continue;
    if (!open && !hasProperty(schema, key)) {
      delete map[key];
      dropped.push(under(path, key));
      continue;
    }
    pruneValue(map[key], childSchema(schema, key), under(path, key), dropped);
  }
}
