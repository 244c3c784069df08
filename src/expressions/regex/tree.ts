import { flagBits, type RegexFlags } from './flags.ts';
import { parsePattern } from './parse.ts';
import type { Sequence } from './syntax.ts';

/** The parse tree of a pattern, for those who reason about patterns. Throws as `compilePythonRegex`. */
export function parsePythonRegex(pattern: string, flags: RegexFlags = {}): Sequence {
  return parsePattern(pattern, flagBits(flags)).body;
}
