import { asciiDigits, float, integer, PythonError, str } from '../../python/index.ts';
import { codePointsBefore, YaqlSyntaxError } from './errors.ts';
import { unescapeYaql } from './escapes.ts';

export type Token =
  | {
      readonly kind: 'constant';
      readonly value: string | number | bigint | boolean | null | object;
      readonly at: number;
    }
  | { readonly kind: 'name' | 'call' | 'variable' | 'operator'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly at: number };

const WORD = '[\\p{L}\\p{N}_]';
const BEFORE = `(?<!${WORD})`;
const AFTER = `(?!${WORD})`;

// In the order the original tries them.
const VARIABLE = new RegExp(`\\$${WORD}*`, 'uy');
const NUMBER = new RegExp(`${BEFORE}\\p{Nd}+(?:\\.\\p{Nd}+)?${AFTER}`, 'uy');
const CALL = new RegExp(`${BEFORE}([\\p{L}\\p{Nl}\\p{No}_]${WORD}*)\\(`, 'uy');
const NAME = new RegExp(`(?!__)${BEFORE}[\\p{L}\\p{Nl}\\p{No}_]${WORD}*${AFTER}`, 'uy');
const SINGLE = /'((?:[^'\\]|\\[^\n])*)'/uy;
const DOUBLE = /"((?:[^"\\]|\\[^\n])*)"/uy;
const VERBATIM = /`((?:[^`\\]|\\[^\n])*)`/uy;
const OPERATOR = /->|=>|=~|!~|!=|>=|<=|\?\.|[-+*/<>=.[{()\],}]/uy;

const WORD_OPERATORS = new Set(['mod', 'in', 'not', 'and', 'or']);
const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Cuts an expression into tokens, one at a time: what stands behind the first mistake is never looked at. */
export class Lexer {
  readonly text: string;
  #position = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Throws YaqlSyntaxError for a character that begins no token. */
  next(): Token {
    this.#skipBlanks();
    const at = this.#position;
    if (at >= this.text.length) return { kind: 'end', at };
    const variable = this.#match(VARIABLE);
    if (variable !== undefined) return { kind: 'variable', text: variable[0], at };
    const number = this.#match(NUMBER);
    if (number !== undefined) return { kind: 'constant', value: numberOf(number[0]), at };
    const call = this.#match(CALL);
    if (call !== undefined) return { kind: 'call', text: call[1] ?? '', at };
    const name = this.#match(NAME)?.[0];
    if (name !== undefined) {
      if (WORD_OPERATORS.has(name)) return { kind: 'operator', text: name, at };
      const value = CONSTANTS.get(name);
      return value === undefined ? { kind: 'name', text: name, at } : { kind: 'constant', value, at };
    }
    const quoted = this.#match(SINGLE) ?? this.#match(DOUBLE);
    if (quoted !== undefined) return { kind: 'constant', value: unescapeYaql(quoted[1] ?? ''), at };
    const verbatim = this.#match(VERBATIM);
    if (verbatim !== undefined) return { kind: 'constant', value: (verbatim[1] ?? '').replaceAll('\\`', '`'), at };
    const operator = this.#match(OPERATOR);
    if (operator !== undefined) return { kind: 'operator', text: operator[0], at };
    const character = String.fromCodePoint(this.text.codePointAt(at) ?? 0);
    const position = codePointsBefore(this.text, at);
    throw new YaqlSyntaxError(
      'YaqlLexicalException',
      `Lexical error: illegal character '${character}' at position ${position}`,
      at,
    );
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.#position = pattern.lastIndex;
    return match;
  }

  #skipBlanks(): void {
    while (' \t\r\n'.includes(this.text[this.#position] ?? 'x')) this.#position += 1;
  }
}

function numberOf(written: string): number | bigint | object {
  const digits = asciiDigits(written);
  if (digits.includes('.')) return float(Number(digits));
  if (digits.length < 16) return Number(digits);
  if (digits.length > 4300) {
    throw new PythonError(
      'ValueError',
      `Exceeds the limit (4300 digits) for integer string conversion: value has ${digits.length} digits`,
    );
  }
  return integer(BigInt(digits));
}

/** A token as messages show it: the value that the original's lexer made of it. */
export function shown(token: Token): string {
  if (token.kind === 'constant') return str(token.value);
  return token.kind === 'end' ? '' : token.text;
}
