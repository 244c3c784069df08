import { TemplateSyntaxError } from './syntax-error.ts';
import { describe, type Token, type TokenType } from './tokens.ts';

/** The tokens under the parser's finger. */
export class TokenStream {
  private index = 0;
  private readonly tokens: readonly Token[];
  private depth = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get current(): Token {
    return this.at(this.index);
  }

  get next(): Token {
    return this.at(this.index + 1);
  }

  private at(index: number): Token {
    // The last token is always `eof`, and nothing advances past it.
    const token = this.tokens[Math.min(index, this.tokens.length - 1)];
    if (token === undefined) throw new Error('no tokens');
    if (token.error !== undefined && index === this.index) throw token.error;
    return token;
  }

  take(): Token {
    const token = this.current;
    this.index += 1;
    return token;
  }

  isOperator(sign: string): boolean {
    return this.current.type === 'operator' && this.current.text === sign;
  }

  isName(name: string): boolean {
    return this.current.type === 'name' && this.current.text === name;
  }

  skipOperator(sign: string): boolean {
    if (!this.isOperator(sign)) return false;
    this.index += 1;
    return true;
  }

  skipName(name: string): boolean {
    if (!this.isName(name)) return false;
    this.index += 1;
    return true;
  }

  expectOperator(sign: string): Token {
    if (!this.isOperator(sign)) throw this.expected(sign);
    return this.take();
  }

  expectName(name?: string): Token {
    if (this.current.type !== 'name' || (name !== undefined && this.current.text !== name)) {
      throw this.expected(name ?? 'name');
    }
    return this.take();
  }

  expect(type: TokenType, what: string): Token {
    if (this.current.type !== type) throw this.expected(what);
    return this.take();
  }

  expected(what: string): TemplateSyntaxError {
    const token = this.current;
    if (token.type === 'eof') {
      return new TemplateSyntaxError(`unexpected end of template, expected '${what}'.`, token.position);
    }
    return new TemplateSyntaxError(`expected token '${what}', got '${describe(token)}'`, token.position);
  }

  fail(message: string, token = this.current): TemplateSyntaxError {
    return new TemplateSyntaxError(message, token.position);
  }

  /** Nesting of expressions and blocks is bounded, so that no template exhausts the stack. */
  nested<T>(parse: () => T): T {
    this.depth += 1;
    if (this.depth > 100) throw this.fail('too many nested expressions or blocks');
    const result = parse();
    this.depth -= 1;
    return result;
  }
}
