import type { CharSet } from './char-set.ts';

/**
 * Instructions of the matcher. Each is a run of integers: the operation, then its operands (in brackets). Addresses are
 * indexes into the program. `one` is a pair that accepts one character: a kind of `ONE` and its argument.
 */
export const OP = {
  match: 0,
  /** [code] */
  char: 1,
  /** [set] */
  set: 2,
  anyButNewline: 3,
  any: 4,
  /** [address] */
  jump: 5,
  /** [address]: goes on with the next instruction, and later tries the address */
  split: 6,
  /** [address]: goes to the address, and later tries the next instruction */
  splitLazy: 7,
  /** [register] */
  save: 8,
  /** [place]: a kind of `AT` */
  at: 9,
  /** [group, comparison]: a kind of `COMPARE` */
  backreference: 10,
  /** [group, address]: goes to the address when the group did not take part */
  ifGroup: 11,
  /** [one, min, max, following]: `max` -1 has no bound; `following` is the code that must come after, or -1 */
  runGreedy: 12,
  /** [one, min, max] */
  runLazy: 14,
  /** [one, min, max] */
  runPossessive: 15,
  /** [register]: of the counter; the position of the last round is in the register after it */
  loopInit: 16,
  /** [register, min, max, body address] */
  loopGreedy: 17,
  /** [register, min, max, body address]; `loopRound` comes right after it */
  loopLazy: 18,
  /** [width, address]: of a lookbehind that wants width characters before; 0 for a lookahead. The address is where a negative one goes on, else -1 */
  lookBegin: 19,
  lookSucceeded: 20,
  /** The body of a negative look matched, so that it fails. */
  lookFailed: 21,
  atomicBegin: 22,
  atomicEnd: 23,
  /** [register, body address]: begins another round of a lazy loop */
  loopRound: 24,
} as const;

export const ONE = { char: 0, set: 1, anyButNewline: 2, any: 3 } as const;

export const AT = {
  textBegin: 0,
  lineBegin: 1,
  end: 2,
  lineEnd: 3,
  textEnd: 4,
  boundary: 5,
  noBoundary: 6,
  asciiBoundary: 7,
  asciiNoBoundary: 8,
} as const;

export const COMPARE = { exact: 0, ignoreCase: 1, ignoreCaseAscii: 2 } as const;

export interface Program {
  readonly source: string;
  readonly code: Int32Array;
  readonly sets: readonly CharSet[];
  readonly groupCount: number;
  /** Registers: two for each group (the whole match is group 0), then two for each counted loop. */
  readonly registerCount: number;
  /** Every match begins with this text; empty when there is no such text. */
  readonly prefix: string;
  /** Every match begins with one of these; undefined when a match may be empty or begin with anything. */
  readonly first: CharSet | undefined;
  /** A match can only begin at the start of the text. */
  readonly anchored: boolean;
}
