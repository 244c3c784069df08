import { PythonError } from '../../python/index.ts';
import { codePointsBefore, YaqlSyntaxError } from './errors.ts';
import { Lexer, shown, type Token } from './lexer.ts';
import type { Argument, Call, Node } from './nodes.ts';

/** How tightly an operator binds: the original's table of precedence, turned round. */
const BINARY: ReadonlyMap<string, number> = new Map([
  ['.', 11],
  ['?.', 11],
  ['=~', 8],
  ['!~', 8],
  ['*', 7],
  ['/', 7],
  ['mod', 7],
  ['+', 6],
  ['-', 6],
  ['>', 5],
  ['<', 5],
  ['>=', 5],
  ['<=', 5],
  ['!=', 5],
  ['=', 5],
  ['in', 5],
  ['and', 3],
  ['or', 2],
  ['->', 1],
]);
const INDEX = 10;
const UNARY: ReadonlyMap<string, number> = new Map([
  ['+', 9],
  ['-', 9],
  ['not', 4],
]);
/** The one operator that groups from the right. */
const RIGHT = '->';

/** Nesting of what is written, and the length of chains such as `a.b.c`: both are depth for who walks the tree. */
const MAX_DEPTH = 400;

/**
 * Parses an expression. Throws PythonError: `YaqlLexicalException`, `YaqlGrammarException` (both YaqlSyntaxError, with the
 * original's messages), `UnicodeDecodeError` for an escape, `RecursionError` for an expression that nests too deeply.
 */
export function parseYaql(text: string): Node {
  return new Parser(text).parse();
}

class Parser {
  readonly #lexer: Lexer;
  #token: Token;
  #depth = 0;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
    this.#token = this.#lexer.next();
  }

  parse(): Node {
    const node = this.#value(0);
    if (this.#token.kind !== 'end') throw this.#unexpected('an operator or the end');
    return node;
  }

  #advance(): void {
    this.#token = this.#lexer.next();
  }

  #isOperator(text: string): boolean {
    return this.#token.kind === 'operator' && this.#token.text === text;
  }

  #expect(text: string): void {
    if (!this.#isOperator(text)) throw this.#unexpected(`'${text}'`);
    this.#advance();
  }

  #unexpected(expected: string): YaqlSyntaxError {
    const token = this.#token;
    const hint = `Expected ${expected}.`;
    if (token.kind === 'end') {
      return new YaqlSyntaxError('YaqlGrammarException', 'Parse error: unexpected end of statement', token.at, hint);
    }
    const { text } = this.#lexer;
    const position = codePointsBefore(text, token.at);
    return new YaqlSyntaxError(
      'YaqlGrammarException',
      `Parse error: unexpected '${shown(token)}' at position ${position} of expression '${text}'`,
      token.at,
      hint,
    );
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new PythonError('RecursionError', 'maximum recursion depth exceeded');
  }

  /** A value whose operators all bind more tightly than `outer`. */
  #value(outer: number): Node {
    const depth = this.#depth;
    this.#enter();
    let left = this.#operand();
    for (;;) {
      const token = this.#token;
      if (token.kind !== 'operator') break;
      if (token.text === '[') {
        if (INDEX <= outer) break;
        this.#advance();
        left = call('#indexer', [left, ...this.#arguments(']')], token.at);
      } else {
        const strength = BINARY.get(token.text);
        if (strength === undefined || strength <= outer) break;
        this.#advance();
        const right = this.#value(token.text === RIGHT ? strength - 1 : strength);
        left = call(operatorName(token.text), [left, right], token.at);
      }
      this.#enter();
    }
    this.#depth = depth;
    return left;
  }

  #operand(): Node {
    const token = this.#token;
    const position = token.at;
    switch (token.kind) {
      case 'constant':
        this.#advance();
        return { kind: 'constant', value: token.value, position };
      case 'name':
        this.#advance();
        return { kind: 'keyword', value: token.text, position };
      case 'variable':
        this.#advance();
        return { kind: 'variable', name: token.text === '$' ? '1' : token.text.slice(1), position };
      case 'call':
        this.#advance();
        return { kind: 'call', name: token.text, arguments: this.#arguments(')'), written: true, position };
      case 'operator':
        return this.#prefixed(token.text, position);
      default:
        throw this.#unexpected('a value');
    }
  }

  #prefixed(text: string, position: number): Node {
    const strength = UNARY.get(text);
    if (strength !== undefined) {
      this.#advance();
      return call(`#unary_operator_${text}`, [this.#value(strength)], position);
    }
    if (text !== '(' && text !== '[' && text !== '{') throw this.#unexpected('a value');
    this.#advance();
    if (text === '[') return call('#list', this.#arguments(']'), position);
    if (text === '{') return call('#map', this.#arguments('}'), position);
    const inner = this.#value(0);
    this.#expect(')');
    return { kind: 'wrapped', inner, position };
  }

  /** Arguments up to the closing bracket: positional ones, some of them left out, then pairs. */
  #arguments(close: string): Argument[] {
    const list: Argument[] = [];
    if (this.#isOperator(close)) {
      this.#advance();
      return list;
    }
    // A value after left out ones must be positional: `f(, a => 1)` is an error, `f(1,, a => 1)` is not.
    let mayBePair = !this.#leftOut(list);
    for (;;) {
      const value = this.#value(0);
      if (mayBePair && this.#isOperator('=>')) {
        this.#pairs(list, value);
        break;
      }
      list.push(value);
      if (!this.#isOperator(',')) break;
      this.#advance();
      mayBePair = true;
      if (this.#isOperator(',')) {
        list.push(undefined);
        this.#advance();
        mayBePair = !this.#leftOut(list);
      }
    }
    this.#expect(close);
    return list;
  }

  /** Takes commas that stand for arguments left out; answers whether there were any. */
  #leftOut(list: Argument[]): boolean {
    let any = false;
    while (this.#isOperator(',')) {
      list.push(undefined);
      this.#advance();
      any = true;
    }
    return any;
  }

  #pairs(list: Argument[], first: Node): void {
    let source = first;
    for (;;) {
      const position = this.#token.at;
      this.#expect('=>');
      list.push({ kind: 'rule', source, destination: this.#value(0), position });
      if (!this.#isOperator(',')) return;
      this.#advance();
      source = this.#value(0);
    }
  }
}

function operatorName(text: string): string {
  if (text === '=') return '*equal';
  return text === '!=' ? '*not_equal' : `#operator_${text}`;
}

function call(name: string, list: readonly Argument[], position: number): Call {
  return { kind: 'call', name, arguments: list, written: false, position };
}
