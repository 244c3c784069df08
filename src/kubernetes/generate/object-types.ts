import { isJsonObject } from '../../model/index.ts';
import { at, type Cursor, itemsOf, membersOf, objectAt, textAt } from '../openapi/cursor.ts';
import { docComment } from './comments.ts';
import { propertyKey } from './names.ts';

type PrintType = (schema: Cursor, indent: string) => readonly string[];

/** The type of an object: its properties between braces, or a record where it has none. */
export function objectType(cursor: Cursor, indent: string, print: PrintType): string {
  const properties = membersOf(at(cursor, 'properties'));
  const required = requiredNames(cursor);
  const known = new Set(properties.map(([name]) => name));
  const inner = `${indent}  `;
  const lines = [
    ...properties.map(([name, schema]) => propertyLine(name, schema, required.has(name), inner, print)),
    // Required and described elsewhere, by another part of an allOf.
    ...[...required].filter((name) => !known.has(name)).map((name) => `${inner}${propertyKey(name)}: unknown;\n`),
  ];
  const more = at(cursor, 'additionalProperties');
  const open = more.value === true || at(cursor, 'x-kubernetes-preserve-unknown-fields').value === true;
  const typed = isJsonObject(more.value) && Object.keys(more.value).length > 0;
  if (lines.length === 0) {
    if (typed) return `{ [key: string]: ${print(more, indent).join(' | ')} }`;
    return more.value === false && !open ? 'Record<string, never>' : 'Record<string, unknown>';
  }
  // What holds for all other fields must hold for the named ones, too, in TypeScript; so the others are of any type.
  if (open || isJsonObject(more.value)) lines.push(`${inner}[key: string]: unknown;\n`);
  return `{\n${lines.join('')}${indent}}`;
}

function requiredNames(cursor: Cursor): ReadonlySet<string> {
  const required = at(cursor, 'required');
  if (!Array.isArray(required.value)) return new Set(); // `required: true` of older drafts says nothing here
  return new Set(itemsOf(required).flatMap((one) => textAt(one) ?? []));
}

function propertyLine(name: string, schema: Cursor, required: boolean, indent: string, print: PrintType): string {
  const type = print(schema, indent).join(' | ');
  const readonly = isJsonObject(schema.value) && schema.value.readOnly === true ? 'readonly ' : '';
  return `${schemaComment(schema, indent)}${indent}${readonly}${propertyKey(name)}${required ? '' : '?'}: ${type};\n`;
}

/** Formats that the type says already, or that JavaScript has no difference for. */
const TOLD: readonly string[] = ['', 'int32', 'float', 'double', 'binary', 'int-or-string'];

/** What a schema says of itself in words, its default and format among them. */
export function schemaComment(schema: Cursor, indent: string): string {
  if (!isJsonObject(schema.value)) return '';
  const { title, description, format, deprecated, default: fallback } = objectAt(schema);
  const said = [description, title].find((text) => typeof text === 'string' && text !== '');
  const shown = isJsonObject(fallback) && Object.keys(fallback).length === 0 ? undefined : fallback;
  return docComment(
    [
      ...(typeof said === 'string' ? [said] : []),
      ...(typeof format === 'string' && !TOLD.includes(format) ? [`Format: ${format}.`] : []),
      ...(shown === undefined ? [] : [`Default: ${JSON.stringify(shown)}.`]),
      ...(deprecated === true ? ['@deprecated'] : []),
    ].join('\n'),
    indent,
  );
}
