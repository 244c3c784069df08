import { PythonError } from '../../python/index.ts';

const ESCAPE = /\\(?:U([^\n]{8})|u([^\n]{4})|x([^\n]{2})|([0-7]{1,3})|N\{([^}]+)\}|([\\'"abfnrtv]))/gu;

const LETTERS: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * The text of a literal in `'` or `"`. Escapes that are not known stay as they are written. Throws PythonError
 * `UnicodeDecodeError` for `\x`, `\u` and `\U` without hexadecimal digits, and for `\N{...}`: the names of characters are not here.
 */
export function unescapeYaql(body: string): string {
  if (!body.includes('\\')) return body;
  return body.replace(
    ESCAPE,
    (_whole, long?: string, short?: string, byte?: string, octal?: string, name?: string, letter?: string) => {
      if (letter !== undefined) return LETTERS[letter] ?? letter;
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (name !== undefined) throw decodeError(`unknown Unicode character name (${name})`);
      const digits = long ?? short ?? byte ?? '';
      if (!/^[\da-f]+$/i.test(digits)) throw decodeError('truncated escape');
      const code = Number.parseInt(digits, 16);
      if (code > 0x10ffff) throw decodeError('illegal Unicode character');
      return String.fromCodePoint(code);
    },
  );
}

function decodeError(reason: string): PythonError {
  return new PythonError('UnicodeDecodeError', `'unicodeescape' codec can't decode an escape: ${reason}`);
}
