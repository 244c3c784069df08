import { type Category, FLAG, type SetItem, type SetSyntax } from './syntax.ts';
import { asciiLowerOf, CASED_BLOCKS, equalsOf, isAsciiWord, isDigit, isSpace, isWord, lowerOf } from './unicode.ts';

/** What one place of a pattern accepts, ready for matching: a table for the first 256 code points, a function for the rest. */
export interface CharSet {
  readonly table: Uint8Array;
  readonly has: (code: number) => boolean;
}

/** `flags` are those in force at the place: ignoreCase and ascii count. */
export function buildCharSet(syntax: SetSyntax, flags: number): CharSet {
  const ascii = (flags & FLAG.ascii) !== 0;
  const test = (flags & FLAG.ignoreCase) !== 0 ? caselessTest(syntax.items, ascii) : plainTest(syntax.items, ascii);
  return charSetOf(syntax.negate ? (code) => !test(code) : test);
}

export function charSetOf(has: (code: number) => boolean): CharSet {
  const table = new Uint8Array(256);
  for (let code = 0; code < 256; code += 1) table[code] = has(code) ? 1 : 0;
  return { table, has };
}

export function setHas(set: CharSet, code: number): boolean {
  return code < 256 ? set.table[code] === 1 : set.has(code);
}

function plainTest(items: readonly SetItem[], ascii: boolean): (code: number) => boolean {
  const [only] = items;
  if (items.length === 1 && only?.kind === 'category') return categoryTest(only.category, ascii);
  const ranges: number[] = [];
  const categories: ((code: number) => boolean)[] = [];
  for (const item of items) {
    if (item.kind === 'range') ranges.push(item.low, item.high);
    else categories.push(categoryTest(item.category, ascii));
  }
  return (code) => inRanges(ranges, code) || categories.some((category) => category(code));
}

/**
 * As `re` does it: the text's character is lowered, and matches when a member of the set has the same lower case, or one that
 * Python counts as equal.
 */
function caselessTest(items: readonly SetItem[], ascii: boolean): (code: number) => boolean {
  const plain = plainTest(items, ascii);
  const lower = ascii ? asciiLowerOf : lowerOf;
  const lowered = new Set<number>();
  const blocks = ascii ? [[0x41, 0x5a] as const] : CASED_BLOCKS;
  for (const item of items) {
    if (item.kind === 'category') continue;
    for (const [from, to] of blocks) {
      for (let code = Math.max(from, item.low); code <= Math.min(to, item.high); code += 1) {
        const own = lower(code);
        if (ascii) lowered.add(own);
        else for (const equal of equalsOf(own)) lowered.add(equal);
      }
    }
    // U+0345 has no case of its own and stands outside of the blocks, but counts as a small iota.
    if (!ascii && item.low <= 0x345 && item.high >= 0x345) for (const equal of equalsOf(0x345)) lowered.add(equal);
  }
  return (code) => {
    const own = lower(code);
    return lowered.has(own) || plain(own);
  };
}

function inRanges(ranges: readonly number[], code: number): boolean {
  for (let n = 0; n + 1 < ranges.length; n += 2) {
    if (code >= (ranges[n] ?? 0) && code <= (ranges[n + 1] ?? -1)) return true;
  }
  return false;
}

function categoryTest(category: Category, ascii: boolean): (code: number) => boolean {
  switch (category) {
    case 'd':
      return ascii ? (code) => code >= 0x30 && code <= 0x39 : isDigit;
    case 'D':
      return ascii ? (code) => code < 0x30 || code > 0x39 : (code) => !isDigit(code);
    case 's':
      return ascii ? isAsciiSpace : isSpace;
    case 'S':
      return ascii ? (code) => !isAsciiSpace(code) : (code) => !isSpace(code);
    case 'w':
      return ascii ? isAsciiWord : isWord;
    case 'W':
      return ascii ? (code) => !isAsciiWord(code) : (code) => !isWord(code);
  }
}

function isAsciiSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
