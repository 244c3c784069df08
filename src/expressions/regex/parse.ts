import type { PetrelError } from '../../model/index.ts';
import { patternError, quoted } from './errors.ts';
import { codeOf, parseEscape, parseSetEscape } from './escapes.ts';
import { parseInlineFlags } from './flags.ts';
import { parseQuantifier } from './quantifier.ts';
import { FLAG, type Node, type ParsedPattern, type Sequence, type SetItem, type Width, widthOf } from './syntax.ts';
import { length, Tokenizer } from './tokenizer.ts';

/** Python refuses at its recursion limit, which is a little later. */
const MAX_DEPTH = 250;

/** Parses a pattern as Python 3.11's `re` does, with its error messages. Throws `PetrelError` (`expression`). */
export function parsePattern(pattern: string, flags: number): ParsedPattern {
  return new PatternParser(pattern, flags).parse();
}

/** `text` as Python's `int()` reads it, else undefined. */
export function pythonInt(text: string): number | undefined {
  return /^\s*[+-]?\d+(?:_\d+)*\s*$/.test(text) ? Number.parseInt(text.trim().replaceAll('_', ''), 10) : undefined;
}

export const isIdentifier = (name: string): boolean => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(name);

class PatternParser {
  readonly #pattern: string;
  readonly #source: Tokenizer;
  #flags: number;
  readonly #names = new Map<string, number>();
  /** Indexed by group number; undefined while the group is open. Group 0 is never closed. */
  readonly #widths: (Width | undefined)[] = [undefined];
  /** Number of groups when the outermost lookbehind began. */
  #lookbehindGroups: number | undefined;
  /** First position at which a conditional names a group that may come later. */
  readonly #forwardReferences = new Map<number, number>();

  constructor(pattern: string, flags: number) {
    this.#pattern = pattern;
    this.#source = new Tokenizer(pattern);
    this.#flags = flags;
  }

  parse(): ParsedPattern {
    const body = this.#alternatives((this.#flags & FLAG.verbose) !== 0, 0);
    if (this.#source.next !== undefined) throw this.#source.error('unbalanced parenthesis');
    for (const [group, position] of this.#forwardReferences) {
      if (group >= this.#widths.length) {
        throw patternError(this.#pattern, `invalid group reference ${group}`, position);
      }
    }
    this.#checkLookbehinds(body);
    return {
      body,
      flags: this.#flags,
      groupCount: this.#widths.length - 1,
      groupWidths: this.#widths,
      groupNames: this.#names,
    };
  }

  #alternatives(verboseAtStart: boolean, depth: number): Sequence {
    if (depth > MAX_DEPTH) throw this.#source.error(`groups nested more than ${MAX_DEPTH} deep`);
    let verbose = verboseAtStart;
    const options: Sequence[] = [];
    for (;;) {
      options.push(this.#sequence(verbose, depth, depth === 0 && options.length === 0));
      if (!this.#source.match('|')) break;
      if (depth === 0) verbose = (this.#flags & FLAG.verbose) !== 0;
    }
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : [{ kind: 'branch', options }];
  }

  #sequence(verboseAtStart: boolean, depth: number, first: boolean): Sequence {
    const source = this.#source;
    let verbose = verboseAtStart;
    const sequence: Node[] = [];
    while (source.next !== undefined && source.next !== '|' && source.next !== ')') {
      const token = source.next;
      source.get();
      if (verbose && isVerboseSpace(token)) continue;
      if (verbose && token === '#') {
        while (source.next !== undefined && source.next !== '\n') source.get();
        source.get();
        continue;
      }
      if (token.length > 1 && token.startsWith('\\')) {
        sequence.push(parseEscape(source, token, (group, size) => this.#reference(group, size)));
      } else if (token === '[') {
        sequence.push(this.#set());
      } else if (token === '*' || token === '+' || token === '?' || token === '{') {
        parseQuantifier(source, token, sequence);
      } else if (token === '.') {
        sequence.push({ kind: 'any' });
      } else if (token === '^') {
        sequence.push({ kind: 'at', place: 'begin' });
      } else if (token === '$') {
        sequence.push({ kind: 'at', place: 'end' });
      } else if (token === '(') {
        const start = source.tell() - 1;
        const node = this.#group(start, verbose, depth);
        if (node === 'flags') {
          if (!first || sequence.length > 0) {
            throw source.error('global flags not at the start of the expression', source.tell() - start);
          }
          verbose = (this.#flags & FLAG.verbose) !== 0;
        } else if (node !== 'comment') {
          sequence.push(node);
        }
      } else {
        sequence.push({ kind: 'char', code: codeOf(token) });
      }
    }
    return sequence;
  }

  #reference(group: number, escapeLength: number): Node {
    if (group >= this.#widths.length) {
      throw this.#source.error(`invalid group reference ${group}`, escapeLength - 1);
    }
    if (this.#widths[group] === undefined) throw this.#source.error('cannot refer to an open group', escapeLength);
    this.#checkLookbehindGroup(group);
    return { kind: 'backreference', group };
  }

  #checkLookbehindGroup(group: number): void {
    if (this.#lookbehindGroups === undefined) return;
    if (this.#widths[group] === undefined) throw this.#source.error('cannot refer to an open group');
    if (group >= this.#lookbehindGroups) {
      throw this.#source.error('cannot refer to group defined in the same lookbehind subpattern');
    }
  }

  #set(): Node {
    const source = this.#source;
    const here = source.tell() - 1;
    const items: SetItem[] = [];
    const negate = source.match('^');
    const need = (token: string | undefined): string => {
      if (token === undefined) throw source.error('unterminated character set', source.tell() - here);
      return token;
    };
    const itemOf = (token: string): SetItem => {
      if (token.length > 1 && token.startsWith('\\')) return parseSetEscape(source, token);
      const code = codeOf(token);
      return { kind: 'range', low: code, high: code };
    };
    for (;;) {
      const from = need(source.get());
      if (from === ']' && items.length > 0) break;
      const item = itemOf(from);
      if (!source.match('-')) {
        items.push(item);
        continue;
      }
      const to = need(source.get());
      if (to === ']') {
        items.push(item, { kind: 'range', low: 0x2d, high: 0x2d });
        break;
      }
      const end = itemOf(to);
      if (item.kind !== 'range' || end.kind !== 'range' || end.low < item.low) {
        throw source.error(`bad character range ${from}-${to}`, length(from) + 1 + length(to));
      }
      items.push({ kind: 'range', low: item.low, high: end.low });
    }
    const [only] = items;
    if (!negate && items.length === 1 && only?.kind === 'range' && only.low === only.high) {
      return { kind: 'char', code: only.low };
    }
    return { kind: 'set', set: { negate, items } };
  }

  /** What follows an opening parenthesis at `start`, up to its closing one. */
  #group(start: number, verbose: boolean, depth: number): Node | 'flags' | 'comment' {
    const source = this.#source;
    if (!source.match('?')) return this.#capture(undefined, start, verbose, depth);
    const char = this.#need(source.get());
    switch (char) {
      case 'P':
        return this.#pythonGroup(start, verbose, depth);
      case ':':
        return this.#plainGroup(start, verbose, depth, 0, 0);
      case '#':
        for (;;) {
          if (source.next === undefined) {
            throw source.error('missing ), unterminated comment', source.tell() - start);
          }
          if (source.get() === ')') return 'comment';
        }
      case '=':
      case '!':
      case '<':
        return this.#look(char, start, verbose, depth);
      case '(':
        return this.#conditional(start, verbose, depth);
      case '>': {
        const body = this.#alternatives(verbose, depth + 1);
        this.#close(start);
        return { kind: 'atomic', body };
      }
      default: {
        const flags = parseInlineFlags(source, char);
        if (flags === undefined) throw source.error(`unknown extension ?${char}`, length(char) + 1);
        if (flags.kind === 'global') {
          this.#flags |= flags.add;
          return 'flags';
        }
        return this.#plainGroup(start, verbose, depth, flags.add, flags.remove);
      }
    }
  }

  #need(char: string | undefined): string {
    if (char === undefined) throw this.#source.error('unexpected end of pattern');
    return char;
  }

  #close(start: number): void {
    if (!this.#source.match(')')) {
      throw this.#source.error('missing ), unterminated subpattern', this.#source.tell() - start);
    }
  }

  #plainGroup(start: number, verbose: boolean, depth: number, addFlags: number, removeFlags: number): Node {
    const inner = (verbose || (addFlags & FLAG.verbose) !== 0) && (removeFlags & FLAG.verbose) === 0;
    const body = this.#alternatives(inner, depth + 1);
    this.#close(start);
    return { kind: 'group', index: undefined, addFlags, removeFlags, body };
  }

  #capture(name: string | undefined, start: number, verbose: boolean, depth: number): Node {
    const index = this.#widths.length;
    this.#widths.push(undefined);
    if (name !== undefined) {
      const earlier = this.#names.get(name);
      if (earlier !== undefined) {
        throw this.#source.error(
          `redefinition of group name ${quoted(name)} as group ${index}; was group ${earlier}`,
          length(name) + 1,
        );
      }
      this.#names.set(name, index);
    }
    const body = this.#alternatives(verbose, depth + 1);
    this.#close(start);
    this.#widths[index] = widthOf(body, this.#widths);
    return { kind: 'group', index, addFlags: 0, removeFlags: 0, body };
  }

  #pythonGroup(start: number, verbose: boolean, depth: number): Node {
    const source = this.#source;
    if (source.match('<')) {
      const name = source.getUntil('>', 'group name');
      if (!isIdentifier(name)) throw this.#badName(name);
      return this.#capture(name, start, verbose, depth);
    }
    if (source.match('=')) {
      const name = source.getUntil(')', 'group name');
      if (!isIdentifier(name)) throw this.#badName(name);
      const group = this.#names.get(name);
      if (group === undefined) throw source.error(`unknown group name ${quoted(name)}`, length(name) + 1);
      if (this.#widths[group] === undefined) throw source.error('cannot refer to an open group', length(name) + 1);
      this.#checkLookbehindGroup(group);
      return { kind: 'backreference', group };
    }
    const char = this.#need(source.get());
    throw source.error(`unknown extension ?P${char}`, length(char) + 2);
  }

  #badName(name: string): PetrelError {
    return this.#source.error(`bad character in group name ${quoted(name)}`, length(name) + 1);
  }

  #look(char: string, start: number, verbose: boolean, depth: number): Node {
    const source = this.#source;
    let sign = char;
    const behind = char === '<';
    const outerGroups = this.#lookbehindGroups;
    if (behind) {
      sign = this.#need(source.get());
      if (sign !== '=' && sign !== '!') throw source.error(`unknown extension ?<${sign}`, length(sign) + 2);
      this.#lookbehindGroups ??= this.#widths.length;
    }
    const body = this.#alternatives(verbose, depth + 1);
    this.#lookbehindGroups = outerGroups;
    this.#close(start);
    return { kind: 'look', behind, negate: sign === '!', body };
  }

  #conditional(start: number, verbose: boolean, depth: number): Node {
    const source = this.#source;
    const name = source.getUntil(')', 'group name');
    let group: number | undefined;
    if (isIdentifier(name)) {
      group = this.#names.get(name);
      if (group === undefined) throw source.error(`unknown group name ${quoted(name)}`, length(name) + 1);
    } else {
      group = pythonInt(name);
      if (group === undefined || group < 0) throw this.#badName(name);
      if (group === 0) throw source.error('bad group number', length(name) + 1);
      if (!this.#forwardReferences.has(group)) {
        this.#forwardReferences.set(group, source.tell() - length(name) - 1);
      }
    }
    this.#checkLookbehindGroup(group);
    if (depth >= MAX_DEPTH) throw source.error(`groups nested more than ${MAX_DEPTH} deep`);
    const yes = this.#sequence(verbose, depth + 1, false);
    let no: Sequence | undefined;
    if (source.match('|')) {
      no = this.#sequence(verbose, depth + 1, false);
      if (source.next === '|') throw source.error('conditional backref with more than two branches');
    }
    this.#close(start);
    return { kind: 'conditional', group, yes, no };
  }

  /** Python checks this while compiling, after everything else, and names no position. */
  #checkLookbehinds(sequence: Sequence): void {
    for (const node of sequence) {
      if (node.kind === 'branch') for (const option of node.options) this.#checkLookbehinds(option);
      if (node.kind === 'conditional') {
        this.#checkLookbehinds(node.yes);
        this.#checkLookbehinds(node.no ?? []);
      }
      if ('body' in node) this.#checkLookbehinds(node.body);
      if (node.kind === 'look' && node.behind) {
        const width = widthOf(node.body, this.#widths);
        if (width.low !== width.high) throw patternError(this.#pattern, 'look-behind requires fixed-width pattern');
      }
    }
  }
}

function isVerboseSpace(token: string): boolean {
  return token.length === 1 && ' \t\n\r\v\f'.includes(token);
}
