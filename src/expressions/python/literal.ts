import { negate, positive } from './arithmetic.ts';
import { Dict } from './dict.ts';
import { PythonError, valueError } from './errors.ts';
import { checkItems, LIMITS } from './limits.ts';
import { float, integer } from './numbers.ts';
import { PySet } from './set.ts';
import { Tuple } from './tuple.ts';
import { isSpace, strip } from './white-space.ts';

/**
 * Python's `ast.literal_eval`: literals of text, numbers, tuples, lists, dicts, sets, True, False, None. Throws PythonError:
 * SyntaxError when the text is no Python, ValueError (`malformed node or string`) when it is Python but no literal.
 */
export function literalEval(source: string): unknown {
  const reader = new Reader(strip(source, 'left'));
  const value = reader.top();
  if (reader.notLiteral) throw valueError('malformed node or string');
  return value;
}

const NUMBER =
  /0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?[jJ]?/y;
const NAME = /[\p{XIDS}_][\p{XIDC}]*/uy;
const STRING = /([rRbBuUfF]{0,2})('''|"""|'|")/y;
const KEYWORDS = new Set(
  (
    'and as assert async await break class continue def del elif else except finally for from global if import in is lambda ' +
    'nonlocal not or pass raise return try while with yield'
  ).split(' '),
);
/** Stands for a value that is an expression and not a literal; the whole is refused once its syntax is known to be right. */
const NO_LITERAL = new Tuple([]);

class Reader {
  /** Set when something is valid Python but not a literal. */
  notLiteral = false;
  private position = 0;
  private depth = 0;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  top(): unknown {
    const items: unknown[] = [];
    let comma = false;
    this.blanks();
    while (this.position < this.source.length) {
      items.push(this.operation());
      this.blanks();
      if (this.position >= this.source.length) break;
      if (this.source[this.position] !== ',') throw this.syntax();
      comma = true;
      this.position += 1;
      this.blanks();
    }
    if (items.length === 0) throw this.syntax();
    return comma ? new Tuple(items) : items[0];
  }

  private syntax(message = 'invalid syntax'): PythonError {
    return new PythonError('SyntaxError', message);
  }

  private blanks(): void {
    for (;;) {
      const code = this.source.charCodeAt(this.position);
      const newLine = code === 10 || code === 13;
      if (code === 35)
        while (this.position < this.source.length && this.source[this.position] !== '\n') this.position += 1;
      else if (isSpace(code) && (!newLine || this.depth > 0 || strip(this.source.slice(this.position)) === '')) {
        this.position += 1;
      } else return;
    }
  }

  /** Operators and calls are read only to tell "not a literal" from "not Python". */
  private operation(): unknown {
    let value = this.unary();
    for (;;) {
      this.blanks();
      const rest = this.source.slice(this.position, this.position + 3);
      const match =
        /^(?:\*\*|\/\/|<<|>>|<=|>=|==|!=|[-+*/%@&|^<>])/.exec(rest) ??
        /^(?:and|or|in|is|if)\b/.exec(this.source.slice(this.position, this.position + 4));
      if (match === null) return value;
      this.position += match[0].length;
      this.blanks();
      this.unary();
      this.notLiteral = true;
      value = NO_LITERAL;
    }
  }

  private unary(): unknown {
    const sign = this.source[this.position];
    if (sign !== '-' && sign !== '+') return this.postfix();
    this.position += 1;
    this.enter();
    this.blanks();
    const value = this.unary();
    this.depth -= 1;
    if (typeof value === 'boolean' || typeof value === 'string' || value === null || Array.isArray(value)) {
      this.notLiteral = true;
      return NO_LITERAL;
    }
    if (this.notLiteral) return NO_LITERAL;
    try {
      return sign === '-' ? negate(value) : positive(value);
    } catch {
      // Containers have no sign: valid Python, not a literal.
      this.notLiteral = true;
      return NO_LITERAL;
    }
  }

  private enter(): void {
    this.depth += 1;
    if (this.depth > LIMITS.depth / 2) throw new PythonError('MemoryError', 'too many nested parentheses');
  }

  private postfix(): unknown {
    const value = this.atom();
    for (;;) {
      this.blanks();
      const next = this.source[this.position];
      if (next === '.') {
        this.position += 1;
        this.blanks();
        if (this.match(NAME) === undefined) throw this.syntax();
      } else if (next === '(' || next === '[') {
        this.bracket(next === '(' ? ')' : ']');
      } else return this.notLiteral ? NO_LITERAL : value;
      this.notLiteral = true;
    }
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.source);
    if (match === null || match[0] === '') return undefined;
    this.position += match[0].length;
    return match;
  }

  private atom(): unknown {
    const first = this.source[this.position] ?? '';
    if (first === '(') return this.parenthesis();
    if (first === '[') return this.bracket(']').items;
    if (first === '{') return this.brace();
    const text = this.strings();
    if (text !== undefined) return text;
    if (/[\d.]/.test(first)) {
      const number = this.match(NUMBER);
      if (number !== undefined) return this.number(number[0]);
    }
    const name = this.match(NAME)?.[0];
    if (name === undefined || KEYWORDS.has(name)) throw this.syntax();
    if (name === 'True' || name === 'False') return name === 'True';
    if (name === 'None') return null;
    this.notLiteral = true;
    return NO_LITERAL;
  }

  private number(digits: string): unknown {
    if (/[\p{XIDC}]/u.test(this.source[this.position] ?? '')) throw this.syntax('invalid decimal literal');
    if (/[jJ]$/.test(digits)) {
      this.notLiteral = true;
      return NO_LITERAL;
    }
    const plain = digits.replaceAll('_', '');
    if (/^0[xXoObB]/.test(plain)) return integer(BigInt(plain));
    if (/[.eE]/.test(plain)) return float(Number(plain));
    if (/^0\d/.test(plain) && !/^0+$/.test(plain)) {
      throw this.syntax(
        'leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers',
      );
    }
    if (plain.length > 4300) throw this.syntax('Exceeds the limit (4300 digits) for integer string conversion');
    return integer(BigInt(plain));
  }

  /** Adjacent texts are one. */
  private strings(): string | undefined {
    let whole: string | undefined;
    for (;;) {
      const match = this.match(STRING);
      if (match === undefined) return whole;
      const [, prefix = '', quote = ''] = match;
      if (/[bBfF]/.test(prefix)) this.notLiteral = true;
      whole = (whole ?? '') + this.string(quote, /[rR]/.test(prefix));
      this.blanks();
    }
  }

  private string(quote: string, raw: boolean): string {
    const start = this.position;
    while (!this.source.startsWith(quote, this.position)) {
      const character = this.source[this.position];
      if (character === undefined || (quote.length === 1 && character === '\n')) {
        throw this.syntax(`unterminated string literal`);
      }
      this.position += character === '\\' ? 2 : 1;
    }
    const body = this.source.slice(start, this.position);
    this.position += quote.length;
    return raw ? body : unescapePython(body);
  }

  private parenthesis(): unknown {
    const { items, comma } = this.bracket(')');
    return items.length === 1 && !comma ? items[0] : new Tuple(items);
  }

  private bracket(close: string): { items: unknown[]; comma: boolean } {
    const items: unknown[] = [];
    let comma = false;
    this.position += 1;
    this.enter();
    for (;;) {
      this.blanks();
      if (this.source[this.position] === close) break;
      if (items.length > 0 && !comma) throw this.syntax();
      items.push(this.operation());
      checkItems(items.length);
      this.blanks();
      comma = this.source[this.position] === ',';
      if (comma) this.position += 1;
    }
    this.position += 1;
    this.depth -= 1;
    return { items, comma };
  }

  private brace(): unknown {
    const keys: unknown[] = [];
    const values: unknown[] = [];
    let comma = true;
    this.position += 1;
    this.enter();
    for (;;) {
      this.blanks();
      if (this.source[this.position] === '}') break;
      if (!comma) throw this.syntax();
      keys.push(this.operation());
      this.blanks();
      const colon = this.source[this.position] === ':';
      if (keys.length > 1 && colon !== values.length > 0) throw this.syntax();
      if (colon) {
        this.position += 1;
        this.blanks();
        values.push(this.operation());
        this.blanks();
      }
      comma = this.source[this.position] === ',';
      if (comma) this.position += 1;
    }
    this.position += 1;
    this.depth -= 1;
    if (this.notLiteral) return NO_LITERAL;
    if (values.length === 0 && keys.length > 0) return new PySet(keys);
    return new Dict(keys.map((key, index) => [key, values[index]] as const));
  }
}

const SIMPLE: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * The escapes of a Python string literal; unknown ones are kept as written. Throws SyntaxError for a cut off `\x`, `\u` or `\U`,
 * and for `\N{...}`: names of characters are not known here.
 */
export function unescapePython(body: string): string {
  if (!body.includes('\\')) return body;
  return body.replace(
    /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gs,
    (whole, octal?: string, hex?: string, short?: string, long?: string, letter?: string) => {
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      const digits = hex ?? short ?? long;
      if (digits !== undefined) {
        const code = Number.parseInt(digits, 16);
        if (code > 0x10ffff) throw new PythonError('SyntaxError', 'illegal Unicode character');
        return String.fromCodePoint(code);
      }
      const character = letter ?? '';
      if (character === 'x') throw new PythonError('SyntaxError', 'truncated \\xXX escape');
      if (character === 'u') throw new PythonError('SyntaxError', 'truncated \\uXXXX escape');
      if (character === 'U') throw new PythonError('SyntaxError', 'truncated \\UXXXXXXXX escape');
      if (character === 'N') throw new PythonError('SyntaxError', 'names of characters (\\N{...}) are not supported');
      return Object.hasOwn(SIMPLE, character) ? (SIMPLE[character] ?? whole) : whole;
    },
  );
}
