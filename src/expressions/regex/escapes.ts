import { quoted } from './errors.ts';
import type { Category, Node, SetItem } from './syntax.ts';
import { length, type Tokenizer } from './tokenizer.ts';

export const isOctal = (token: string): boolean => token >= '0' && token <= '7' && token.length === 1;
export const isDigit = (token: string): boolean => token >= '0' && token <= '9' && token.length === 1;
const isHex = (token: string): boolean => /^[0-9a-fA-F]$/.test(token);
const isLetter = (token: string): boolean => /^[a-zA-Z]$/.test(token);

/** Escapes that name one character, in patterns, sets and replacement templates alike (`\b` outside of a set apart). */
export const CHARACTER_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['\\a', 7],
  ['\\b', 8],
  ['\\f', 12],
  ['\\n', 10],
  ['\\r', 13],
  ['\\t', 9],
  ['\\v', 11],
  ['\\\\', 92],
]);

const PLACES: ReadonlyMap<string, Node> = new Map([
  ['\\A', { kind: 'at', place: 'text-begin' }],
  ['\\b', { kind: 'at', place: 'boundary' }],
  ['\\B', { kind: 'at', place: 'no-boundary' }],
  ['\\Z', { kind: 'at', place: 'text-end' }],
]);

function categoryOf(sequence: string): Category | undefined {
  switch (sequence) {
    case '\\d':
      return 'd';
    case '\\D':
      return 'D';
    case '\\s':
      return 's';
    case '\\S':
      return 'S';
    case '\\w':
      return 'w';
    case '\\W':
      return 'W';
    default:
      return undefined;
  }
}

/** The item of a set that `escape` (backslash and one character, already read) begins. */
export function parseSetEscape(source: Tokenizer, sequence: string): SetItem {
  const literal = CHARACTER_ESCAPES.get(sequence);
  if (literal !== undefined) return { kind: 'range', low: literal, high: literal };
  const category = categoryOf(sequence);
  if (category !== undefined) return { kind: 'category', category };
  const first = sequence.slice(1);
  let code = numericEscape(source, sequence);
  if (code === undefined && isOctal(first)) {
    const whole = sequence + source.getWhile(2, isOctal);
    code = octal(source, whole);
  }
  if (code === undefined) {
    if (isDigit(first) || isLetter(first)) throw source.error(`bad escape ${sequence}`, length(sequence));
    code = codeOf(first);
  }
  return { kind: 'range', low: code, high: code };
}

/** What `escape` (backslash and one character, already read) stands for outside of a set. `reference` answers a group reference. */
export function parseEscape(
  source: Tokenizer,
  sequence: string,
  reference: (group: number, escapeLength: number) => Node,
): Node {
  const place = PLACES.get(sequence);
  if (place !== undefined) return place;
  const category = categoryOf(sequence);
  if (category !== undefined) return { kind: 'set', set: { negate: false, items: [{ kind: 'category', category }] } };
  const literal = CHARACTER_ESCAPES.get(sequence);
  if (literal !== undefined) return { kind: 'char', code: literal };
  const numeric = numericEscape(source, sequence);
  if (numeric !== undefined) return { kind: 'char', code: numeric };
  const first = sequence.slice(1);
  if (first === '0') {
    return { kind: 'char', code: Number.parseInt(first + source.getWhile(2, isOctal), 8) };
  }
  if (isDigit(first)) {
    let digits = first;
    if (source.next !== undefined && isDigit(source.next)) {
      digits += source.get() ?? '';
      if (/^[0-7][0-7]$/.test(digits) && source.next !== undefined && isOctal(source.next)) {
        digits += source.get() ?? '';
        return { kind: 'char', code: octal(source, `\\${digits}`) };
      }
    }
    return reference(Number.parseInt(digits, 10), digits.length + 1);
  }
  if (isLetter(first)) throw source.error(`bad escape ${sequence}`, length(sequence));
  return { kind: 'char', code: codeOf(first) };
}

/** An octal escape of three digits, which must fit a byte. */
export function octal(source: Tokenizer, sequence: string): number {
  const code = Number.parseInt(sequence.slice(1), 8);
  if (code > 0o377) throw source.error(`octal escape value ${sequence} outside of range 0-0o377`, sequence.length);
  return code;
}

function numericEscape(source: Tokenizer, sequence: string): number | undefined {
  switch (sequence) {
    case '\\x':
      return hexadecimal(source, sequence, 2);
    case '\\u':
      return hexadecimal(source, sequence, 4);
    case '\\U': {
      const code = hexadecimal(source, sequence, 8);
      if (code > 0x10ffff) throw source.error(`bad escape \\U${code.toString(16).padStart(8, '0')}`, 10);
      return code;
    }
    case '\\N': {
      if (!source.match('{')) throw source.error('missing {');
      const name = source.getUntil('}', 'character name');
      // The Unicode name table is 1 MB that nobody has asked for; \u and \U say the same.
      throw source.error(`undefined character name ${quoted(name)}`, length(name) + 4);
    }
    default:
      return undefined;
  }
}

function hexadecimal(source: Tokenizer, sequence: string, digits: number): number {
  const text = source.getWhile(digits, isHex);
  if (text.length !== digits) throw source.error(`incomplete escape ${sequence}${text}`, sequence.length + text.length);
  return Number.parseInt(text, 16);
}

/** Code point of a text of one character. */
export function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}
