/**
 * Working memory of one search: the text as code points, the registers and the stack of things to go back to. It is kept for the
 * next search, because making it costs more than most searches; a search that runs inside another one gets its own.
 */
export interface Scratch {
  codes: Int32Array;
  registers: Int32Array;
  stack: Int32Array;
}

/** Larger pieces are left to the garbage collector. */
const KEPT = 1 << 16;

let free: Scratch | undefined;

export function takeScratch(): Scratch {
  const scratch = free ?? {
    codes: new Int32Array(256),
    registers: new Int32Array(32),
    stack: new Int32Array(1024),
  };
  free = undefined;
  return scratch;
}

export function giveScratch(scratch: Scratch): void {
  if (scratch.codes.length <= KEPT && scratch.stack.length <= KEPT && scratch.registers.length <= KEPT) free = scratch;
}

/** A text made ready for matching. */
export interface Subject {
  readonly text: string;
  /** Number of code points. */
  readonly length: number;
  /** Where each code point begins in `text`, and its length at the end; undefined when each takes one unit. */
  readonly offsets: Int32Array | undefined;
}

/** Puts the code points of `text` into `scratch.codes`. */
export function loadSubject(scratch: Scratch, text: string): Subject {
  if (scratch.codes.length < text.length)
    scratch.codes = new Int32Array(Math.max(text.length, 2 * scratch.codes.length));
  const codes = scratch.codes;
  const units = text.length;
  for (let n = 0; n < units; n += 1) {
    const unit = text.charCodeAt(n);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = text.charCodeAt(n + 1);
      if (next >= 0xdc00 && next <= 0xdfff) return loadAstral(codes, text);
    }
    codes[n] = unit;
  }
  return { text, length: units, offsets: undefined };
}

function loadAstral(codes: Int32Array, text: string): Subject {
  const offsets = new Int32Array(text.length + 1);
  let length = 0;
  let offset = 0;
  for (const char of text) {
    codes[length] = char.codePointAt(0) ?? 0;
    offsets[length] = offset;
    length += 1;
    offset += char.length;
  }
  offsets[length] = offset;
  return { text, length, offsets };
}

/** The text between two positions, which count code points. */
export function sliceSubject(subject: Subject, start: number, end: number): string {
  const { text, offsets } = subject;
  return offsets === undefined ? text.slice(start, end) : text.slice(offsets[start] ?? 0, offsets[end] ?? text.length);
}
