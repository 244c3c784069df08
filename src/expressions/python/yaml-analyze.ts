/** What a text allows, as libyaml finds out before it chooses how to write it. */
export interface Analysis {
  readonly multiline: boolean;
  readonly plain: boolean;
  readonly single: boolean;
}

const LINE_BREAK = /[\r\n\x85\u2028\u2029]/;
const BLANK = /[\0 \t\r\n\x85\u2028\u2029]/;
const FIRST = new Set('#,[]{}&*!|>\'"%@`');

/** libyaml knows no characters beyond the basic plane as printable. */
export function isPrintable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return (
    code === 0x0a ||
    (code >= 0x20 && code <= 0x7e) ||
    (code >= 0xa0 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff)
  );
}

export function isBreak(character: string): boolean {
  return LINE_BREAK.test(character);
}

/** Analyses a text for block context. `unicode`: characters beyond ASCII may be written as they are. */
export function analyze(characters: readonly string[], unicode: boolean): Analysis {
  const text = characters.join('');
  if (text === '') return { multiline: false, plain: true, single: true };
  const last = characters.length - 1;
  let indicators = text.startsWith('---') || text.startsWith('...');
  let special = false;
  let breaks = false;
  let edge = false;
  let breakSpace = false;
  let spaceBreak = false;
  let previous: 'space' | 'break' | 'other' = 'other';
  characters.forEach((character, index) => {
    const next = characters[index + 1];
    const blankAfter = next === undefined || BLANK.test(next);
    const blankBefore = index === 0 || BLANK.test(characters[index - 1] ?? ' ');
    if (index === 0 && FIRST.has(character)) indicators = true;
    if ((character === '-' || character === '?') && index === 0 && blankAfter) indicators = true;
    if (character === ':' && blankAfter) indicators = true;
    if (character === '#' && blankBefore) indicators = true;
    if (!isPrintable(character) || (!unicode && character.charCodeAt(0) > 127)) special = true;
    if (character === ' ') {
      if (index === 0 || index === last) edge = true;
      if (previous === 'break') breakSpace = true;
      previous = 'space';
    } else if (isBreak(character)) {
      breaks = true;
      if (index === 0 || index === last) edge = true;
      if (previous === 'space') spaceBreak = true;
      previous = 'break';
    } else previous = 'other';
  });
  const onlyDouble = spaceBreak || special;
  return {
    multiline: breaks,
    plain: !(edge || breakSpace || onlyDouble || breaks || indicators),
    single: !(breakSpace || onlyDouble),
  };
}
