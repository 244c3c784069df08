import { join, resolve } from 'node:path';
import { isJsonObject, type Json, type JsonObject } from '../../src/model/index.ts';

/** The client's types, which are generated; `npm run docs:api` writes them anew. */
export const TYPES = join(resolve(import.meta.dirname, '../..'), 'src', 'client', 'api-types.ts');

const HEAD = `// Made from the OpenAPI document by \`npm run docs:api\`; not to be edited.
import type { Json, JsonObject } from '../model/index.ts';
`;
const API = '/api/v1';
const WORD = /^[A-Za-z_$][\w$]*$/;

/** The shapes and operations of an OpenAPI document as TypeScript: what the client can be asked for, and what it answers. */
export function typesOf(document: JsonObject): string {
  const { paths, components } = document as unknown as {
    paths: Record<string, Record<string, JsonObject>>;
    components: { schemas: Record<string, JsonObject> };
  }; // it is an OpenAPI document
  const shapes = Object.entries(components.schemas)
    .filter(([name]) => !isAnyJson(name))
    .map(([name, schema]) => `${comment(schema, '')}export type ${name} = ${typeOf(schema, '  ')};\n`);
  const operations = Object.entries(paths)
    .filter(([path]) => path.startsWith(`${API}/`))
    .flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => operationOf(path.slice(API.length), method, operation)),
    );
  return `${HEAD}\n${shapes.join('\n')}
/** What can be asked for: names of path and query, body, and answer. */
export interface Operations {
${operations.join('\n')}
}
`;
}

function operationOf(path: string, method: string, operation: JsonObject): string {
  const parameters = operation.parameters as readonly JsonObject[]; // of an operation
  const namesIn = (place: string) =>
    parameters.filter((one) => one.in === place).map(({ name }) => quoted(String(name)));
  return `  /** ${String(operation.summary)}. */
  '${method.toUpperCase()} ${path}': { path: ${union(namesIn('path'))}; query: ${union(namesIn('query'))}; body: ${bodyOf(operation)}; answer: ${answerOf(operation)} };`;
}

function bodyOf({ requestBody }: JsonObject): string {
  if (!isJsonObject(requestBody)) return 'undefined';
  const content = requestBody.content as Record<string, { schema: JsonObject }>; // of a request body
  const type = union(Object.values(content).map(({ schema }) => typeOf(schema, '')));
  return requestBody.required === true ? type : `${type} | undefined`;
}

function answerOf({ responses }: JsonObject): string {
  const [response] = Object.values(responses as Record<string, JsonObject>); // of an operation
  const content = response?.content as Record<string, { schema: JsonObject }> | undefined; // of a response
  if (content === undefined) return 'undefined';
  return union(
    Object.entries(content).map(([media, { schema }]) =>
      media === 'application/json' ? typeOf(schema, '') : media === 'text/json' ? 'Json' : 'string',
    ),
  );
}

/** `indent`: of the fields, one line for each; empty: all in one line. */
function typeOf(schema: JsonObject, indent: string): string {
  const { $ref, anyOf, type, items, properties, additionalProperties } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? '';
    return isAnyJson(name) ? 'Json' : name;
  }
  const choices = anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return union(choices.filter(isJsonObject).map((one) => typeOf(one, '')));
  if (schema.const !== undefined) return literal(schema.const);
  if (Array.isArray(schema.enum)) return union(schema.enum.map(literal));
  if (Array.isArray(type)) return union(type.map((one) => typeOf({ ...schema, type: one }, '')));
  if (type === 'array') return `readonly (${isJsonObject(items) ? typeOf(items, '') : 'Json'})[]`;
  if (isJsonObject(properties)) return fieldsOf(schema, indent);
  if (type === 'object') {
    const of = isJsonObject(additionalProperties) ? typeOf(additionalProperties, '') : 'Json';
    return of === 'Json' ? 'JsonObject' : `{ readonly [name: string]: ${of} }`;
  }
  if (type === 'integer' || type === 'number') return 'number';
  return type === 'string' || type === 'boolean' || type === 'null' ? type : 'Json';
}

function fieldsOf({ properties, required, additionalProperties }: JsonObject, indent: string): string {
  const needed = Array.isArray(required) ? required : [];
  const fields = Object.entries(isJsonObject(properties) ? properties : {}).map(([name, field]) => {
    const key = `readonly ${WORD.test(name) ? name : quoted(name)}${needed.includes(name) ? '' : '?'}`;
    const schema = isJsonObject(field) ? field : {};
    return `${indent === '' ? '' : comment(schema, indent)}${indent}${key}: ${typeOf(schema, '')};`;
  });
  const isOpen = isJsonObject(additionalProperties) && Object.keys(additionalProperties).length === 0;
  const type = indent === '' ? `{ ${fields.join(' ')} }` : `{\n${fields.join('\n')}\n}`;
  if (fields.length === 0) return isOpen ? 'JsonObject' : '{ readonly [name: string]: never }';
  return isOpen ? `${type} & JsonObject` : type;
}

function comment({ description }: JsonObject, indent: string): string {
  return typeof description === 'string' ? `${indent}/** ${description} */\n` : '';
}

/** What zod calls the parts of "any JSON", which refers to itself. */
function isAnyJson(name: string): boolean {
  return name.startsWith('__schema');
}

function literal(value: Json): string {
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}

function union(types: readonly string[]): string {
  return types.length === 0 ? 'never' : [...new Set(types)].join(' | ');
}
