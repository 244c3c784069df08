import { pathError } from './errors.ts';

/** `position` and `end` count UTF-16 units in the path; `text` is without quotes. */
export interface Token {
  readonly kind: 'name' | 'number' | 'operator' | 'symbol';
  readonly text: string;
  readonly position: number;
  readonly end: number;
}

const NAME = /[a-zA-Z_@][a-zA-Z0-9_@-]*/y;
const NUMBER = /-?\d+/y;

/** A path this long is no path; the bound keeps the parser's recursion small. */
const MAX_TOKENS = 2000;

/** Cuts a path into tokens. Quoting is the only escape: between quotes a backslash is a character like any other. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < source.length) {
    const char = source.charAt(position);
    if (char === ' ' || char === '\t' || char === '\n') {
      position += 1;
      continue;
    }
    const token = tokenAt(source, position, char);
    tokens.push(token);
    if (tokens.length > MAX_TOKENS) throw pathError(source, `it has more than ${MAX_TOKENS} parts`, position);
    position = token.end;
  }
  return tokens;
}

function tokenAt(source: string, position: number, char: string): Token {
  if (char === "'" || char === '"' || char === '`') {
    const end = source.indexOf(char, position + 1);
    if (end < 0) throw pathError(source, `the quote ${char} is not closed`, position);
    const text = source.slice(position + 1, end);
    return { kind: char === '`' ? 'operator' : 'name', text, position, end: end + 1 };
  }
  const make = (kind: Token['kind'], text: string): Token => ({ kind, text, position, end: position + text.length });
  if (source.startsWith('..', position)) return make('symbol', '..');
  if ('*.[]()$,:|&'.includes(char)) return make('symbol', char);
  const name = matchAt(NAME, source, position);
  if (name !== undefined) return make(name === 'where' ? 'symbol' : 'name', name);
  const number = matchAt(NUMBER, source, position);
  if (number !== undefined) return make('number', number);
  throw pathError(
    source,
    `the character ${JSON.stringify(char)} cannot stand here; quote names that hold it`,
    position,
  );
}

function matchAt(sticky: RegExp, source: string, position: number): string | undefined {
  sticky.lastIndex = position;
  return sticky.exec(source)?.[0];
}
