import { putRecent } from '../../model/index.ts';
import { chargeAllowance } from '../python/limits.ts';
import { setHas } from './char-set.ts';
import { compileProgram } from './compile.ts';
import { flagBits, type RegexFlags } from './flags.ts';
import { Matcher } from './matcher.ts';
import { parsePattern } from './parse.ts';
import type { Program } from './program.ts';
import { parseReplacement, type Replacement } from './replacement.ts';
import { giveScratch, loadSubject, type Scratch, type Subject, sliceSubject, takeScratch } from './scratch.ts';

/** Positions count code points from 0, as Python's do. Index 0 of `groups` and `spans` is the whole match. */
export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  /** undefined: the group took no part. */
  readonly groups: readonly (string | undefined)[];
  readonly named: ReadonlyMap<string, string | undefined>;
  readonly spans: readonly (readonly [start: number, end: number] | undefined)[];
}

/**
 * A compiled pattern. Every method throws `PetrelError` (`expression`) when the search uses up its budget of steps, and nothing
 * else; so does `replace` for a template that does not parse. Inside an evaluation (`underAllowance`) searches are charged to it,
 * and the PythonError of an evaluation that may do no more passes.
 */
export interface PythonRegex {
  readonly pattern: string;
  readonly groupCount: number;
  /** Numbers of the named groups, in the order of their appearance. */
  readonly groupNames: ReadonlyMap<string, number>;
  /** Whether the pattern matches anywhere; cheaper than `search`. */
  test(text: string): boolean;
  /** Whether it matches at the start; cheaper than `match`. */
  testStart(text: string): boolean;
  /** A match that begins at the start of the text. */
  match(text: string): RegexMatch | undefined;
  /** A match of the whole text. */
  fullMatch(text: string): RegexMatch | undefined;
  /** The first match that begins at `from` (code points, default 0) or later. */
  search(text: string, from?: number): RegexMatch | undefined;
  /** All matches that do not overlap, as `re.finditer`. */
  findAll(text: string): RegexMatch[];
  /** As `re.split`: groups of the pattern stand between the pieces. At most `max` cuts; 0, the default, means all. */
  split(text: string, max?: number): (string | undefined)[];
  /** As `re.sub`; `count` 0, the default, means all. */
  replace(text: string, replacement: string | ((match: RegexMatch) => string), count?: number): string;
}

/** Compiled patterns that are kept; the one used longest ago goes first. */
const CACHE_SIZE = 500;
const cache = new Map<string, PythonRegex>();

/**
 * Compiles a pattern of Python 3.11's `re` (text patterns; `\N{...}` names apart). Throws `PetrelError` (`expression`) with
 * Python's reason and position.
 */
export function compilePythonRegex(pattern: string, flags: RegexFlags = {}): PythonRegex {
  const bits = flagBits(flags);
  const key = `${bits}:${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) {
    putRecent(cache, key, known, CACHE_SIZE);
    return known;
  }
  const parsed = parsePattern(pattern, bits);
  const regex = new CompiledRegex(compileProgram(pattern, parsed), parsed.groupNames);
  putRecent(cache, key, regex, CACHE_SIZE);
  return regex;
}

class CompiledRegex implements PythonRegex {
  readonly pattern: string;
  readonly groupCount: number;
  readonly groupNames: ReadonlyMap<string, number>;
  readonly #program: Program;

  constructor(program: Program, groupNames: ReadonlyMap<string, number>) {
    this.pattern = program.source;
    this.groupCount = program.groupCount;
    this.groupNames = groupNames;
    this.#program = program;
  }

  test(text: string): boolean {
    const prefix = this.#program.prefix;
    if (prefix !== '' && !text.includes(prefix)) return false;
    return this.#with(text, (scan) => scan.find(0, false));
  }

  testStart(text: string): boolean {
    if (!text.startsWith(this.#program.prefix)) return false;
    return this.#with(text, (scan) => scan.runAt(0, false));
  }

  match(text: string): RegexMatch | undefined {
    return this.#with(text, (scan) => (scan.runAt(0, false) ? scan.take() : undefined));
  }

  fullMatch(text: string): RegexMatch | undefined {
    return this.#with(text, (scan) => (scan.runAt(0, true) ? scan.take() : undefined));
  }

  search(text: string, from = 0): RegexMatch | undefined {
    return this.#with(text, (scan) => (scan.find(Math.max(0, from), false) ? scan.take() : undefined));
  }

  findAll(text: string): RegexMatch[] {
    const matches: RegexMatch[] = [];
    this.#each(text, 0, (match) => matches.push(match));
    return matches;
  }

  split(text: string, max = 0): (string | undefined)[] {
    const pieces: (string | undefined)[] = [];
    if (max < 0) return [text];
    const rest = this.#each(text, max, (match, before) => {
      pieces.push(before);
      for (let group = 1; group < match.groups.length; group += 1) pieces.push(match.groups[group]);
    });
    pieces.push(rest);
    return pieces;
  }

  replace(text: string, replacement: string | ((match: RegexMatch) => string), count = 0): string {
    const template =
      typeof replacement === 'string' ? parseReplacement(replacement, this.groupCount, this.groupNames) : replacement;
    if (count < 0) return text;
    let result = '';
    const rest = this.#each(text, count, (match, before) => {
      result += before;
      result += typeof template === 'function' ? template(match) : expand(template, match);
    });
    return result + rest;
  }

  /** Calls `visit` with each match and the text between it and the one before; answers the text after the last. */
  #each(text: string, limit: number, visit: (match: RegexMatch, before: string) => void): string {
    return this.#with(text, (scan) => {
      let last = 0;
      let position = 0;
      let advance = false;
      for (let n = 0; (limit === 0 || n < limit) && scan.find(position, advance); n += 1) {
        const match = scan.take();
        visit(match, scan.slice(last, match.start));
        last = match.end;
        position = match.end;
        // An empty match is not found twice: the next one must go on, or begin later.
        advance = match.start === match.end;
      }
      return scan.slice(last, scan.length);
    });
  }

  #with<T>(text: string, use: (scan: Scan) => T): T {
    const scratch = takeScratch();
    try {
      return use(new Scan(this.#program, this.groupNames, scratch, text));
    } finally {
      giveScratch(scratch);
    }
  }
}

function expand(template: Replacement, match: RegexMatch): string {
  let text = '';
  for (const part of template) text += typeof part === 'string' ? part : (match.groups[part] ?? '');
  return text;
}

/** One pass over one text. */
class Scan {
  readonly length: number;
  readonly #program: Program;
  readonly #names: ReadonlyMap<string, number>;
  readonly #codes: Int32Array;
  readonly #subject: Subject;
  readonly #matcher: Matcher;
  #accounted = 0;

  constructor(program: Program, names: ReadonlyMap<string, number>, scratch: Scratch, text: string) {
    this.#program = program;
    this.#names = names;
    this.#subject = loadSubject(scratch, text);
    this.#codes = scratch.codes;
    this.length = this.#subject.length;
    this.#matcher = new Matcher(program, scratch, this.#subject);
  }

  runAt(start: number, whole: boolean): boolean {
    return this.#charged(this.#matcher.run(start, whole, false));
  }

  /** Finds the first match from `from` on. `advance`: one that begins there must not be empty. */
  find(from: number, advance: boolean): boolean {
    return this.#charged(this.#seek(from, advance));
  }

  /** A single search has its own bound; this makes a hundred thousand of them count, sixteen steps as one value visited. */
  #charged(found: boolean): boolean {
    chargeAllowance((this.#matcher.steps - this.#accounted) >> 4);
    this.#accounted = this.#matcher.steps;
    return found;
  }

  #seek(from: number, advance: boolean): boolean {
    const { prefix, first, anchored } = this.#program;
    const last = anchored ? 0 : this.length;
    for (let start = from; start <= last; start += 1) {
      if (prefix !== '') {
        start = this.#findPrefix(prefix, start);
        if (start > last) return false;
      } else if (first !== undefined) {
        while (start < this.length && !setHas(first, this.#codes[start] ?? 0)) start += 1;
        if (start >= this.length || start > last) return false;
      }
      if (this.#matcher.run(start, false, advance && start === from)) return true;
    }
    return false;
  }

  /** The first place from `start` on where the prefix (or, in a text of wide characters, its first character) stands. */
  #findPrefix(prefix: string, start: number): number {
    if (this.#subject.offsets === undefined) {
      const found = this.#subject.text.indexOf(prefix, start);
      return found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    const code = prefix.codePointAt(0);
    for (let position = start; position < this.length; position += 1) {
      if (this.#codes[position] === code) return position;
    }
    return Number.POSITIVE_INFINITY;
  }

  slice(start: number, end: number): string {
    return sliceSubject(this.#subject, start, end);
  }

  /** The match just found. */
  take(): RegexMatch {
    const registers = this.#matcher.registers;
    const groups: (string | undefined)[] = [];
    const spans: (readonly [number, number] | undefined)[] = [];
    for (let group = 0; group <= this.#program.groupCount; group += 1) {
      const start = registers[2 * group] ?? -1;
      const end = registers[2 * group + 1] ?? -1;
      groups.push(end < 0 ? undefined : this.slice(start, end));
      spans.push(end < 0 ? undefined : [start, end]);
    }
    const named = new Map<string, string | undefined>();
    for (const [name, group] of this.#names) named.set(name, groups[group]);
    const [start, end] = spans[0] ?? [0, 0];
    return { start, end, groups, named, spans };
  }
}
