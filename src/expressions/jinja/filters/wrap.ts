import { characters, isSpace, strip } from '../../python/index.ts';

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

/** A part of the text that is not broken unless it must be: letters from `start` on. */
interface Chunk {
  readonly letters: readonly string[];
  readonly start: number;
}

function size(chunk: Chunk | undefined): number {
  return chunk === undefined ? 0 : chunk.letters.length - chunk.start;
}

function textOf(chunk: Chunk): string {
  return chunk.start === 0 ? chunk.letters.join('') : chunk.letters.slice(chunk.start).join('');
}

/** Python's `textwrap.wrap` without expanding or replacing white space. */
export function wrapText(text: string, options: WrapOptions): string[] {
  const width = Math.max(1, options.width);
  // A stack, the next chunk on top.
  const chunks: Chunk[] = text
    .split(options.breakOnHyphens ? HYPHENATED : SIMPLE)
    .filter((chunk) => chunk !== '')
    .map((chunk) => ({ letters: characters(chunk), start: 0 }))
    .reverse();
  const isBlank = (chunk: Chunk | undefined) =>
    chunk !== undefined && isSpace(chunk.letters[chunk.start]?.charCodeAt(0) ?? 0);
  const lines: string[] = [];
  while (chunks.length > 0) {
    const line: string[] = [];
    let length = 0;
    if (lines.length > 0 && isBlank(chunks.at(-1))) chunks.pop();
    for (let next = chunks.at(-1); next !== undefined && length + size(next) <= width; next = chunks.at(-1)) {
      line.push(textOf(next));
      length += size(next);
      chunks.pop();
    }
    if (size(chunks.at(-1)) > width) longWord(chunks, line, width - length, options);
    if (line.length > 0 && strip(line.at(-1) ?? '') === '') line.pop();
    if (line.length > 0) lines.push(line.join(''));
  }
  return lines;
}

/** A word longer than a line: its begin fills the line, or it stands alone. */
function longWord(chunks: Chunk[], line: string[], room: number, options: WrapOptions): void {
  const word = chunks.at(-1);
  if (word === undefined) return;
  if (!options.breakLongWords) {
    if (line.length > 0) return;
    chunks.pop();
    line.push(textOf(word));
    return;
  }
  chunks.pop();
  let part = word.letters.slice(word.start, word.start + room);
  const hyphen = options.breakOnHyphens ? part.lastIndexOf('-') : -1;
  if (hyphen > 0 && part.slice(0, hyphen).some((letter) => letter !== '-')) part = part.slice(0, hyphen + 1);
  // Nothing fits: as Python, an empty part that takes the place of the blank before it.
  line.push(part.join(''));
  chunks.push({ letters: word.letters, start: word.start + part.length });
}
