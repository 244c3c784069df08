/**
 * Python's white space: JavaScript's with the information separators and NEL, without the byte order mark.
 */
export function isSpace(code: number): boolean {
  if (code < 128) return (code >= 9 && code <= 13) || (code >= 28 && code <= 32);
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** Python's `text.strip()`, `lstrip()` and `rstrip()`. */
export function strip(text: string, side: 'both' | 'left' | 'right' = 'both'): string {
  let start = 0;
  let end = text.length;
  if (side !== 'right') while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  if (side !== 'left') while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** Python's `text.split()`: runs of white space separate, at most `limit` times (negative: no limit). */
export function splitOnSpace(text: string, limit = -1): string[] {
  const words: string[] = [];
  let index = 0;
  for (;;) {
    while (index < text.length && isSpace(text.charCodeAt(index))) index += 1;
    if (index >= text.length) return words;
    if (limit >= 0 && words.length >= limit) {
      words.push(text.slice(index));
      return words;
    }
    const start = index;
    while (index < text.length && !isSpace(text.charCodeAt(index))) index += 1;
    words.push(text.slice(start, index));
  }
}
