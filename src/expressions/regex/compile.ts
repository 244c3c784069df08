import { buildCharSet, type CharSet } from './char-set.ts';
import { analyseStart } from './first.ts';
import { AT, COMPARE, ONE, OP, type Program } from './program.ts';
import {
  FLAG,
  flagsInside,
  type Node,
  type ParsedPattern,
  type Place,
  type Sequence,
  type SetSyntax,
  type Width,
  widthOf,
} from './syntax.ts';

/** Counts and widths are stored as 32-bit integers; no text is longer. */
const MAX_INT = 0x7fffffff;

/** Turns a parsed pattern into the matcher's program. */
export function compileProgram(source: string, parsed: ParsedPattern): Program {
  const emitter = new Emitter(parsed.groupWidths);
  emitter.sequence(parsed.body, parsed.flags);
  emitter.emit(OP.match);
  return {
    source,
    code: Int32Array.from(emitter.code),
    sets: emitter.sets,
    groupCount: parsed.groupCount,
    registerCount: emitter.registerCount,
    ...analyseStart(parsed.body, parsed.flags),
  };
}

class Emitter {
  readonly code: number[] = [];
  readonly sets: CharSet[] = [];
  registerCount: number;
  readonly #groupWidths: readonly (Width | undefined)[];
  readonly #setNumbers = new Map<string, number>();

  constructor(groupWidths: readonly (Width | undefined)[]) {
    this.#groupWidths = groupWidths;
    this.registerCount = 2 * groupWidths.length;
  }

  emit(...words: number[]): void {
    for (const word of words) this.code.push(word);
  }

  sequence(sequence: Sequence, flags: number): void {
    for (let n = 0; n < sequence.length; n += 1) {
      const node = sequence[n];
      if (node !== undefined) this.#node(node, flags, sequence[n + 1]);
    }
  }

  #node(node: Node, flags: number, next: Node | undefined): void {
    switch (node.kind) {
      case 'char':
      case 'set':
      case 'any': {
        const [kind, argument] = this.#one(node, flags);
        if (kind === ONE.char) this.emit(OP.char, argument);
        else if (kind === ONE.set) this.emit(OP.set, argument);
        else this.emit(kind === ONE.any ? OP.any : OP.anyButNewline);
        return;
      }
      case 'at':
        this.emit(OP.at, placeCode(node.place, flags));
        return;
      case 'group': {
        const inner = flagsInside(flags, node.addFlags, node.removeFlags);
        if (node.index !== undefined) this.emit(OP.save, 2 * node.index);
        this.sequence(node.body, inner);
        if (node.index !== undefined) this.emit(OP.save, 2 * node.index + 1);
        return;
      }
      case 'branch':
        this.#branch(node.options, flags);
        return;
      case 'repeat':
        this.#repeat(node, flags, next);
        return;
      case 'atomic':
        this.#atomic(() => this.sequence(node.body, flags));
        return;
      case 'look': {
        const width = node.behind ? widthOf(node.body, this.#groupWidths).low : 0;
        this.emit(OP.lookBegin, Math.min(width, MAX_INT), -1);
        const target = this.code.length - 1;
        this.sequence(node.body, flags);
        this.emit(node.negate ? OP.lookFailed : OP.lookSucceeded);
        if (node.negate) this.code[target] = this.code.length;
        return;
      }
      case 'backreference': {
        const ignoring = (flags & FLAG.ascii) !== 0 ? COMPARE.ignoreCaseAscii : COMPARE.ignoreCase;
        this.emit(OP.backreference, node.group, (flags & FLAG.ignoreCase) !== 0 ? ignoring : COMPARE.exact);
        return;
      }
      case 'conditional': {
        this.emit(OP.ifGroup, node.group, 0);
        const toNo = this.code.length - 1;
        this.sequence(node.yes, flags);
        if (node.no === undefined) {
          this.code[toNo] = this.code.length;
          return;
        }
        this.emit(OP.jump, 0);
        const toEnd = this.code.length - 1;
        this.code[toNo] = this.code.length;
        this.sequence(node.no, flags);
        this.code[toEnd] = this.code.length;
      }
    }
  }

  #branch(options: readonly Sequence[], flags: number): void {
    const merged = asSet(options);
    if (merged !== undefined) {
      this.#node({ kind: 'set', set: merged }, flags, undefined);
      return;
    }
    const ends: number[] = [];
    options.forEach((option, n) => {
      if (n === options.length - 1) {
        this.sequence(option, flags);
        return;
      }
      this.emit(OP.split, 0);
      const toNext = this.code.length - 1;
      this.sequence(option, flags);
      this.emit(OP.jump, 0);
      ends.push(this.code.length - 1);
      this.code[toNext] = this.code.length;
    });
    for (const end of ends) this.code[end] = this.code.length;
  }

  #atomic(body: () => void): void {
    this.emit(OP.atomicBegin);
    body();
    this.emit(OP.atomicEnd);
  }

  #repeat(node: Node & { kind: 'repeat' }, flags: number, next: Node | undefined): void {
    const { mode } = node;
    const min = Math.min(node.min, MAX_INT);
    const max = Number.isFinite(node.max) ? Math.min(node.max, MAX_INT) : -1;
    if (max === 0) return;
    const one = this.#single(node.body, flags);
    if (one !== undefined) {
      if (mode === 'lazy') this.emit(OP.runLazy, ...one, min, max);
      else if (mode === 'possessive') this.emit(OP.runPossessive, ...one, min, max);
      else this.emit(OP.runGreedy, ...one, min, max, this.#followingCode(next, flags));
      return;
    }
    if (mode === 'possessive') {
      // As `re`: each round is atomic in itself, and so is the whole.
      this.#atomic(() => this.#loop(min, max, false, () => this.#atomic(() => this.sequence(node.body, flags))));
      return;
    }
    this.#loop(min, max, mode === 'lazy', () => this.sequence(node.body, flags));
  }

  #loop(min: number, max: number, lazy: boolean, body: () => void): void {
    if (min === 1 && max === 1) {
      body();
      return;
    }
    if (min === 0 && max === 1) {
      this.emit(lazy ? OP.splitLazy : OP.split, 0);
      const toEnd = this.code.length - 1;
      body();
      this.code[toEnd] = this.code.length;
      return;
    }
    const register = this.registerCount;
    this.registerCount += 2;
    this.emit(OP.loopInit, register, OP.jump, 0);
    const toTest = this.code.length - 1;
    const bodyAddress = this.code.length;
    body();
    this.code[toTest] = this.code.length;
    this.emit(lazy ? OP.loopLazy : OP.loopGreedy, register, min, max, bodyAddress);
    if (lazy) this.emit(OP.loopRound, register, bodyAddress);
  }

  /** The one-character matcher that `body` is, if it is one. */
  #single(body: Sequence, flags: number): readonly [number, number] | undefined {
    const [node] = body;
    if (body.length !== 1 || node === undefined) return undefined;
    if (node.kind === 'char' || node.kind === 'set' || node.kind === 'any') return this.#one(node, flags);
    if (node.kind === 'group' && node.index === undefined) {
      return this.#single(node.body, flagsInside(flags, node.addFlags, node.removeFlags));
    }
    if (node.kind === 'branch') {
      const set = asSet(node.options);
      if (set !== undefined) return this.#one({ kind: 'set', set }, flags);
    }
    return undefined;
  }

  #one(node: Node & { kind: 'char' | 'set' | 'any' }, flags: number): readonly [number, number] {
    if (node.kind === 'any') return [(flags & FLAG.dotAll) !== 0 ? ONE.any : ONE.anyButNewline, 0];
    if (node.kind === 'set') return [ONE.set, this.#set(node.set, flags)];
    if ((flags & FLAG.ignoreCase) === 0) return [ONE.char, node.code];
    return [ONE.set, this.#set({ negate: false, items: [{ kind: 'range', low: node.code, high: node.code }] }, flags)];
  }

  #set(syntax: SetSyntax, flags: number): number {
    const relevant = flags & (FLAG.ignoreCase | FLAG.ascii);
    const key = `${relevant}${JSON.stringify(syntax)}`;
    let number = this.#setNumbers.get(key);
    if (number === undefined) {
      number = this.sets.length;
      this.sets.push(buildCharSet(syntax, flags));
      this.#setNumbers.set(key, number);
    }
    return number;
  }

  #followingCode(next: Node | undefined, flags: number): number {
    return next?.kind === 'char' && (flags & FLAG.ignoreCase) === 0 ? next.code : -1;
  }
}

/** Alternatives of one character each are a set. */
function asSet(options: readonly Sequence[]): SetSyntax | undefined {
  const items = [];
  for (const option of options) {
    const [node] = option;
    if (option.length !== 1 || node === undefined) return undefined;
    if (node.kind === 'char') items.push({ kind: 'range', low: node.code, high: node.code } as const);
    else if (node.kind === 'set' && !node.set.negate) items.push(...node.set.items);
    else return undefined;
  }
  return { negate: false, items };
}

function placeCode(place: Place, flags: number): number {
  const multiline = (flags & FLAG.multiline) !== 0;
  const ascii = (flags & FLAG.ascii) !== 0;
  switch (place) {
    case 'begin':
      return multiline ? AT.lineBegin : AT.textBegin;
    case 'end':
      return multiline ? AT.lineEnd : AT.end;
    case 'text-begin':
      return AT.textBegin;
    case 'text-end':
      return AT.textEnd;
    case 'boundary':
      return ascii ? AT.asciiBoundary : AT.boundary;
    case 'no-boundary':
      return ascii ? AT.asciiNoBoundary : AT.noBoundary;
  }
}
