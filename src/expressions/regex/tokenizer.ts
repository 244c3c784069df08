import type { PetrelError } from '../../model/index.ts';
import { patternError } from './errors.ts';

/**
 * Reads a pattern or a replacement template: a token is one code point, or a backslash with the code point after it.
 * Positions count code points from 0.
 */
export class Tokenizer {
  /** The token that `get` will answer; undefined at the end. */
  next: string | undefined;
  readonly #source: string;
  readonly #chars: readonly string[];
  #index = 0;

  constructor(source: string) {
    this.#source = source;
    this.#chars = Array.from(source);
    this.#advance();
  }

  #advance(): void {
    const char = this.#chars[this.#index];
    if (char !== '\\') {
      this.#index += 1;
      this.next = char;
      return;
    }
    const escaped = this.#chars[this.#index + 1];
    if (escaped === undefined) {
      throw patternError(this.#source, 'bad escape (end of pattern)', this.#chars.length - 1);
    }
    this.#index += 2;
    this.next = char + escaped;
  }

  get(): string | undefined {
    const token = this.next;
    if (token !== undefined) this.#advance();
    return token;
  }

  match(token: string): boolean {
    if (this.next !== token) return false;
    this.#advance();
    return true;
  }

  /** Up to `count` tokens that `accepts` says yes to. */
  getWhile(count: number, accepts: (token: string) => boolean): string {
    let result = '';
    for (let n = 0; n < count && this.next !== undefined && accepts(this.next); n += 1) {
      result += this.next;
      this.#advance();
    }
    return result;
  }

  /** The text before `terminator`, which is skipped. `name` is what the text is called in errors. */
  getUntil(terminator: string, name: string): string {
    let result = '';
    for (;;) {
      const token = this.get();
      if (token === undefined) {
        if (result === '') throw this.error(`missing ${name}`);
        throw this.error(`missing ${terminator}, unterminated name`, length(result));
      }
      if (token === terminator) {
        if (result === '') throw this.error(`missing ${name}`, 1);
        return result;
      }
      result += token;
    }
  }

  /** Position of `next`. */
  tell(): number {
    return this.next === undefined ? this.#chars.length : this.#index - length(this.next);
  }

  seek(position: number): void {
    this.#index = position;
    this.#advance();
  }

  /** An error that points `offset` code points before `next`. */
  error(reason: string, offset = 0): PetrelError {
    return patternError(this.#source, reason, this.tell() - offset);
  }
}

/** Length in code points. */
export function length(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
