import { strip } from '../python/index.ts';
import { tokenize, tokenizeExpression } from './lexer.ts';
import type { Body, Expression, Signature, Statement, Target } from './nodes.ts';
import { parseExpression, parseFilter, parseTuple, primary, tupleEnds } from './parse-expression.ts';
import { TemplateSyntaxError } from './syntax-error.ts';
import { TokenStream } from './token-stream.ts';
import { describe, type Token } from './tokens.ts';

/** Parses a template. Throws TemplateSyntaxError in Jinja's words. */
export function parseTemplate(source: string): Body {
  return new TemplateParser(new TokenStream(tokenize(source))).top();
}

/** Parses a bare expression (what stands between `{{` and `}}`). */
export function parseBareExpression(source: string): Expression {
  const stream = new TokenStream(tokenizeExpression(source));
  const expression = parseExpression(stream);
  if (stream.current.type !== 'eof') throw stream.fail('chunk after expression');
  return expression;
}

/** Parses an expression that something else may follow. */
export function parseLeadingExpression(source: string): Expression {
  return parseExpression(new TokenStream(tokenizeExpression(source)));
}

class TemplateParser {
  private readonly stream: TokenStream;
  /** The tags that would end the open blocks, innermost last; for messages. */
  private readonly awaited: (readonly string[])[] = [];
  private readonly openTags: string[] = [];

  constructor(stream: TokenStream) {
    this.stream = stream;
  }

  top(): Body {
    const body = this.body([]);
    return body;
  }

  /** Up to one of the tags (left as current token), or the end of the template. */
  private body(ends: readonly string[]): Statement[] {
    const { stream } = this;
    const body: Statement[] = [];
    if (ends.length > 0) this.awaited.push(ends);
    for (;;) {
      const token = stream.current;
      if (token.type === 'eof') break;
      stream.take();
      if (token.type === 'data') body.push({ kind: 'text', text: token.text, position: token.position });
      else if (token.type === 'variable_begin') {
        body.push({ kind: 'output', value: parseTuple(stream), position: token.position });
        stream.expect('variable_end', 'end of print statement');
      } else if (token.type === 'block_begin') {
        if (stream.current.type === 'name' && ends.includes(stream.current.text)) break;
        body.push(...this.statement(token.position));
        stream.expect('block_end', 'end of statement block');
      } else throw stream.fail(`unexpected '${describe(token)}'`, token);
    }
    if (ends.length > 0) this.awaited.pop();
    return body;
  }

  /** The rest of an opening tag, and the block up to one of the tags. */
  private block(...ends: string[]): Statement[] {
    const { stream } = this;
    stream.skipOperator(':');
    stream.expect('block_end', 'end of statement block');
    const body = stream.nested(() => this.body(ends));
    if (stream.current.type === 'eof') {
      this.awaited.push(ends);
      throw this.unknown(undefined);
    }
    return body;
  }

  /** The same, with the closing tag taken. */
  private closedBlock(end: string): Statement[] {
    const body = this.block(end);
    this.stream.take();
    return body;
  }

  private unknown(tag: Token | undefined): TemplateSyntaxError {
    const message = [tag === undefined ? 'Unexpected end of template.' : `Encountered unknown tag '${tag.text}'.`];
    const looking = this.awaited.at(-1);
    if (looking !== undefined) {
      const names = looking.map((name) => `'${name}'`).join(' or ');
      const nesting = tag !== undefined && this.awaited.some((names) => names.includes(tag.text));
      message.push(
        nesting
          ? `You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for ${names}.`
          : `Jinja was looking for the following tags: ${names}.`,
      );
    }
    const open = this.openTags.at(-1);
    if (open !== undefined) message.push(`The innermost block that needs to be closed is '${open}'.`);
    return this.stream.fail(message.join(' '), tag);
  }

  private statement(position: number): Statement[] {
    const { stream } = this;
    const tag = stream.current;
    if (tag.type !== 'name') throw stream.fail('tag name expected');
    if (!TAGS.has(tag.text)) throw this.unknown(tag);
    this.openTags.push(tag.text);
    stream.take();
    const statements = this.tag(tag.text, position);
    this.openTags.pop();
    return statements;
  }

  private tag(name: string, position: number): Statement[] {
    switch (name) {
      case 'if':
        return [this.condition(position)];
      case 'for':
        return [this.loop(position)];
      case 'set':
        return [this.assignment(position)];
      case 'with':
        return [this.withBlock(position)];
      case 'macro': {
        const macro = this.stream.expectName().text;
        const signature = this.signature();
        return [{ kind: 'macro', name: macro, signature, body: this.closedBlock('endmacro'), position }];
      }
      case 'call':
        return [this.callBlock(position)];
      case 'filter': {
        const filter = this.filterChain(parseFilter(this.stream, undefined, true));
        return [{ kind: 'filter-block', filter, body: this.closedBlock('endfilter'), position }];
      }
      case 'print':
        return this.print();
      case 'block':
        return [this.namedBlock(position)];
      case 'autoescape': {
        const on = parseExpression(this.stream);
        return [{ kind: 'autoescape', on, body: this.closedBlock('endautoescape'), position }];
      }
      default:
        return [this.load(name, position)];
    }
  }

  private filterChain(first: Expression): Expression {
    let filter = first;
    while (this.stream.isOperator('|')) filter = parseFilter(this.stream, filter);
    return filter;
  }

  private condition(position: number): Statement {
    const { stream } = this;
    const branches: { test: Expression; body: Body }[] = [];
    for (;;) {
      const test = parseTuple(stream, { withCondition: false });
      branches.push({ test, body: this.block('elif', 'else', 'endif') });
      const end = stream.take();
      if (end.text === 'elif') continue;
      return { kind: 'if', branches, otherwise: end.text === 'else' ? this.closedBlock('endif') : [], position };
    }
  }

  private loop(position: number): Statement {
    const { stream } = this;
    const target = this.target();
    stream.expectName('in');
    const over = parseTuple(stream, { withCondition: false });
    const test = stream.skipName('if') ? parseExpression(stream) : undefined;
    const recursive = stream.skipName('recursive');
    const body = this.block('endfor', 'else');
    const otherwise = stream.take().text === 'else' ? this.closedBlock('endfor') : [];
    return { kind: 'for', target, over, test, recursive, body, otherwise, position };
  }

  private assignment(position: number): Statement {
    const { stream } = this;
    const target = this.target(true);
    if (stream.skipOperator('=')) return { kind: 'set', target, value: parseTuple(stream), position };
    const filter = stream.isOperator('|') ? this.filterChain(parseFilter(stream, undefined)) : undefined;
    return { kind: 'set-block', target, filter, body: this.closedBlock('endset'), position };
  }

  private withBlock(position: number): Statement {
    const { stream } = this;
    const bindings: { target: Target; value: Expression }[] = [];
    while (stream.current.type !== 'block_end') {
      if (bindings.length > 0) stream.expectOperator(',');
      const target = this.target();
      stream.expectOperator('=');
      bindings.push({ target, value: parseExpression(stream) });
    }
    return { kind: 'with', bindings, body: this.closedBlock('endwith'), position };
  }

  private callBlock(position: number): Statement {
    const { stream } = this;
    const signature = stream.isOperator('(') ? this.signature() : { parameters: [] };
    const call = parseExpression(stream);
    if (call.kind !== 'call') throw stream.fail('expected call');
    return { kind: 'call-block', call, signature, body: this.closedBlock('endcall'), position };
  }

  private signature(): Signature {
    const { stream } = this;
    const parameters: { name: string; otherwise: Expression | undefined }[] = [];
    stream.expectOperator('(');
    while (!stream.isOperator(')')) {
      if (parameters.length > 0) stream.expectOperator(',');
      const { name } = this.nameTarget();
      const otherwise = stream.skipOperator('=') ? parseExpression(stream) : undefined;
      if (otherwise === undefined && parameters.some((parameter) => parameter.otherwise !== undefined)) {
        throw stream.fail('non-default argument follows default argument');
      }
      parameters.push({ name, otherwise });
    }
    stream.expectOperator(')');
    return { parameters };
  }

  private print(): Statement[] {
    const { stream } = this;
    const outputs: Statement[] = [];
    while (stream.current.type !== 'block_end') {
      if (outputs.length > 0) stream.expectOperator(',');
      const { position } = stream.current;
      outputs.push({ kind: 'output', value: parseExpression(stream), position });
    }
    return outputs;
  }

  private namedBlock(position: number): Statement {
    const { stream } = this;
    const name = stream.expectName().text;
    const scoped = stream.skipName('scoped');
    const required = stream.skipName('required');
    if (stream.isOperator('-')) {
      throw stream.fail(
        'Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.',
      );
    }
    const body = this.closedBlock('endblock');
    if (required && !body.every((part) => part.kind === 'text' && strip(part.text) === '')) {
      throw stream.fail('Required blocks can only contain comments or whitespace');
    }
    stream.skipName(name);
    return { kind: 'block', name, scoped, required, body, position };
  }

  private load(tag: string, position: number): Statement {
    const { stream } = this;
    const template = parseExpression(stream);
    const names: string[] = [];
    let ignoreMissing = false;
    if (tag === 'import') {
      stream.expectName('as');
      names.push(stream.expectName().text);
    } else if (tag === 'from') {
      stream.expectName('import');
      return { kind: 'load', template, names: this.imported(), ignoreMissing, position };
    } else if (tag === 'include' && stream.isName('ignore') && isNamed(stream.next, 'missing')) {
      stream.take();
      stream.take();
      ignoreMissing = true;
    }
    if (tag !== 'extends') this.context();
    return { kind: 'load', template, names, ignoreMissing, position };
  }

  /** `with context` or `without context`, if it stands here. */
  private context(): boolean {
    const { stream } = this;
    if (!(stream.isName('with') || stream.isName('without')) || !isNamed(stream.next, 'context')) return false;
    stream.take();
    stream.take();
    return true;
  }

  /** The names of `from ... import a, b as c with context`. */
  private imported(): string[] {
    const { stream } = this;
    const names: string[] = [];
    for (;;) {
      if (names.length > 0) stream.expectOperator(',');
      if (this.context()) break;
      const token = stream.expectName();
      if (token.text.startsWith('_')) {
        const message = 'names starting with an underline can not be imported';
        throw new TemplateSyntaxError(message, token.position, 'TemplateAssertionError');
      }
      names.push(stream.skipName('as') ? stream.expectName().text : token.text);
      if (this.context() || !stream.isOperator(',')) break;
    }
    return names;
  }

  private nameTarget(): Target & { kind: 'name' } {
    const token = this.stream.expectName();
    if (CONSTANTS.has(token.text)) throw this.stream.fail(`can't assign to 'const'`, token);
    return { kind: 'name', name: token.text, position: token.position };
  }

  /**
   * What is assigned to: a name, a tuple of them, and in `set` a member of a namespace. As Jinja: an expression is read first, then
   * it is found out whether it can be assigned to.
   */
  private target(members = false): Target {
    const { stream } = this;
    const { position } = stream.current;
    const items: Tried[] = [];
    let comma = false;
    for (;;) {
      if (items.length > 0) stream.expectOperator(',');
      if (tupleEnds(stream)) break;
      items.push(this.singleTarget(members));
      if (!stream.isOperator(',')) break;
      comma = true;
    }
    const [only] = items;
    if (only === undefined) throw stream.fail(`Expected an expression, got '${describe(stream.current)}'`);
    return this.assignable(comma ? { kind: 'tuple', items, position } : only);
  }

  private assignable(target: Tried): Target {
    if (target.kind === 'none') throw this.stream.fail(`can't assign to '${target.what}'`);
    if (target.kind !== 'tuple') return target;
    const items: Target[] = [];
    for (const item of target.items) {
      if (!canAssign(item)) throw this.stream.fail("can't assign to 'tuple'");
      items.push(this.assignable(item));
    }
    return { ...target, items };
  }

  private singleTarget(members: boolean): Tried {
    const { stream } = this;
    const { position } = stream.current;
    if (members && stream.current.type === 'name' && stream.next.type === 'operator' && stream.next.text === '.') {
      const token = stream.take();
      stream.take();
      return { kind: 'member', of: token.text, name: stream.expectName().text, position: token.position };
    }
    return tried(primary(stream), position);
  }
}

/** An expression where a target should be; `what` it is called in messages. */
interface NoTarget {
  readonly kind: 'none';
  readonly what: string;
}

type Tried =
  | Exclude<Target, { kind: 'tuple' }>
  | NoTarget
  | { readonly kind: 'tuple'; readonly items: readonly Tried[]; readonly position: number };

function tried(expression: Expression, position: number): Tried {
  switch (expression.kind) {
    case 'name':
      return { kind: 'name', name: expression.name, position };
    case 'tuple':
      return { kind: 'tuple', items: expression.items.map((item) => tried(item, item.position)), position };
    default:
      return { kind: 'none', what: NODE_NAMES[expression.kind] ?? expression.kind };
  }
}

function canAssign(target: Tried): boolean {
  return target.kind === 'tuple' ? target.items.every(canAssign) : target.kind !== 'none';
}

/** What Jinja calls expressions whose kind has another name here. */
const NODE_NAMES: Readonly<Record<string, string>> = {
  attribute: 'getattr',
  item: 'getitem',
  condition: 'condexpr',
  binary: 'binexpr',
};

function isNamed(token: Token, name: string): boolean {
  return token.type === 'name' && token.text === name;
}

const CONSTANTS = new Set(['true', 'false', 'none', 'True', 'False', 'None']);

const TAGS = new Set('for if block extends print macro include from import set with autoescape call filter'.split(' '));
