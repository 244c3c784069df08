import { type CharSet, setHas } from './char-set.ts';
import { budgetError } from './errors.ts';
import { AT, COMPARE, ONE, OP, type Program } from './program.ts';
import type { Scratch, Subject } from './scratch.ts';
import { asciiLowerOf, isAsciiWord, isWord, lowerOf } from './unicode.ts';

/** Entries of the stack are four integers; the last one says what the first three are. */
const ENTRY = 4;
/** [address, position]: an alternative not tried yet. */
const CHOICE = 0;
/** [register, value]: what a register held before. */
const UNDO = 1;
/** [address, shortest, position]: a greedy run that can be shortened. */
const GREEDY = 2;
/** [address of the run, position, longest]: a lazy run that can be lengthened. */
const LAZY = 3;
/** [outer barrier, position, address]: the ground of a look or an atomic group; alternatives do not outlive it. */
const BARRIER = 4;

/** 32 MB: what a search may remember. */
const MAX_STACK = 1 << 23;

/**
 * A backtracking matcher with its own stack, so that no text can overflow the engine's, and a budget of steps, so that no
 * pattern can hold the process. One matcher serves one search or one scan over a text.
 *
 * The budget is 5 million steps and 64 more per character (about 50 ms on the machine it was measured on): a thousand times what
 * patterns of real rules need, and a fraction of a second for the worst.
 */
export class Matcher {
  /** After a successful `run`: register 2n and 2n+1 are the start and end of group n, -1 when it took no part. */
  readonly registers: Int32Array;
  readonly #program: Program;
  readonly #scratch: Scratch;
  readonly #length: number;
  readonly #budget: number;
  #steps = 0;
  #top = 0;

  constructor(program: Program, scratch: Scratch, subject: Subject) {
    this.#program = program;
    this.#scratch = scratch;
    this.#length = subject.length;
    this.#budget = 5_000_000 + 64 * subject.length;
    if (scratch.registers.length < program.registerCount) scratch.registers = new Int32Array(2 * program.registerCount);
    this.registers = scratch.registers;
  }

  /** How many steps all runs took so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Tries to match at `start`. `whole`: the match must reach the end of the text; `advance`: it must not be empty. */
  run(start: number, whole: boolean, advance: boolean): boolean {
    const { code, sets } = this.#program;
    const codes = this.#scratch.codes;
    const registers = this.registers;
    const length = this.#length;
    registers.fill(-1, 0, this.#program.registerCount);
    this.#top = 0;
    let barrier = -1;
    let pc = 0;
    let position = start;
    let failed = false;
    for (;;) {
      this.#spend(1);
      if (failed) {
        failed = false;
        if (this.#top === 0) return false;
        const stack = this.#scratch.stack;
        const entry = this.#top - ENTRY;
        const a = at(stack, entry);
        const b = at(stack, entry + 1);
        const c = at(stack, entry + 2);
        switch (at(stack, entry + 3)) {
          case UNDO:
            registers[a] = b;
            this.#top = entry;
            failed = true;
            break;
          case CHOICE:
            pc = a;
            position = b;
            this.#top = entry;
            break;
          case GREEDY: {
            position = this.#shorten(codes, at(code, a - 1), b, c - 1);
            if (position < b) {
              this.#top = entry;
              failed = true;
              break;
            }
            pc = a;
            if (position > b) stack[entry + 2] = position;
            else this.#top = entry;
            break;
          }
          case LAZY:
            if (b < c && accepts(sets, at(code, a + 1), at(code, a + 2), at(codes, b))) {
              position = b + 1;
              stack[entry + 1] = position;
              pc = a + 5;
            } else {
              this.#top = entry;
              failed = true;
            }
            break;
          default:
            barrier = a;
            this.#top = entry;
            if (c < 0) {
              failed = true;
            } else {
              position = b;
              pc = c;
            }
        }
        continue;
      }
      switch (at(code, pc)) {
        case OP.match:
          if ((whole && position !== length) || (advance && position === start)) {
            failed = true;
            break;
          }
          registers[0] = start;
          registers[1] = position;
          return true;
        case OP.char:
          if (position < length && codes[position] === code[pc + 1]) {
            position += 1;
            pc += 2;
          } else failed = true;
          break;
        case OP.set:
          if (position < length && accepts(sets, ONE.set, at(code, pc + 1), at(codes, position))) {
            position += 1;
            pc += 2;
          } else failed = true;
          break;
        case OP.anyButNewline:
          if (position < length && codes[position] !== 10) {
            position += 1;
            pc += 1;
          } else failed = true;
          break;
        case OP.any:
          if (position < length) {
            position += 1;
            pc += 1;
          } else failed = true;
          break;
        case OP.jump:
          pc = at(code, pc + 1);
          break;
        case OP.split:
          this.#push(at(code, pc + 1), position, 0, CHOICE);
          pc += 2;
          break;
        case OP.splitLazy:
          this.#push(pc + 2, position, 0, CHOICE);
          pc = at(code, pc + 1);
          break;
        case OP.save:
          this.#set(at(code, pc + 1), position);
          pc += 2;
          break;
        case OP.at:
          if (this.#holds(at(code, pc + 1), codes, position)) pc += 2;
          else failed = true;
          break;
        case OP.backreference: {
          const end = this.#backreference(codes, at(code, pc + 1), at(code, pc + 2), position);
          if (end < 0) {
            failed = true;
          } else {
            position = end;
            pc += 3;
          }
          break;
        }
        case OP.ifGroup:
          pc = at(registers, 2 * at(code, pc + 1) + 1) >= 0 ? pc + 3 : at(code, pc + 2);
          break;
        case OP.runGreedy: {
          const min = position + at(code, pc + 3);
          const reached = this.#reach(codes, pc, position);
          const end = reached < min ? -1 : this.#shorten(codes, at(code, pc + 5), min, reached);
          if (end < min) {
            failed = true;
            break;
          }
          pc += 6;
          if (end > min) this.#push(pc, min, end, GREEDY);
          position = end;
          break;
        }
        case OP.runPossessive: {
          const reached = this.#reach(codes, pc, position);
          if (reached < position + at(code, pc + 3)) {
            failed = true;
            break;
          }
          position = reached;
          pc += 5;
          break;
        }
        case OP.runLazy: {
          const min = at(code, pc + 3);
          const max = at(code, pc + 4);
          const limit = max < 0 ? length : Math.min(length, position + max);
          const least = position + min;
          while (
            position < least &&
            position < limit &&
            accepts(sets, at(code, pc + 1), at(code, pc + 2), at(codes, position))
          ) {
            position += 1;
          }
          if (position < least) {
            failed = true;
            break;
          }
          this.#spend(min);
          if (position < limit) this.#push(pc, position, limit, LAZY);
          pc += 5;
          break;
        }
        case OP.loopInit:
          this.#set(at(code, pc + 1), 0);
          this.#set(at(code, pc + 1) + 1, -1);
          pc += 2;
          break;
        case OP.loopGreedy: {
          const register = at(code, pc + 1);
          const count = at(registers, register);
          const max = at(code, pc + 3);
          if (count < at(code, pc + 2)) {
            this.#set(register, count + 1);
            pc = at(code, pc + 4);
          } else if ((max < 0 || count < max) && position !== registers[register + 1]) {
            this.#push(pc + 5, position, 0, CHOICE);
            this.#set(register, count + 1);
            this.#set(register + 1, position);
            pc = at(code, pc + 4);
          } else {
            pc += 5;
          }
          break;
        }
        case OP.loopLazy: {
          const register = at(code, pc + 1);
          const count = at(registers, register);
          const max = at(code, pc + 3);
          if (count < at(code, pc + 2)) {
            this.#set(register, count + 1);
            pc = at(code, pc + 4);
          } else {
            // The other way is to begin a round, which is what the instruction after this one does.
            if ((max < 0 || count < max) && position !== registers[register + 1]) {
              this.#push(pc + 5, position, 0, CHOICE);
            }
            pc += 8;
          }
          break;
        }
        case OP.loopRound: {
          const register = at(code, pc + 1);
          this.#set(register, at(registers, register) + 1);
          this.#set(register + 1, position);
          pc = at(code, pc + 2);
          break;
        }
        case OP.lookBegin: {
          const width = at(code, pc + 1);
          const target = at(code, pc + 2);
          if (position < width) {
            if (target < 0) failed = true;
            else pc = target;
            break;
          }
          this.#push(barrier, position, target, BARRIER);
          barrier = this.#top - ENTRY;
          position -= width;
          pc += 3;
          break;
        }
        case OP.atomicBegin:
          this.#push(barrier, position, -1, BARRIER);
          barrier = this.#top - ENTRY;
          pc += 1;
          break;
        case OP.lookSucceeded:
          position = at(this.#scratch.stack, barrier + 1);
          barrier = this.#cut(barrier);
          pc += 1;
          break;
        case OP.atomicEnd:
          barrier = this.#cut(barrier);
          pc += 1;
          break;
        default:
          barrier = this.#abandon(barrier);
          failed = true;
      }
    }
  }

  #spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#budget) throw budgetError(this.#program.source, this.#budget, this.#length);
  }

  #push(a: number, b: number, c: number, kind: number): void {
    const top = this.#top;
    let stack = this.#scratch.stack;
    if (top + ENTRY > stack.length) {
      if (stack.length >= MAX_STACK) throw budgetError(this.#program.source, this.#steps, this.#length);
      const larger = new Int32Array(2 * stack.length);
      larger.set(stack);
      this.#scratch.stack = larger;
      stack = larger;
    }
    stack[top] = a;
    stack[top + 1] = b;
    stack[top + 2] = c;
    stack[top + 3] = kind;
    this.#top = top + ENTRY;
  }

  #set(register: number, value: number): void {
    const before = at(this.registers, register);
    if (this.#top > 0) this.#push(register, before, 0, UNDO);
    this.registers[register] = value;
  }

  /** Ends a look or an atomic group: its alternatives go, what it changed can still be undone. Answers the outer barrier. */
  #cut(barrier: number): number {
    const stack = this.#scratch.stack;
    const outer = at(stack, barrier);
    let kept = barrier;
    for (let entry = barrier + ENTRY; entry < this.#top; entry += ENTRY) {
      if (stack[entry + 3] !== UNDO) continue;
      stack.copyWithin(kept, entry, entry + ENTRY);
      kept += ENTRY;
    }
    this.#spend((this.#top - barrier) / ENTRY);
    this.#top = kept;
    return outer;
  }

  /** Leaves a negative look whose body matched: undoes what it did. Answers the outer barrier. */
  #abandon(barrier: number): number {
    const stack = this.#scratch.stack;
    for (let entry = this.#top - ENTRY; entry > barrier; entry -= ENTRY) {
      if (stack[entry + 3] === UNDO) this.registers[at(stack, entry)] = at(stack, entry + 1);
    }
    this.#top = barrier;
    return at(stack, barrier);
  }

  /** How far the run at `pc` can go. */
  #reach(codes: Int32Array, pc: number, position: number): number {
    const { code, sets } = this.#program;
    const max = at(code, pc + 4);
    const limit = max < 0 ? this.#length : Math.min(this.#length, position + max);
    const argument = at(code, pc + 2);
    let end = position;
    switch (at(code, pc + 1)) {
      case ONE.char:
        while (end < limit && codes[end] === argument) end += 1;
        break;
      case ONE.set: {
        const set = sets[argument];
        if (set !== undefined) while (end < limit && setHas(set, at(codes, end))) end += 1;
        break;
      }
      case ONE.anyButNewline:
        while (end < limit && codes[end] !== 10) end += 1;
        break;
      default:
        end = Math.max(limit, position);
    }
    this.#spend((end - position) >> 2);
    return end;
  }

  /** The last place from `position` down to `min` where `following` comes next; below `min` when there is none. */
  #shorten(codes: Int32Array, following: number, min: number, position: number): number {
    if (following < 0) return position;
    let end = Math.min(position, this.#length - 1);
    while (end >= min && codes[end] !== following) end -= 1;
    this.#spend((position - end) >> 2);
    return end;
  }

  #backreference(codes: Int32Array, group: number, comparison: number, position: number): number {
    const start = at(this.registers, 2 * group);
    const end = at(this.registers, 2 * group + 1);
    if (end < 0 || position + end - start > this.#length) return -1;
    this.#spend((end - start) >> 2);
    const lower = comparison === COMPARE.ignoreCaseAscii ? asciiLowerOf : lowerOf;
    for (let n = start, m = position; n < end; n += 1, m += 1) {
      const one = at(codes, n);
      const other = at(codes, m);
      if (one === other) continue;
      if (comparison === COMPARE.exact || lower(one) !== lower(other)) return -1;
    }
    return position + end - start;
  }

  #holds(place: number, codes: Int32Array, position: number): boolean {
    const length = this.#length;
    switch (place) {
      case AT.textBegin:
        return position === 0;
      case AT.lineBegin:
        return position === 0 || codes[position - 1] === 10;
      case AT.end:
        return position === length || (position === length - 1 && codes[position] === 10);
      case AT.lineEnd:
        return position === length || codes[position] === 10;
      case AT.textEnd:
        return position === length;
      default: {
        const word = place === AT.asciiBoundary || place === AT.asciiNoBoundary ? isAsciiWord : isWord;
        const negated = place === AT.noBoundary || place === AT.asciiNoBoundary;
        // As `re` of Python 3.11: in the empty text there is neither a boundary nor its absence.
        if (length === 0) return false;
        const before = position > 0 && word(at(codes, position - 1));
        const after = position < length && word(at(codes, position));
        return (before !== after) !== negated;
      }
    }
  }
}

function accepts(sets: readonly CharSet[], kind: number, argument: number, code: number): boolean {
  switch (kind) {
    case ONE.char:
      return code === argument;
    case ONE.set: {
      const set = sets[argument];
      return set !== undefined && setHas(set, code);
    }
    case ONE.anyButNewline:
      return code !== 10;
    default:
      return true;
  }
}

/** An element known to be there; the zero is for the type checker. */
function at(array: Int32Array, index: number): number {
  return array[index] ?? 0;
}
