import { characters, strip, textLength } from '../../python/index.ts';

export interface WrapOptions {
  readonly width: number;
  readonly breakLongWords: boolean;
  readonly breakOnHyphens: boolean;
}

const SPACES = '[\\t\\n\\x0b\\x0c\\r ]';
const NO_SPACE = '[^\\t\\n\\x0b\\x0c\\r ]';
const PUNCTUATED = '[\\p{L}\\p{N}_!"\'&.,?]';
const LETTER = '[\\p{L}_]';
/** Where Python's textwrap may break: at white space, after a hyphen inside a word, around dashes. */
const HYPHENATED = new RegExp(
  `(${SPACES}+|(?<=${PUNCTUATED})-{2,}(?=[\\p{L}\\p{N}_])|${NO_SPACE}+?(?:-(?:(?<=${LETTER}{2}-)|(?<=${LETTER}-${LETTER}-))(?=${LETTER}-?${LETTER})|(?=${SPACES}|$)|(?<=${PUNCTUATED})(?=-{2,}[\\p{L}\\p{N}_])))`,
  'u',
);
const SIMPLE = new RegExp(`(${SPACES}+)`, 'u');

/** Python's `textwrap.wrap` without expanding or replacing white space. */
export function wrapText(text: string, options: WrapOptions): string[] {
  const width = Math.max(1, options.width);
  const chunks = text.split(options.breakOnHyphens ? HYPHENATED : SIMPLE).filter((chunk) => chunk !== '');
  chunks.reverse();
  const lines: string[] = [];
  while (chunks.length > 0) {
    const line: string[] = [];
    let length = 0;
    if (lines.length > 0 && strip(chunks.at(-1) ?? '') === '') chunks.pop();
    while (chunks.length > 0) {
      const next = textLength(chunks.at(-1) ?? '');
      if (length + next > width) break;
      line.push(chunks.pop() ?? '');
      length += next;
    }
    const next = chunks.at(-1);
    if (next !== undefined && textLength(next) > width) longWord(chunks, line, width - length, options);
    if (line.length > 0 && strip(line.at(-1) ?? '') === '') line.pop();
    if (line.length > 0) lines.push(line.join(''));
  }
  return lines;
}

/** A word longer than a line: its begin fills the line, or it stands alone. */
function longWord(chunks: string[], line: string[], room: number, options: WrapOptions): void {
  if (!options.breakLongWords) {
    if (line.length === 0) line.push(chunks.pop() ?? '');
    return;
  }
  const letters = characters(chunks.pop() ?? '');
  let end = Math.max(room, options.width < 1 ? 1 : 0);
  if (options.breakOnHyphens && letters.length > end) {
    const hyphen = letters.slice(0, end).lastIndexOf('-');
    if (hyphen > 0 && letters.slice(0, hyphen).some((letter) => letter !== '-')) end = hyphen + 1;
  }
  if (end <= 0 && line.length === 0) end = 1;
  const rest = letters.slice(end).join('');
  if (end > 0) line.push(letters.slice(0, end).join(''));
  if (rest !== '') chunks.push(rest);
}
