import {
  Float,
  type JsonValue,
  PySet,
  PythonError,
  parseJsonKeepingFloats,
  setOwn,
  str,
  Tuple,
  toJson,
} from './python/index.ts';

/** Deeper nesting is refused, as Python does. */
const DEEPEST = 90;

/**
 * Reads a Python literal as `ast.literal_eval`: texts, numbers, True, False, None, tuples, lists, dicts and sets. `1, 2` is a
 * tuple. Answers the expressions room's values. Throws PythonError (`ValueError`, `SyntaxError`).
 */
export function parsePythonLiteral(text: string): unknown {
  const reader = new Reader(text.replace(/^[ \t]+/, ''));
  const value = reader.items();
  reader.expectEnd();
  return value;
}

/** The same as plain JSON: tuples and sets as arrays, keys as text. */
export function pythonLiteralAsJson(text: string): JsonValue {
  return toJson(parsePythonLiteral(text));
}

/** Reads text as JSON, else as a Python literal, as StackStorm does wherever it takes a list or an object as text. */
export function parseJsonOrLiteral(text: string): JsonValue {
  try {
    return toJson(parseJsonKeepingFloats(text));
  } catch {
    return pythonLiteralAsJson(text);
  }
}

const NUMBER = /(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y;
const WORD = /[A-Za-z_][A-Za-z_0-9]*/y;
const TEXT = /([uUrRbB]{0,2})('''|"""|'|")/y;
const ESCAPED: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};

class Reader {
  private position = 0;
  private depth = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** One value, or a tuple when there are commas. */
  items(): unknown {
    const first = this.value();
    if (!this.take(',')) return first;
    return new Tuple([first, ...this.list('')]);
  }

  expectEnd(): void {
    this.skip();
    if (this.position < this.text.length) throw this.mistake();
  }

  private value(): unknown {
    this.depth += 1;
    if (this.depth > DEEPEST) throw new PythonError('MemoryError', 'too many nested parentheses');
    try {
      return this.single();
    } finally {
      this.depth -= 1;
    }
  }

  private single(): unknown {
    if (this.take('[')) return this.list(']');
    if (this.take('{')) return this.braces();
    if (this.take('(')) return this.parentheses();
    if (this.take('-')) return negated(this.value());
    if (this.take('+')) return negated(negated(this.value()));
    const opening = this.match(TEXT);
    if (opening !== undefined) return this.texts(opening);
    const number = this.match(NUMBER)?.[0];
    if (number !== undefined) return numberOf(number, () => this.mistake());
    const word = this.match(WORD)?.[0];
    if (word === 'True') return true;
    if (word === 'False') return false;
    if (word === 'None') return null;
    throw word === undefined ? this.mistake() : new PythonError('ValueError', `malformed node or string: ${word}`);
  }

  /** Values up to the closing mark, which for an empty one is the end of the text. A comma at the end is fine. */
  private list(close: string): unknown[] {
    const items: unknown[] = [];
    for (;;) {
      if (this.closed(close)) return items;
      items.push(this.value());
      if (this.take(',')) continue;
      if (this.closed(close)) return items;
      throw this.mistake();
    }
  }

  private parentheses(): unknown {
    if (this.take(')')) return new Tuple([]);
    const first = this.value();
    if (this.take(')')) return first;
    if (!this.take(',')) throw this.mistake();
    return new Tuple([first, ...this.list(')')]);
  }

  private braces(): unknown {
    const dict: { [key: string]: unknown } = {};
    if (this.take('}')) return dict;
    const first = this.value();
    if (!this.take(':')) {
      if (this.take('}')) return new PySet([first]);
      if (!this.take(',')) throw this.mistake();
      return new PySet([first, ...this.list('}')]);
    }
    setOwn(dict, str(first), this.value());
    while (this.take(',')) {
      if (this.take('}')) return dict;
      const key = this.value();
      if (!this.take(':')) throw this.mistake();
      setOwn(dict, str(key), this.value());
    }
    if (!this.take('}')) throw this.mistake();
    return dict;
  }

  /** Adjacent texts are one. */
  private texts(first: RegExpExecArray): string {
    let result = '';
    for (let opening: RegExpExecArray | undefined = first; opening !== undefined; opening = this.match(TEXT)) {
      result += this.rest(opening[1] ?? '', opening[2] ?? '');
    }
    return result;
  }

  private rest(prefix: string, quote: string): string {
    const raw = /r/i.test(prefix);
    let result = '';
    while (!this.text.startsWith(quote, this.position)) {
      const character = this.text[this.position];
      if (character === undefined || (character === '\n' && quote.length === 1)) throw this.mistake();
      this.position += 1;
      if (character !== '\\') result += character;
      else result += raw ? `\\${this.text[this.position++] ?? ''}` : this.escape();
    }
    this.position += quote.length;
    return result;
  }

  private escape(): string {
    const coded = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})/y;
    coded.lastIndex = this.position;
    const found = coded.exec(this.text);
    if (found !== null) {
      this.position = coded.lastIndex;
      const [, byte, short, long, octal] = found;
      const code = octal === undefined ? Number.parseInt(byte ?? short ?? long ?? '0', 16) : Number.parseInt(octal, 8);
      if (code > 0x10ffff) throw this.mistake();
      return String.fromCodePoint(code);
    }
    const letter = this.text[this.position++] ?? '';
    return ESCAPED[letter] ?? `\\${letter}`;
  }

  private closed(mark: string): boolean {
    this.skip();
    return mark === '' ? this.position >= this.text.length : this.take(mark);
  }

  private take(mark: string): boolean {
    this.skip();
    if (!this.text.startsWith(mark, this.position)) return false;
    this.position += mark.length;
    return true;
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    this.skip();
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text);
    if (found === null) return undefined;
    this.position = pattern.lastIndex;
    return found;
  }

  private skip(): void {
    while (/[ \t\r\n]/.test(this.text[this.position] ?? '')) this.position += 1;
  }

  private mistake(): PythonError {
    return new PythonError('SyntaxError', 'invalid syntax');
  }
}

function numberOf(text: string, mistake: () => PythonError): unknown {
  const digits = text.replaceAll('_', '');
  // A decimal integer with a leading zero is refused by Python; zeros alone are not.
  if (/^0+[1-9]/.test(digits) && !/[.eE]/.test(digits)) throw mistake();
  if (/^0[xob]/i.test(digits) || !/[.e]/i.test(digits)) {
    const integer = BigInt(digits);
    return integer <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(integer) : integer;
  }
  const value = Number(digits);
  return Number.isSafeInteger(value) ? new Float(value) : value;
}

function negated(value: unknown): unknown {
  if (typeof value === 'number') return value === 0 ? 0 : -value;
  if (typeof value === 'bigint') return -value;
  if (value instanceof Float) return new Float(-value.value);
  throw new PythonError('ValueError', 'malformed node or string');
}
