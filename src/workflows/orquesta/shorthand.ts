import { PythonError, parseJsonKeepingFloats } from '../../expressions/index.ts';

/** A name and what it is to be: JSON, but for a whole float (`1.0`), which stays a `Float`, and mappings, which are `Dict`s. */
export type Parameter = readonly [name: string, value: unknown];

/**
 * The inline parameters of `action: ref k=v` and `publish: k=v` in the order they are written (orquesta.md, section 1). What is
 * no parameter is skipped without a word, as Orquesta does: `k=bare` yields nothing, and what follows a value up to the next
 * parameter is lost.
 */
export function parseShorthand(text: string): Parameter[] {
  const found: Parameter[] = [];
  let end = 0;
  for (let equals = text.indexOf('='); equals >= 0; equals = text.indexOf('=', Math.max(equals + 1, end))) {
    const name = wordBefore(text, equals, end);
    const written = name === '' ? undefined : valueAt(text, equals + 1);
    if (written === undefined) continue;
    found.push([name, readValue(written)]);
    end = equals + 1 + written.length;
  }
  return found;
}

/**
 * An action with inline parameters, cut at the first space as Orquesta does, even if that space stands in an expression. The action
 * is undefined when there is no space. Answers undefined when the text has no parameters: then the whole of it is the action.
 */
export function parseCall(
  text: string,
): { readonly action: string | undefined; readonly parameters: readonly Parameter[] } | undefined {
  const parameters = parseShorthand(text);
  if (parameters.length === 0) return undefined;
  const space = text.indexOf(' ');
  return { action: space < 0 ? undefined : text.slice(0, space), parameters };
}

const WORD_CHARACTER = /[\p{L}\p{N}_]/u;

/** Read backwards, so that a long text without names costs no more than its length. */
function wordBefore(text: string, end: number, from: number): string {
  let start = end;
  while (start > from) {
    const low = start - 2 >= from ? text.codePointAt(start - 2) : undefined;
    const character = low !== undefined && low > 0xffff ? String.fromCodePoint(low) : text.charAt(start - 1);
    if (!WORD_CHARACTER.test(character)) break;
    start -= character.length;
  }
  return text.slice(start, end);
}

/** The first that matches counts, also when a later one would take in more. */
const VALUES: readonly RegExp[] = [
  /\[[^\n]*\]/uy,
  /"[^"]*"/uy,
  /'[^']*'/uy,
  /-?\p{Nd}*\.\p{Nd}+/uy,
  /-?\p{Nd}+/uy,
  /true|false/iuy,
  /null/uy,
  /\{\{[^\n]*?\}\}/uy,
  /<%[^\n]*?%>/uy,
];

function valueAt(text: string, position: number): string | undefined {
  for (const pattern of VALUES) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match !== null) return match[0];
  }
  return undefined;
}

const QUOTED = /"[^"]*"|'[^']*'/;

function readValue(written: string): unknown {
  const text = written.replace(/^"/, '').replace(/"$/, '').replace(/^'/, '').replace(/'$/, '');
  // Quotes anywhere keep a value text, so a list of texts stays text too; only a mapping is read in spite of its quotes.
  if (QUOTED.test(written) && text !== '' && !(text.startsWith('{') && text.endsWith('}'))) return text;
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  try {
    return parseJsonKeepingFloats(text);
  } catch (error) {
    if (error instanceof PythonError) return text;
    throw error;
  }
}
