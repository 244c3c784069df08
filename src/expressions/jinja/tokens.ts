import type { TemplateSyntaxError } from './syntax-error.ts';

/** What the lexer makes of a template. `name` covers keywords: the parser tells them apart by their place. */
export type TokenType =
  | 'data'
  | 'variable_begin'
  | 'variable_end'
  | 'block_begin'
  | 'block_end'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'eof'
  /** Where lexing failed: raised when the parser gets there. */
  | 'error';

export interface Token {
  readonly type: TokenType;
  /** Text as meant: of a string without quotes and escapes, of an operator its sign. */
  readonly text: string;
  /** Value of a number. */
  readonly value?: unknown;
  readonly error?: TemplateSyntaxError;
  /** Index into the template's text. */
  readonly position: number;
}

/** How a token is called in messages. */
export function describe(token: Token): string {
  switch (token.type) {
    case 'eof':
      return 'end of template';
    case 'variable_end':
      return 'end of print statement';
    case 'block_end':
      return 'end of statement block';
    case 'data':
      return 'template data / text';
    case 'variable_begin':
      return 'begin of print statement';
    case 'block_begin':
      return 'begin of statement block';
    case 'string':
    case 'integer':
    case 'float':
      return token.type;
    default:
      return token.text;
  }
}
