import { PetrelError } from '../../model/index.ts';
import { quoted } from './errors.ts';
import { CHARACTER_ESCAPES, isDigit, isOctal, octal } from './escapes.ts';
import { isIdentifier, pythonInt } from './parse.ts';
import { length, Tokenizer } from './tokenizer.ts';

/** A replacement template: literal texts, and numbers of groups. */
export type Replacement = readonly (string | number)[];

/**
 * Parses a template of Python's `re.sub`: `\1`, `\g<1>`, `\g<name>`, `\g<0>`, octal and letter escapes; `$1` is plain text.
 * Throws `PetrelError` (`expression`) as Python does, e.g. for an unknown group.
 */
export function parseReplacement(
  template: string,
  groupCount: number,
  groupNames: ReadonlyMap<string, number>,
): Replacement {
  if (!template.includes('\\')) return template === '' ? [] : [template];
  const source = new Tokenizer(template);
  const parts: (string | number)[] = [];
  let literal = '';
  const addGroup = (group: number, offset: number): void => {
    if (group > groupCount) throw source.error(`invalid group reference ${group}`, offset);
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(group);
  };
  for (let token = source.get(); token !== undefined; token = source.get()) {
    if (!token.startsWith('\\')) {
      literal += token;
      continue;
    }
    const char = token.slice(1);
    if (char === 'g') {
      if (!source.match('<')) throw source.error('missing <');
      const name = source.getUntil('>', 'group name');
      addGroup(groupNumber(source, name, groupNames), length(name) + 1);
    } else if (char === '0') {
      literal += String.fromCharCode(Number.parseInt(char + source.getWhile(2, isOctal), 8) & 0xff);
    } else if (isDigit(char)) {
      let digits = char;
      if (source.next !== undefined && isDigit(source.next)) digits += source.get() ?? '';
      if (/^[0-7][0-7]$/.test(digits) && source.next !== undefined && isOctal(source.next)) {
        digits += source.get() ?? '';
        literal += String.fromCharCode(octal(source, `\\${digits}`));
      } else {
        addGroup(Number.parseInt(digits, 10), digits.length);
      }
    } else {
      const code = CHARACTER_ESCAPES.get(token);
      if (code === undefined && /^[a-zA-Z]$/.test(char)) throw source.error(`bad escape ${token}`, token.length);
      literal += code === undefined ? token : String.fromCharCode(code);
    }
  }
  if (literal !== '') parts.push(literal);
  return parts;
}

function groupNumber(source: Tokenizer, name: string, groupNames: ReadonlyMap<string, number>): number {
  if (isIdentifier(name)) {
    const group = groupNames.get(name);
    if (group !== undefined) return group;
    throw new PetrelError('expression', `The replacement names the unknown group ${quoted(name)}.`);
  }
  const group = pythonInt(name);
  if (group === undefined || group < 0) {
    throw source.error(`bad character in group name ${quoted(name)}`, length(name) + 1);
  }
  return group;
}
