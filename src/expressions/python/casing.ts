/**
 * Changes of case that JavaScript lacks or makes otherwise: Python's `capitalize`, `title`, `swapcase` and `casefold`. Upper and
 * lower case themselves are Unicode's in both.
 */

/** Letters that stand for two, of which only the first is upper in a title. */
const DIGRAPHS: ReadonlyMap<string, string> = new Map(
  [...'ǄǅǆǇǈǉǊǋǌǱǲǳ'].map((letter, index, all) => [letter, all[index - (index % 3) + 1] ?? letter] as const),
);
/** Letters that are their own title case though they have an upper case. */
const NO_TITLE = /[\u10d0-\u10fa\u10fd-\u10ff]/u;
/** Greek letters with an iota below: upper case writes the iota out, title case does not. */
const IOTA_BELOW = /[\u1f80-\u1faf\u1fb3\u1fbc\u1fc3\u1fcc\u1ff3\u1ffc]/u;

/** The title case of one character: where it becomes several, only the first letter is upper (`ß` is `Ss`). */
function titleCase(character: string): string {
  const digraph = DIGRAPHS.get(character);
  if (digraph !== undefined) return digraph;
  if (NO_TITLE.test(character)) return character;
  const code = character.charCodeAt(0);
  if (IOTA_BELOW.test(character)) {
    if (code < 0x1fb0) return String.fromCharCode(code | 8);
    return String.fromCharCode(code % 16 === 3 ? code + 9 : code);
  }
  const [first = '', ...rest] = character.toUpperCase();
  // The apostrophe of `ŉ` is no letter.
  if (first === '\u02bc') return first + rest.join('');
  const after = rest.join('').toLowerCase();
  return first + (IOTA_WITHIN.test(character) ? after.replace('\u03b9', '\u0345') : after);
}

/** Those of them that have no title letter of their own: the iota stays a mark. */
const IOTA_WITHIN = /[\u1fb2\u1fb4\u1fb7\u1fc2\u1fc4\u1fc7\u1ff2\u1ff4\u1ff7]/u;

/** The lower case of a character where it stands: a capital sigma at the end of a word becomes `ς`. */
function lowerAt(character: string, before: string, after: string): string {
  if (character !== 'Σ') return character.toLowerCase();
  const final = /\p{Cased}\p{Case_Ignorable}*$/u.test(before) && !/^\p{Case_Ignorable}*\p{Cased}/u.test(after);
  return final ? 'ς' : 'σ';
}

/** Python's `text.capitalize()`. */
export function capitalize(text: string): string {
  const [first = ''] = text;
  const rest = text.slice(first.length);
  if (!rest.includes('Σ')) return titleCase(first) + rest.toLowerCase();
  return titleCase(first) + text.toLowerCase().slice(first.toLowerCase().length);
}

/** Python's `text.title()`. Words are runs of letters: an apostrophe begins a new word. */
export function title(text: string): string {
  let inWord = false;
  return mapped(text, (character, before, after) => {
    const starts = !inWord;
    inWord = /\p{Cased}/u.test(character);
    return starts ? titleCase(character) : lowerAt(character, before, after);
  });
}

/** Python's `text.swapcase()`. */
export function swapCase(text: string): string {
  return mapped(text, (character, before, after) => {
    if (/\p{Uppercase}/u.test(character)) return lowerAt(character, before, after);
    return /\p{Lowercase}/u.test(character) ? character.toUpperCase() : character;
  });
}

function mapped(text: string, change: (character: string, before: string, after: string) => string): string {
  // Only a sigma looks around itself.
  const looks = text.includes('Σ');
  let out = '';
  let index = 0;
  for (const character of text) {
    const end = index + character.length;
    out += looks ? change(character, text.slice(0, index), text.slice(end)) : change(character, '', '');
    index = end;
  }
  return out;
}

const CHEROKEE = /[\u13a0-\u13fd\uab70-\uabbf]/u;

/** Python's `text.casefold()`: full case folding, for comparing without regard to case. */
export function caseFold(text: string): string {
  let out = '';
  for (const character of text) {
    if (CHEROKEE.test(character)) {
      // The one script that folds to its capitals.
      out += character.toUpperCase();
    } else if (character === 'ı') out += character;
    else for (const letter of character.toLowerCase().toUpperCase()) out += letter.toLowerCase();
  }
  return out;
}
