/** One place of a shell pattern. */
type Part =
  | { readonly kind: 'char'; readonly code: number }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'set'; readonly negate: boolean; readonly ranges: readonly (readonly [number, number])[] };

/**
 * Compiles a shell pattern as Python's `fnmatch` reads it on POSIX: `*`, `?`, `[abc]`, `[a-z]`, `[!abc]`; no escapes; an unclosed
 * `[` is a character. The answer tells whether a whole text matches. One character is one code point; case counts. The time is at
 * most the product of the two lengths, whatever the pattern.
 */
export function compileWildcard(pattern: string): (text: string) => boolean {
  const parts = parse(Array.from(pattern, (char) => char.codePointAt(0) ?? 0));
  return (text) => matches(parts, text);
}

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const NOT = 0x21;
const DASH = 0x2d;

function parse(codes: readonly number[]): Part[] {
  const parts: Part[] = [];
  for (let n = 0; n < codes.length; n += 1) {
    const code = codes[n] ?? 0;
    if (code === STAR) {
      if (parts.at(-1)?.kind !== 'star') parts.push({ kind: 'star' });
    } else if (code === QUESTION) {
      parts.push({ kind: 'any' });
    } else if (code === OPEN) {
      const end = endOfSet(codes, n + 1);
      if (end === undefined) {
        parts.push({ kind: 'char', code });
        continue;
      }
      parts.push(parseSet(codes.slice(n + 1, end)));
      n = end;
    } else {
      parts.push({ kind: 'char', code });
    }
  }
  return parts;
}

/** Index of the bracket that closes the set whose content begins at `start`; one that comes first belongs to the set. */
function endOfSet(codes: readonly number[], start: number): number | undefined {
  let n = start;
  if (codes[n] === NOT) n += 1;
  if (codes[n] === CLOSE) n += 1;
  const end = codes.indexOf(CLOSE, n);
  return end < 0 ? undefined : end;
}

function parseSet(content: readonly number[]): Part {
  const negate = content[0] === NOT;
  const codes = negate ? content.slice(1) : content;
  const ranges: (readonly [number, number])[] = [];
  for (let n = 0; n < codes.length; n += 1) {
    const low = codes[n] ?? 0;
    const high = codes[n + 2];
    if (codes[n + 1] === DASH && high !== undefined) {
      // A range that runs backwards is empty, not an error.
      if (low <= high) ranges.push([low, high]);
      n += 2;
    } else {
      ranges.push([low, low]);
    }
  }
  return { kind: 'set', negate, ranges };
}

function matches(parts: readonly Part[], text: string): boolean {
  const codes = Array.from(text, (char) => char.codePointAt(0) ?? 0);
  let position = 0;
  let part = 0;
  // Where to go on when the parts after the last star do not fit: the star takes one character more.
  let retryPart = -1;
  let retryPosition = 0;
  while (position < codes.length) {
    const current = parts[part];
    if (current?.kind === 'star') {
      part += 1;
      retryPart = part;
      retryPosition = position;
    } else if (current !== undefined && accepts(current, codes[position] ?? 0)) {
      part += 1;
      position += 1;
    } else if (retryPart >= 0) {
      retryPosition += 1;
      position = retryPosition;
      part = retryPart;
    } else {
      return false;
    }
  }
  while (parts[part]?.kind === 'star') part += 1;
  return part === parts.length;
}

function accepts(part: Part, code: number): boolean {
  switch (part.kind) {
    case 'char':
      return part.code === code;
    case 'set':
      return part.ranges.some(([low, high]) => code >= low && code <= high) !== part.negate;
    default:
      return true;
  }
}
