import { FLAG } from './syntax.ts';
import { length, type Tokenizer } from './tokenizer.ts';

/** Flags of Python's `re`; all are off by default. */
export interface RegexFlags {
  readonly ignoreCase?: boolean;
  readonly multiline?: boolean;
  readonly dotAll?: boolean;
  readonly verbose?: boolean;
  /** `\w`, `\d`, `\s`, `\b` and case take only ASCII. */
  readonly ascii?: boolean;
}

export function flagBits(flags: RegexFlags): number {
  return (
    (flags.ignoreCase === true ? FLAG.ignoreCase : 0) |
    (flags.multiline === true ? FLAG.multiline : 0) |
    (flags.dotAll === true ? FLAG.dotAll : 0) |
    (flags.verbose === true ? FLAG.verbose : 0) |
    (flags.ascii === true ? FLAG.ascii : 0)
  );
}

const LETTERS: ReadonlyMap<string, number> = new Map([
  ['i', FLAG.ignoreCase],
  ['m', FLAG.multiline],
  ['s', FLAG.dotAll],
  ['x', FLAG.verbose],
  ['a', FLAG.ascii],
  ['u', FLAG.unicode],
  ['L', 0],
]);
const TYPES = FLAG.ascii | FLAG.unicode;

export type InlineFlags =
  | { readonly kind: 'global'; readonly add: number }
  | { readonly kind: 'scoped'; readonly add: number; readonly remove: number };

/** Flags after `(?`, of which `first` was read: up to the `)` of global ones or the `:` of scoped ones. Undefined: no flags begin here. */
export function parseInlineFlags(source: Tokenizer, first: string): InlineFlags | undefined {
  if (first !== '-' && !LETTERS.has(first)) return undefined;
  let add = 0;
  let char: string | undefined = first;
  while (char !== '-' && char !== ')' && char !== ':') {
    if (char === 'L') throw source.error("bad inline flags: cannot use 'L' flag with a str pattern");
    const flag: number = LETTERS.get(char) ?? 0;
    add |= flag;
    if ((flag & TYPES) !== 0 && (add & TYPES) !== flag) {
      throw source.error("bad inline flags: flags 'a', 'u' and 'L' are incompatible");
    }
    char = known(source, source.get(), 'missing -, : or )', ')-:');
  }
  if (char === ')') return { kind: 'global', add };
  if (char === ':') return { kind: 'scoped', add, remove: 0 };
  let remove = 0;
  char = known(source, source.get(), 'missing flag', '');
  while (char !== ':') {
    if (char === 'L' || (LETTERS.get(char) ?? 0) & TYPES) {
      throw source.error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'");
    }
    remove |= LETTERS.get(char) ?? 0;
    char = known(source, source.get(), 'missing :', ':');
  }
  if ((add & remove) !== 0) throw source.error('bad inline flags: flag turned on and off', 1);
  return { kind: 'scoped', add, remove };
}

/** `char` when it is a flag or one of `enders`; else the fitting error. */
function known(source: Tokenizer, char: string | undefined, missing: string, enders: string): string {
  if (char === undefined) throw source.error(missing);
  if (enders.includes(char) || LETTERS.has(char)) return char;
  throw source.error(/^\p{L}$/u.test(char) ? 'unknown flag' : missing, length(char));
}
