/**
 * OpenAPI v3 schemas as Kubernetes uses them: structural schemas of custom resources and, in the same form, what the sandbox knows
 * of built-in kinds. Validation, defaulting, pruning, field ownership, strategic merge, explain and OpenAPI all read this one form.
 */
import { isMap, type Json, type JsonMap } from '../json.ts';

export interface Schema extends JsonMap {
  type?: string;
  description?: string;
  format?: string;
  properties?: { [name: string]: Schema };
  additionalProperties?: boolean | Schema;
  items?: Schema;
  required?: string[];
  enum?: Json[];
  default?: Json;
  nullable?: boolean;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  not?: Schema;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: string;
  'x-kubernetes-patch-merge-key'?: string;
  'x-kubernetes-patch-strategy'?: string;
}

/** The schema of a map's key: its property's, else the one for additional properties; undefined when it says nothing. */
export function childSchema(schema: Schema | undefined, key: string): Schema | undefined {
  if (schema?.properties !== undefined && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  return isSchema(schema?.additionalProperties) ? schema.additionalProperties : undefined;
}

export function hasProperty(schema: Schema | undefined, key: string): boolean {
  return schema?.properties !== undefined && Object.hasOwn(schema.properties, key);
}

export function isSchema(value: unknown): value is Schema {
  return isMap(value);
}

/** The keys that identify the items of a list of maps; undefined for lists that are replaced whole. */
export function listMapKeys(schema: Schema | undefined): readonly string[] | undefined {
  if (schema?.['x-kubernetes-list-type'] === 'map') return schema['x-kubernetes-list-map-keys'] ?? [];
  return undefined;
}

export function isSetList(schema: Schema | undefined): boolean {
  return schema?.['x-kubernetes-list-type'] === 'set';
}

export function isAtomicMap(schema: Schema | undefined): boolean {
  return schema?.['x-kubernetes-map-type'] === 'atomic';
}

/** The path of a field as Kubernetes writes it: `spec.ports[0].name`. */
export function under(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
