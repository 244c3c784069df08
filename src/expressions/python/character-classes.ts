/** Python's `str.isalpha` and its relatives, by Unicode category. */

const every = (pattern: RegExp) => (text: string) => text !== '' && pattern.test(text);

export const isAlpha = every(/^\p{L}+$/u);
export const isAlnum = every(/^[\p{L}\p{N}]+$/u);
export const isDecimal = every(/^\p{Nd}+$/u);
/** Decimals, superscripts and other digits that are no decimals. */
export const isDigit = every(
  /^[\p{Nd}\u00b2\u00b3\u00b9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\u{10a40}-\u{10a43}\u{10e60}-\u{10e68}\u{11052}-\u{1105a}\u{1f100}-\u{1f10a}]+$/u,
);
/** Numbers, and the Chinese characters that are numerals. */
export const isNumeric = every(
  /^[\p{N}㐅㒃㠪㭍一七万三九二五亖亿什仟仨伍佰億兆兩八六十千卄卅卌叁参參叄四壱壹幺廾廿弌弍弎弐拾捌柒漆玖百肆萬貮貳贰阡陆陌陸零]+$/u,
);
export const isIdentifier = every(/^[\p{XIDS}_][\p{XIDC}]*$/u);

export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) return false;
  return true;
}

export function isPrintable(text: string): boolean {
  return !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(text);
}

/** At least one cased character, and none of the other case. */
export function isLower(text: string): boolean {
  return /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);
}

export function isUpper(text: string): boolean {
  return /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
}

/** Upper case only at the begin of words, lower case only inside. */
export function isTitle(text: string): boolean {
  let cased = false;
  let inWord = false;
  for (const character of text) {
    if (/[\p{Uppercase}\p{Lt}]/u.test(character)) {
      if (inWord) return false;
      inWord = true;
      cased = true;
    } else if (/\p{Lowercase}/u.test(character)) {
      if (!inWord) return false;
      cased = true;
    } else inWord = false;
  }
  return cased;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the line boundaries of Python's splitlines
const LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

/** Python's `text.splitlines()`. */
export function splitLines(text: string, keepEnds = false): string[] {
  const lines: string[] = [];
  let start = 0;
  for (const match of text.matchAll(LINE_END)) {
    const end = match.index + match[0].length;
    lines.push(text.slice(start, keepEnds ? end : match.index));
    start = end;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}
