import type { PetrelError } from '../../model/index.ts';
import { pathError } from './errors.ts';
import type { Path } from './syntax.ts';
import { type Token, tokenize } from './tokens.ts';

/** Parentheses inside parentheses. */
const MAX_DEPTH = 100;

/** How strongly an operator binds; jsonpath-rw's order, in which `|` binds tighter than the dot. All are left associative. */
const STRENGTH: ReadonlyMap<string, number> = new Map([
  ['..', 1],
  ['.', 2],
  ['|', 3],
  ['&', 4],
  ['where', 5],
]);

/** Parses a path of the jsonpath-rw dialect. Throws `PetrelError` (`expression`) with the position. */
export function parsePath(source: string): Path {
  return new PathParser(source).whole();
}

class PathParser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  whole(): Path {
    const path = this.#expression(0, 0);
    if (this.#index < this.#tokens.length) throw this.#unexpected();
    return path;
  }

  #unexpected(): PetrelError {
    const token = this.#tokens[this.#index];
    return token === undefined
      ? pathError(this.#source, 'it ends too early', this.#source.length)
      : pathError(this.#source, `unexpected ${JSON.stringify(token.text)}`, token.position);
  }

  #symbol(): string | undefined {
    const token = this.#tokens[this.#index];
    return token?.kind === 'symbol' ? token.text : undefined;
  }

  #accept(symbol: string): boolean {
    if (this.#symbol() !== symbol) return false;
    this.#index += 1;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#accept(symbol)) throw this.#unexpected();
  }

  #expression(minimum: number, depth: number): Path {
    let left = this.#postfix(depth);
    for (;;) {
      const operator = this.#symbol();
      const strength = operator === undefined ? undefined : STRENGTH.get(operator);
      if (operator === undefined || strength === undefined || strength <= minimum) return left;
      const { position } = this.#tokens[this.#index] ?? { position: 0 };
      this.#index += 1;
      left = combine(operator, left, this.#expression(strength, depth));
      if (operator === '&')
        throw pathError(this.#source, 'the operator & is not supported, as in jsonpath-rw', position);
    }
  }

  #postfix(depth: number): Path {
    let path = this.#primary(depth);
    while (this.#accept('[')) path = chain(path, this.#brackets());
    return path;
  }

  #primary(depth: number): Path {
    if (depth > MAX_DEPTH) throw pathError(this.#source, `parentheses are nested more than ${MAX_DEPTH} deep`, 0);
    if (this.#accept('$')) return { kind: 'root' };
    if (this.#accept('*')) return { kind: 'every-field' };
    if (this.#accept('[')) return this.#brackets();
    if (this.#accept('(')) {
      const inner = this.#expression(0, depth + 1);
      this.#expect(')');
      return inner;
    }
    const token = this.#tokens[this.#index];
    if (token?.kind === 'operator') {
      this.#index += 1;
      if (token.text === 'this' || token.text === 'parent') return { kind: token.text };
      throw pathError(this.#source, `there is no operator \`${token.text}\``, token.position);
    }
    return this.#fields();
  }

  #fields(): Path {
    const names: string[] = [];
    do {
      const token = this.#tokens[this.#index];
      if (token?.kind !== 'name') throw this.#unexpected();
      names.push(token.text);
      this.#index += 1;
    } while (this.#accept(','));
    // As jsonpath-rw, which does not remember that a name was quoted.
    return names.includes('*') ? { kind: 'every-field' } : { kind: 'fields', names };
  }

  /** What stands in brackets, of which the first was read. */
  #brackets(): Path {
    const path = this.#bracketed();
    this.#expect(']');
    return path;
  }

  #bracketed(): Path {
    if (this.#accept('*')) return { kind: 'slice', start: undefined, end: undefined };
    const token = this.#tokens[this.#index];
    if (token?.kind === 'name') return this.#fields();
    const start = this.#number();
    if (this.#accept(':')) return { kind: 'slice', start, end: this.#number() };
    if (start === undefined) throw this.#unexpected();
    return { kind: 'index', index: start };
  }

  #number(): number | undefined {
    const token = this.#tokens[this.#index];
    if (token?.kind !== 'number') return undefined;
    this.#index += 1;
    return Number.parseInt(token.text, 10);
  }
}

function combine(operator: string, left: Path, right: Path): Path {
  switch (operator) {
    case '..':
      return { kind: 'descendants', left, right };
    case 'where':
      return { kind: 'where', left, right };
    case '|':
      return { kind: 'union', left, right };
    default:
      return chain(left, right);
  }
}

function chain(left: Path, right: Path): Path {
  const before = left.kind === 'chain' ? left.steps : [left];
  const after = right.kind === 'chain' ? right.steps : [right];
  return { kind: 'chain', steps: [...before, ...after] };
}
