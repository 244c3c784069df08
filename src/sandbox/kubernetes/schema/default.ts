/** Defaulting: fields that are missing get their schema's default, outermost first, so that defaults inside a default apply too. */
import { clone, isMap, type Json, own } from '../json.ts';
import { childSchema, type Schema } from './schema.ts';

/** Fills defaults into a value, in place. A null where null is not allowed counts as missing, as in the real server. */
export function applyDefaults(value: Json | undefined, schema: Schema | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value) applyDefaults(item, schema.items);
    return;
  }
  if (!isMap(value)) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined) continue;
    const present = own(value, name);
    if (present === undefined || (present === null && property.nullable !== true))
      value[name] = clone(property.default);
  }
  for (const key of Object.keys(value)) applyDefaults(value[key], childSchema(schema, key));
}
