import { float, integer, isSpace, PythonError, strip, textRepr, unescapePython } from '../python/index.ts';
import { TemplateSyntaxError } from './syntax-error.ts';
import type { Token, TokenType } from './tokens.ts';

/**
 * The lexer of a template as StackStorm's environment reads it: `trim_blocks` (the line end after a block tag goes) and
 * `lstrip_blocks` (blanks before one at the begin of a line go), one trailing line end of the template dropped.
 */
export function tokenize(source: string): Token[] {
  return new Lexer(normalized(source)).template();
}

/** The tokens of a bare expression, without delimiters. */
export function tokenizeExpression(source: string): Token[] {
  return new Lexer(source.replace(/\r\n?/g, '\n')).expression();
}

/** Line ends as Jinja counts them, the last one dropped. */
export function normalized(source: string): string {
  const text = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

const OPENING = /\{\{|\{%|\{#/g;
const RAW_BEGIN = /\{%([-+]?)\s*raw\s*(?:-%\}\s*|%\})/y;
const RAW_END = /\{%([-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\}\n?)/g;
const COMMENT_END = /\+#\}|-#\}\s*|#\}\n?/g;
const VARIABLE_END = /-\}\}\s*|\}\}/y;
const BLOCK_END = /\+%\}|-%\}\s*|%\}\n?/y;
const SPACE = /\s+/y;
const FLOAT = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{N}\p{Mn}\p{Mc}\p{Pc}\u00b7\u0387\u1369-\u1371\u19da]+/uy;
const IDENTIFIER = /^[\p{XIDS}_][\p{XIDC}]*$/u;
const STRING = /'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const CLOSING: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' };

class Lexer {
  private readonly tokens: Token[] = [];
  private readonly source: string;
  private position = 0;
  /** Whether what was read last ended a line: blanks that follow are at the begin of one. */
  private lineStarting = true;
  private readonly open: string[] = [];

  constructor(source: string) {
    this.source = source;
  }

  template(): Token[] {
    return this.all(() => this.data());
  }

  expression(): Token[] {
    return this.all(() => this.inside());
  }

  private all(step: () => void): Token[] {
    try {
      while (this.position < this.source.length) step();
    } catch (error) {
      if (!(error instanceof TemplateSyntaxError)) throw error;
      // As Jinja, which reads as it parses: what is wrong before this place is told first.
      this.tokens.push({ type: 'error', text: '', position: error.position, error });
    }
    // As Jinja: the end lies where the last token began.
    this.push('eof', '', this.tokens.at(-1)?.position ?? 0);
    return this.tokens;
  }

  private push(type: TokenType, text: string, position = this.position, value?: unknown): void {
    this.tokens.push(value === undefined ? { type, text, position } : { type, text, position, value });
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.position;
    return pattern.exec(this.source) ?? undefined;
  }

  private advance(length: number): void {
    this.position += length;
    if (length > 0) this.lineStarting = this.source[this.position - 1] === '\n';
  }

  /** Text up to the next tag, and the tag. */
  private data(): void {
    const start = this.position;
    const opening = this.match(OPENING);
    if (opening === undefined) {
      this.push('data', this.source.slice(start));
      this.position = this.source.length;
      return;
    }
    this.position = opening.index;
    const raw = opening[0] === '{%' ? this.match(RAW_BEGIN) : undefined;
    const sign = raw === undefined ? this.source[opening.index + 2] : raw[1];
    const marked = sign === '-' || sign === '+';
    const text = this.source.slice(start, opening.index);
    this.text(
      opening[0] === '{{' ? leftStripped(text, sign, false, false) : leftStripped(text, sign, true, this.lineStarting),
      start,
    );
    if (raw !== undefined) {
      this.advance(raw[0].length);
      this.raw();
      return;
    }
    this.advance(marked ? 3 : 2);
    if (opening[0] === '{#') this.comment(opening.index);
    else if (opening[0] === '{{') this.tag('variable_begin', 'variable_end', VARIABLE_END, opening.index);
    else this.tag('block_begin', 'block_end', BLOCK_END, opening.index);
  }

  private text(text: string, position: number): void {
    if (text !== '') this.push('data', text, position);
  }

  private comment(begin: number): void {
    const end = this.match(COMMENT_END);
    if (end === undefined) {
      // As Jinja: at the very end of a template nothing is missed.
      if (this.position === this.source.length) return;
      throw new TemplateSyntaxError('Missing end of comment tag', begin);
    }
    this.position = end.index;
    this.advance(end[0].length);
  }

  private raw(): void {
    const start = this.position;
    const end = this.match(RAW_END);
    if (end === undefined) {
      if (start === this.source.length) return;
      throw new TemplateSyntaxError('Missing end of raw directive', start);
    }
    const text = this.source.slice(start, end.index);
    this.text(leftStripped(text, end[1], true, this.lineStarting), start);
    this.position = end.index;
    this.advance(end[0].length);
  }

  private tag(begin: TokenType, end: TokenType, ending: RegExp, position: number): void {
    this.push(begin, '', position);
    while (this.position < this.source.length) {
      // Brackets that are open keep the end sign an operator, as in {{ {'a': {}}['a'] }}.
      if (this.open.length === 0) {
        const match = this.match(ending);
        if (match !== undefined) {
          this.push(end, '');
          this.advance(match[0].length);
          return;
        }
      }
      this.inside();
    }
  }

  private inside(): void {
    const space = this.match(SPACE);
    if (space !== undefined) {
      this.advance(space[0].length);
      return;
    }
    const begin = this.position;
    const after = this.source[begin - 1];
    const number = after === '.' ? undefined : this.match(FLOAT);
    if (number !== undefined) {
      this.push('float', number[0], begin, float(Number(number[0].replaceAll('_', ''))));
      this.advance(number[0].length);
      return;
    }
    const int = this.match(INTEGER);
    if (int !== undefined) {
      if (int[0].length > 4300) throw new TemplateSyntaxError('an integer of more than 4300 digits', begin);
      this.push('integer', int[0], begin, integer(BigInt(int[0].replaceAll('_', '').replace(/^0+(?=\d)/, ''))));
      this.advance(int[0].length);
      return;
    }
    const name = this.match(NAME);
    if (name !== undefined) {
      if (!IDENTIFIER.test(name[0])) throw new TemplateSyntaxError('Invalid character in identifier', begin);
      this.push('name', name[0], begin);
      this.advance(name[0].length);
      return;
    }
    const string = this.match(STRING);
    if (string !== undefined) {
      this.push('string', unescaped(string[0].slice(1, -1), begin), begin);
      this.advance(string[0].length);
      return;
    }
    this.operator(begin);
  }

  private operator(begin: number): void {
    const operator = this.match(OPERATOR)?.[0];
    if (operator === undefined) {
      const character = String.fromCodePoint(this.source.codePointAt(begin) ?? 0);
      throw new TemplateSyntaxError(`unexpected char ${textRepr(character)} at ${begin}`, begin);
    }
    const closing = CLOSING[operator];
    if (closing !== undefined) this.open.push(closing);
    else if (operator === '}' || operator === ')' || operator === ']') {
      const expected = this.open.pop();
      if (expected === undefined) throw new TemplateSyntaxError(`unexpected '${operator}'`, begin);
      if (expected !== operator) {
        throw new TemplateSyntaxError(`unexpected '${operator}', expected '${expected}'`, begin);
      }
    }
    this.push('operator', operator, begin);
    this.advance(operator.length);
  }
}

function unescaped(body: string, position: number): string {
  try {
    return unescapePython(body);
  } catch (error) {
    if (error instanceof PythonError) throw new TemplateSyntaxError(error.message, position);
    throw error;
  }
}

/** What is left of the text before a tag: `-` takes all white space, `lstrip_blocks` the blanks since the begin of the line. */
function leftStripped(text: string, sign: string | undefined, block: boolean, lineStarting: boolean): string {
  if (sign === '-') return strip(text, 'right');
  if (sign === '+' || !block) return text;
  const line = text.lastIndexOf('\n') + 1;
  if ((line > 0 || lineStarting) && blank(text, line)) return text.slice(0, line);
  return text;
}

function blank(text: string, from: number): boolean {
  for (let index = from; index < text.length; index += 1) if (!isSpace(text.charCodeAt(index))) return false;
  return from < text.length;
}
