import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isJsonObject, type Json, type JsonObject } from '../../src/model/index.ts';
import { TYPES, typesOf } from '../client/generate.ts';
import { openHouse } from './support.ts';

/** The page whose end is generated; what stands before the line is written by hand. */
export const PAGE = join(resolve(import.meta.dirname, '../..'), 'docs', 'api.md');
const LINE = '<!-- From here on made from the OpenAPI document by `npm run docs:api`. -->';

/** The routes of an OpenAPI document as Markdown, a table for each tag. */
export function referenceOf(document: JsonObject): string {
  const { paths, components } = document as unknown as {
    paths: Record<string, Record<string, JsonObject>>;
    components: { schemas: Record<string, JsonObject> };
  }; // it is an OpenAPI document
  const sections = new Map<string, string[]>();
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const tag = String((operation.tags as readonly Json[])[0]); // an operation has one
      const lines = sections.get(tag) ?? ['| call | what | query | body | answer |', '|---|---|---|---|---|'];
      sections.set(tag, lines);
      const cells = [
        `\`${method.toUpperCase()} ${path}\``,
        String(operation.summary),
        queryOf(operation),
        bodyOf(operation),
        answerOf(operation),
      ];
      lines.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
    }
  }
  const routes = [...sections].map(([tag, lines]) => `### ${tag}\n\n${lines.join('\n')}\n`);
  const shapes = Object.entries(components.schemas).map(([name, schema]) => `### ${name}\n\n${shapeOf(schema)}\n`);
  return `## Routes\n\n${routes.join('\n')}\n## Shapes\n\nA name with \`?\` may be absent.\n\n${shapes.join('\n')}`;
}

function queryOf({ parameters }: JsonObject): string {
  const listed = (parameters as readonly JsonObject[]).filter((parameter) => parameter.in === 'query'); // of an operation
  return listed.map(({ name }) => `\`${String(name)}\``).join(', ');
}

function bodyOf({ requestBody }: JsonObject): string {
  if (!isJsonObject(requestBody)) return '';
  const content = requestBody.content as Record<string, { schema: JsonObject }>; // of a request body
  return Object.entries(content)
    .map(([media, { schema }]) => (media === 'application/json' ? typeOf(schema) : media))
    .join(' or ');
}

function answerOf({ responses }: JsonObject): string {
  const [[status = '', response] = []] = Object.entries(responses as Record<string, JsonObject>); // of an operation
  const content = response?.content as Record<string, { schema: JsonObject }> | undefined; // of a response
  const [media, schema] = Object.entries(content ?? {}).map(([name, { schema: of }]) => [name, of] as const)[0] ?? [];
  if (media === undefined || schema === undefined) return status;
  return `${status}: ${media === 'application/json' ? typeOf(schema) : media}`;
}

function typeOf(schema: JsonObject): string {
  const { $ref, anyOf, type, items, properties, additionalProperties } = schema;
  if (typeof $ref === 'string') return $ref.split('/').at(-1) ?? '';
  if (Array.isArray(anyOf)) {
    const types = anyOf
      .filter(isJsonObject)
      .map(typeOf)
      .filter((name) => name !== 'null');
    return [...new Set(types)].join(' or ');
  }
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (type === 'array') return `list of ${isJsonObject(items) ? typeOf(items) || 'anything' : 'anything'}`;
  if (isJsonObject(properties) && Object.keys(properties).length > 0) return `{${fieldsOf(schema).join(', ')}}`;
  if (type === 'object')
    return isJsonObject(additionalProperties) && typeOf(additionalProperties) !== ''
      ? `map of ${typeOf(additionalProperties)}`
      : 'object';
  return typeof type === 'string' ? type : 'anything';
}

function fieldsOf({ properties, required }: JsonObject): string[] {
  const needed = Array.isArray(required) ? required : [];
  return Object.keys(isJsonObject(properties) ? properties : {}).map((name) =>
    needed.includes(name) ? name : `${name}?`,
  );
}

function shapeOf(schema: JsonObject): string {
  if (!isJsonObject(schema.properties)) return typeOf(schema);
  const needed = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties)
    .map(([name, field]) => {
      const { description } = isJsonObject(field) ? field : {};
      const about = typeof description === 'string' ? ` — ${description}` : '';
      return `- \`${name}\`${needed.includes(name) ? '' : '?'}: ${isJsonObject(field) ? typeOf(field) : 'anything'}${about}`;
    })
    .join('\n');
}

/** The page as it should be, for the document of a server. */
export function pageOf(document: JsonObject): string {
  const [written = ''] = readFileSync(PAGE, 'utf8').split(LINE);
  return `${written}${LINE}\n\n${referenceOf(document)}`;
}

/** `npm run docs:api` */
export async function main(): Promise<void> {
  const house = await openHouse({});
  const { body } = await house.ask('GET', '//openapi.json');
  writeFileSync(PAGE, pageOf(body));
  writeFileSync(TYPES, typesOf(body));
  await house.stop();
}
