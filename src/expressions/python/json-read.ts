import { Dict } from './dict.ts';
import { PythonError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { float, integer } from './numbers.ts';

/**
 * Reads JSON as Python's `json.loads`: `1` is an int and `1.0` a float, ints are unbounded, objects are dicts that keep the order
 * of their keys whatever they look like, the last of equal keys wins. Without NaN and infinities, which are not JSON.
 * Throws PythonError `JSONDecodeError` in Python's words.
 */
export function parseJsonKeepingFloats(text: string): unknown {
  const reader = new Reader(text);
  reader.skipBlanks();
  const value = reader.value(0);
  reader.skipBlanks();
  if (reader.position < text.length) throw reader.error('Extra data');
  return value;
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Reader {
  position = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  error(message: string, position = this.position): PythonError {
    const before = this.text.slice(0, position);
    const line = before.split('\n').length;
    const column = position - before.lastIndexOf('\n');
    return new PythonError('JSONDecodeError', `${message}: line ${line} column ${column} (char ${position})`);
  }

  skipBlanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.position);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.position += 1;
    }
  }

  value(depth: number): unknown {
    if (depth > LIMITS.depth) throw new PythonError('RecursionError', 'maximum recursion depth exceeded');
    const first = this.text[this.position];
    if (first === '"') return this.string();
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    for (const [word, value] of WORDS) {
      if (this.text.startsWith(word, this.position)) {
        this.position += word.length;
        return value;
      }
    }
    return this.number();
  }

  private number(): unknown {
    NUMBER.lastIndex = this.position;
    const match = NUMBER.exec(this.text);
    if (match === null) throw this.error('Expecting value');
    const digits = match[0];
    this.position += digits.length;
    if (match[1] !== undefined || match[2] !== undefined) return float(Number(digits));
    if (digits.length < 16) return Number(digits) + 0;
    if (digits.length > 4300) {
      throw new PythonError('ValueError', 'Exceeds the limit (4300 digits) for integer string conversion');
    }
    return integer(BigInt(digits));
  }

  private array(depth: number): unknown[] {
    const items: unknown[] = [];
    this.position += 1;
    this.skipBlanks();
    if (this.text[this.position] === ']') {
      this.position += 1;
      return items;
    }
    for (;;) {
      items.push(this.value(depth + 1));
      this.skipBlanks();
      const next = this.text[this.position];
      if (next !== ',' && next !== ']') throw this.error("Expecting ',' delimiter");
      this.position += 1;
      if (next === ']') return items;
      this.skipBlanks();
    }
  }

  private object(depth: number): Dict {
    const dict = new Dict();
    this.position += 1;
    this.skipBlanks();
    if (this.text[this.position] === '}') {
      this.position += 1;
      return dict;
    }
    for (;;) {
      if (this.text[this.position] !== '"') throw this.error('Expecting property name enclosed in double quotes');
      const key = this.string();
      this.skipBlanks();
      if (this.text[this.position] !== ':') throw this.error("Expecting ':' delimiter");
      this.position += 1;
      this.skipBlanks();
      dict.set(key, this.value(depth + 1));
      this.skipBlanks();
      const next = this.text[this.position];
      if (next !== ',' && next !== '}') throw this.error("Expecting ',' delimiter");
      this.position += 1;
      if (next === '}') return dict;
      this.skipBlanks();
    }
  }

  private string(): string {
    const begin = this.position;
    let out = '';
    let from = begin + 1;
    for (let index = from; ; index += 1) {
      const code = this.text.charCodeAt(index);
      if (code === 34) {
        this.position = index + 1;
        return out + this.text.slice(from, index);
      }
      if (Number.isNaN(code)) throw this.error('Unterminated string starting at', begin);
      if (code < 32) throw this.error('Invalid control character at', index);
      if (code !== 92) continue;
      out += this.text.slice(from, index);
      const letter = this.text[index + 1] ?? '';
      if (letter === 'u') {
        const digits = this.text.slice(index + 2, index + 6);
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.error('Invalid \\uXXXX escape', index + 2);
        out += String.fromCharCode(Number.parseInt(digits, 16));
        index += 5;
      } else {
        const escaped = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
        if (letter === '') throw this.error('Unterminated string starting at', begin);
        if (escaped === undefined) throw this.error('Invalid \\escape', index);
        out += escaped;
        index += 1;
      }
      from = index + 1;
    }
  }
}

const WORDS: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
];
