import { dictEntries, isDict } from './dict.ts';
import { compare } from './equality.ts';
import { PythonError, typeError, valueError } from './errors.ts';
import { checkText, Visit } from './limits.ts';
import { Float, floatRepr, intRepr } from './numbers.ts';
import { str } from './text.ts';
import { sequenceItems } from './tuple.ts';
import { typeName } from './types.ts';

/** Options of Python's `json.dumps`. */
export interface DumpOptions {
  /** Spaces per level, or the text itself. Default null: all on one line. */
  readonly indent?: number | string | null;
  /** Default false: insertion order. */
  readonly sortKeys?: boolean;
  /** Between items, and after a key. Default `, ` (`,` with an indent) and `: `. */
  readonly separators?: readonly [string, string] | undefined;
  /** Default true: everything beyond ASCII becomes `\uXXXX`. */
  readonly ensureAscii?: boolean;
  /** What a value is written as: for kinds of text that a language has besides. Default: as it is. */
  readonly as?: (value: unknown) => unknown;
}

/** Python's `json.dumps`. Throws TypeError for values without JSON, ValueError for data that holds itself. */
export function dumpJson(value: unknown, options: DumpOptions = {}): string {
  const indent =
    typeof options.indent === 'number' ? ' '.repeat(Math.max(0, Math.min(options.indent, 1000))) : options.indent;
  const [item, key] = options.separators ?? [indent === null || indent === undefined ? ', ' : ',', ': '];
  const writer: Writer = {
    parts: [],
    length: 0,
    indent: indent ?? undefined,
    item,
    key,
    sort: options.sortKeys === true,
    ascii: options.ensureAscii !== false,
    as: options.as ?? ((value) => value),
    open: [],
    visit: new Visit(),
  };
  write(value, writer);
  return writer.parts.join('');
}

interface Writer {
  readonly parts: string[];
  length: number;
  readonly indent: string | undefined;
  readonly item: string;
  readonly key: string;
  readonly sort: boolean;
  readonly ascii: boolean;
  readonly as: (value: unknown) => unknown;
  readonly open: object[];
  readonly visit: Visit;
}

function put(writer: Writer, text: string): void {
  writer.parts.push(text);
  writer.length += text.length;
  checkText(writer.length);
}

function write(given: unknown, writer: Writer): void {
  const value = writer.as(given);
  const scalar = typeof value === 'string' ? jsonText(value, writer.ascii) : scalarJson(value);
  if (scalar !== undefined) {
    put(writer, scalar);
    return;
  }
  const items = sequenceItems(value);
  if (items === undefined && !isDict(value)) {
    throw typeError(`Object of type ${typeName(value)} is not JSON serializable`);
  }
  // Scalars were answered above, so this is an array, a tuple or a dict.
  const container = value as object;
  if (writer.open.includes(container)) throw valueError('Circular reference detected');
  writer.visit.enter();
  writer.open.push(container);
  if (items !== undefined) writeItems(items, writer);
  else if (isDict(value)) writeEntries(value, writer);
  writer.open.pop();
  writer.visit.leave();
}

function scalarJson(value: unknown): string | undefined {
  switch (typeof value) {
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return intRepr(value);
    case 'number':
      return Number.isSafeInteger(value) ? intRepr(value) : jsonFloat(value);
    default:
  }
  if (value === null || value === undefined) return 'null';
  return value instanceof Float ? jsonFloat(value.value) : undefined;
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatRepr(value);
}

function newLine(writer: Writer): string {
  return writer.indent === undefined ? '' : `\n${writer.indent.repeat(writer.open.length)}`;
}

function writeItems(items: readonly unknown[], writer: Writer): void {
  if (items.length === 0) {
    put(writer, '[]');
    return;
  }
  const line = newLine(writer);
  put(writer, `[${line}`);
  let first = true;
  for (const item of items) {
    if (!first) put(writer, writer.item + line);
    first = false;
    write(item, writer);
  }
  put(writer, `${closing(writer)}]`);
}

function writeEntries(dict: Parameters<typeof dictEntries>[0], writer: Writer): void {
  let entries: Iterable<readonly [unknown, unknown]> = dictEntries(dict);
  if (writer.sort) entries = [...entries].sort(([a], [b]) => compare(a, b));
  const line = newLine(writer);
  let first = true;
  for (const [key, value] of entries) {
    put(writer, first ? `{${line}` : writer.item + line);
    first = false;
    put(writer, jsonText(jsonKey(key), writer.ascii) + writer.key);
    write(value, writer);
  }
  put(writer, first ? '{}' : `${closing(writer)}}`);
}

function closing(writer: Writer): string {
  return writer.indent === undefined ? '' : `\n${writer.indent.repeat(writer.open.length - 1)}`;
}

function jsonKey(key: unknown): string {
  if (typeof key === 'string') return key;
  const scalar = scalarJson(key);
  if (scalar !== undefined) return scalar;
  throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const NEEDS_ESCAPE = /["\\\x00-\x1f]/g;
const NEEDS_ASCII_ESCAPE = /["\\]|[^\x20-\x7e]/g;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** A JSON string literal as Python writes it. */
export function jsonText(text: string, ascii = true): string {
  const body = text.replace(
    ascii ? NEEDS_ASCII_ESCAPE : NEEDS_ESCAPE,
    (unit) => SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${body}"`;
}

/** Reads the arguments of `json.dumps` as a template gives them. */
export function dumpOptions(indent: unknown, sortKeys: unknown, separators: unknown): DumpOptions {
  const pair = separators === undefined || separators === null ? undefined : sequenceItems(separators);
  if (pair !== undefined && pair.length !== 2) {
    throw new PythonError('ValueError', `not enough values to unpack (expected 2, got ${pair.length})`);
  }
  return {
    indent: typeof indent === 'number' || typeof indent === 'string' ? indent : null,
    sortKeys: sortKeys === true || (typeof sortKeys === 'number' && sortKeys !== 0),
    ...(pair === undefined ? {} : { separators: [str(pair[0]), str(pair[1])] as const }),
  };
}
