import { Dict, dictEntries, isRecord } from './dict.ts';
import { checkText, Visit } from './limits.ts';
import { Float, floatRepr, intRepr } from './numbers.ts';
import { PythonObject } from './object.ts';
import { PySet } from './set.ts';
import { Tuple } from './tuple.ts';

/** Python's `str(value)`: text as it is, everything else as `repr` prints it. */
export function str(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value === 0 ? '0' : String(value);
  if (value instanceof PythonObject) return value.str();
  return repr(value);
}

/** Python's `repr(value)`: the literal that would make the value. */
export function repr(value: unknown): string {
  const scalar = scalarRepr(value);
  if (scalar !== undefined) return scalar;
  const printer: Printer = { parts: [], length: 0, open: [], visit: new Visit() };
  print(value, printer);
  return printer.parts.join('');
}

interface Printer {
  readonly parts: string[];
  length: number;
  /** The containers being printed: one that holds itself is printed as `[...]`. */
  readonly open: object[];
  readonly visit: Visit;
}

function scalarRepr(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return textRepr(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
      return intRepr(value);
    case 'number':
      return Number.isSafeInteger(value) ? intRepr(value) : floatRepr(value);
    default:
  }
  if (value === null || value === undefined) return 'None';
  if (value instanceof Float) return floatRepr(value.value);
  if (value instanceof PythonObject) return value.repr();
  return undefined;
}

function put(printer: Printer, text: string): void {
  printer.parts.push(text);
  printer.length += text.length;
  checkText(printer.length);
}

function print(value: unknown, printer: Printer): void {
  const scalar = scalarRepr(value);
  if (scalar !== undefined) {
    put(printer, scalar);
    return;
  }
  // scalarRepr answers for everything that is not an object.
  const container = value as object;
  const recursive = printer.open.includes(container);
  printer.visit.enter();
  printer.open.push(container);
  printContainer(container, recursive, printer);
  printer.open.pop();
  printer.visit.leave();
}

function printContainer(container: object, recursive: boolean, printer: Printer): void {
  if (Array.isArray(container)) {
    if (recursive) put(printer, '[...]');
    else printItems('[', container, ']', printer);
  } else if (container instanceof Tuple) {
    if (recursive) put(printer, '(...)');
    else printItems('(', container.items, container.items.length === 1 ? ',)' : ')', printer);
  } else if (container instanceof PySet) {
    const frozen = container.typeName === 'frozenset';
    if (container.size === 0) put(printer, `${container.typeName}()`);
    else printItems(frozen ? 'frozenset({' : '{', container, frozen ? '})' : '}', printer);
  } else if (container instanceof Dict || isRecord(container)) {
    if (recursive) put(printer, '{...}');
    else printEntries(dictEntries(container), printer);
  } else put(printer, '<object>');
}

function printItems(open: string, items: Iterable<unknown>, close: string, printer: Printer): void {
  put(printer, open);
  let first = true;
  for (const item of items) {
    if (!first) put(printer, ', ');
    first = false;
    print(item, printer);
  }
  put(printer, close);
}

function printEntries(entries: Iterable<readonly [unknown, unknown]>, printer: Printer): void {
  put(printer, '{');
  let first = true;
  for (const [key, value] of entries) {
    if (!first) put(printer, ', ');
    first = false;
    print(key, printer);
    put(printer, ': ');
    print(value, printer);
  }
  put(printer, '}');
}

const PLAIN = /^[\x20-\x26\x28-\x5b\x5d-\x7e]*$/;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Zs}]/u;

/** The literal of a text: `'` quotes unless it holds `'` and no `"`; what Python's `isprintable` refuses is escaped. */
export function textRepr(text: string): string {
  if (PLAIN.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const character of text) out += escaped(character, quote);
  return out + quote;
}

function escaped(character: string, quote: string): string {
  if (character === quote || character === '\\') return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f) return character;
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  if (!UNPRINTABLE.test(character)) return character;
  return codeEscape(code);
}

function codeEscape(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

/** Python's `ascii(value)`: as `repr`, with everything beyond ASCII escaped. */
export function asciiRepr(value: unknown): string {
  // What is no printable ASCII was escaped by `repr` already.
  return repr(value).replace(/[^ -~]/gu, (character) => codeEscape(character.codePointAt(0) ?? 0));
}

const SURROGATE = /[\ud800-\udfff]/;

/** Whether a text has characters beyond the basic plane, whose UTF-16 units are not Python's characters. */
export function hasWide(text: string): boolean {
  return SURROGATE.test(text);
}

/** The characters of a text as Python counts them (code points). */
export function characters(text: string): readonly string[] {
  return hasWide(text) ? Array.from(text) : text.split('');
}

export function textLength(text: string): number {
  if (!hasWide(text)) return text.length;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
