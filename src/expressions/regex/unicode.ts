/**
 * Python's character classes and simple case mapping, per code point. Answers are remembered in pages of 256 code points,
 * so that matching costs a table look-up; at most 4,352 pages can ever exist.
 */
const WORD = 1;
const DIGIT = 2;
const SPACE = 4;
const IS_WORD = /[\p{L}\p{N}_]/u;
const IS_DIGIT = /\p{Nd}/u;
/** Beyond the white space of ASCII. */
const IS_WIDE_SPACE = /[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;

const classPages: (Uint8Array | undefined)[] = [];
const lowerPages: (Int32Array | undefined)[] = [];

function classOf(code: number): number {
  const page = classPages[code >> 8];
  return (page ?? loadClasses(code >> 8))[code & 255] ?? 0;
}

function loadClasses(number: number): Uint8Array {
  const page = new Uint8Array(256);
  for (let n = 0; n < 256; n += 1) {
    const char = String.fromCodePoint((number << 8) | n);
    page[n] =
      (IS_WORD.test(char) ? WORD : 0) |
      (IS_DIGIT.test(char) ? DIGIT : 0) |
      (isSpaceChar(char, (number << 8) | n) ? SPACE : 0);
  }
  classPages[number] = page;
  return page;
}

/** As `str.isspace`: the separators of ASCII (28 to 31) are in, the byte order mark is not. */
function isSpaceChar(char: string, code: number): boolean {
  return (code >= 9 && code <= 13) || (code >= 28 && code <= 32) || IS_WIDE_SPACE.test(char);
}

export const isWord = (code: number): boolean => (classOf(code) & WORD) !== 0;
export const isDigit = (code: number): boolean => (classOf(code) & DIGIT) !== 0;
export const isSpace = (code: number): boolean => (classOf(code) & SPACE) !== 0;

export function isAsciiWord(code: number): boolean {
  return code < 128 && isWord(code);
}

/** Python's one-to-one lower case (`Py_UNICODE_TOLOWER`). */
export function lowerOf(code: number): number {
  const page = lowerPages[code >> 8];
  return (page ?? loadLower(code >> 8))[code & 255] ?? code;
}

function loadLower(number: number): Int32Array {
  const page = new Int32Array(256);
  for (let n = 0; n < 256; n += 1) {
    const code = (number << 8) | n;
    const lower = String.fromCodePoint(code).toLowerCase();
    const lowered = lower.codePointAt(0) ?? code;
    // İ lowers to two characters; its one-to-one mapping is i, their first.
    page[n] = lowered;
  }
  lowerPages[number] = page;
  return page;
}

export function asciiLowerOf(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 32 : code;
}

/** Lower-case letters that `re` takes as equal though they lower differently: they share an upper case. */
const EQUAL_LOWER: readonly (readonly number[])[] = [
  [0x69, 0x131],
  [0x73, 0x17f],
  [0xb5, 0x3bc],
  [0x345, 0x3b9, 0x1fbe],
  [0x390, 0x1fd3],
  [0x3b0, 0x1fe3],
  [0x3b2, 0x3d0],
  [0x3b5, 0x3f5],
  [0x3b8, 0x3d1],
  [0x3ba, 0x3f0],
  [0x3c0, 0x3d6],
  [0x3c1, 0x3f1],
  [0x3c2, 0x3c3],
  [0x3c6, 0x3d5],
  [0x432, 0x1c80],
  [0x434, 0x1c81],
  [0x43e, 0x1c82],
  [0x441, 0x1c83],
  [0x442, 0x1c84, 0x1c85],
  [0x44a, 0x1c86],
  [0x463, 0x1c87],
  [0x1c88, 0xa64b],
  [0x1e61, 0x1e9b],
  [0xfb05, 0xfb06],
];
const equalLower = new Map(
  EQUAL_LOWER.flatMap((group) => group.map((code): [number, readonly number[]] => [code, group])),
);

/** The lower-case letters that match `lowered` (itself a lower-case letter) when case is ignored; itself among them. */
export function equalsOf(lowered: number): readonly number[] {
  return equalLower.get(lowered) ?? [lowered];
}

/** Where letters with case live; outside of these every code point is its own lower case. */
export const CASED_BLOCKS: readonly (readonly [number, number])[] = [
  [0x41, 0x587],
  [0x10a0, 0x2184],
  [0x24b6, 0x24e9],
  [0x2c00, 0x2dff],
  [0xa640, 0xabff],
  [0xfb00, 0xfb06],
  [0xff21, 0xff5a],
  [0x10400, 0x105ff],
  [0x10c80, 0x10cff],
  [0x118a0, 0x118df],
  [0x16e40, 0x16e7f],
  [0x1e900, 0x1e943],
];
