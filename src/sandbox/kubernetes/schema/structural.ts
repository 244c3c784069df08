/** Whether a CRD's schema is structural: every field has a type, and nothing in it that pruning and defaulting could not follow. */
import { RE2JS } from 're2js';
import { type Cause, cause } from '../errors.ts';
import { isMap, type Json, type JsonMap, listAt } from '../json.ts';
import { ruleComplaints } from './rules.ts';
import { isSchema, type Schema } from './schema.ts';
import { validate } from './validate.ts';

export function schemaComplaints(schema: JsonMap, path: string): Cause[] {
  if (schema.type !== 'object') {
    return [cause.invalid(`${path}.type`, schema.type ?? '', 'must be object at the root')];
  }
  return nodeComplaints(schema, path);
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

function nodeComplaints(node: Json | undefined, path: string): Cause[] {
  if (!isMap(node)) return [cause.invalid(path, node, 'must be a schema')];
  const complaints: Cause[] = [];
  const { type } = node;
  const typeless = node['x-kubernetes-int-or-string'] === true || node['x-kubernetes-preserve-unknown-fields'] === true;
  if (type === undefined || type === '') {
    if (!typeless) complaints.push(cause.required(`${path}.type`, 'must not be empty for specified object fields'));
  } else if (typeof type !== 'string' || !TYPES.includes(type)) {
    complaints.push(cause.notSupported(`${path}.type`, type, TYPES));
  }
  for (const word of ['$ref', 'definitions', 'dependencies', 'patternProperties', 'additionalItems', 'id']) {
    if (Object.hasOwn(node, word)) complaints.push(cause.forbidden(`${path}.${word}`, `${word} is not supported`));
  }
  if (node.uniqueItems === true) {
    complaints.push(
      cause.forbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  }
  if (node.additionalProperties === false) {
    complaints.push(cause.forbidden(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'));
  }
  if (isMap(node.properties) && node.additionalProperties !== undefined) {
    complaints.push(
      cause.forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    );
  }
  if (type === 'array' && !isMap(node.items)) complaints.push(cause.required(`${path}.items`, 'must be specified'));
  if (node['x-kubernetes-list-type'] === 'map' && listAt(node, 'x-kubernetes-list-map-keys').length === 0) {
    complaints.push(
      cause.required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'),
    );
  }
  if (typeof node.pattern === 'string' && !isPattern(node.pattern)) {
    complaints.push(cause.invalid(`${path}.pattern`, node.pattern, "must be a valid regular expression, but isn't"));
  }
  for (const [name, child] of Object.entries(isMap(node.properties) ? node.properties : {})) {
    complaints.push(...nodeComplaints(child, `${path}.properties[${name}]`));
  }
  if (isMap(node.items)) complaints.push(...nodeComplaints(node.items, `${path}.items`));
  if (isMap(node.additionalProperties)) {
    complaints.push(...nodeComplaints(node.additionalProperties, `${path}.additionalProperties`));
  }
  complaints.push(...ruleComplaints(node, path));
  if (complaints.length === 0 && node.default !== undefined) complaints.push(...defaultComplaints(node, path));
  return complaints;
}

function isPattern(text: string): boolean {
  try {
    RE2JS.compile(text);
    return true;
  } catch {
    return false;
  }
}

function defaultComplaints(node: JsonMap, path: string): Cause[] {
  if (!isSchema(node)) return [];
  const { default: value, ...rules } = node;
  const schema: Schema = rules;
  return validate(value, schema, `${path}.default`);
}
