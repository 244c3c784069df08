import { PythonError, unescapePython } from '../../python/index.ts';

const ESCAPE = /\\(?:U([^\n]{8})|u([^\n]{4})|x([^\n]{2})|([0-7]{1,3})|N\{([^}]+)\}|([\\'"abfnrtv]))/gu;

/**
 * The text of a literal in `'` or `"`. Escapes that are not known stay as they are written. Throws PythonError
 * `UnicodeDecodeError` for `\x`, `\u` and `\U` without hexadecimal digits, and for `\N{...}`: the names of characters are not here.
 */
export function unescapeYaql(body: string): string {
  if (!body.includes('\\')) return body;
  return body.replace(
    ESCAPE,
    (whole, long?: string, short?: string, byte?: string, octal?: string, name?: string, letter?: string) => {
      if (letter !== undefined || octal !== undefined) return unescapePython(whole);
      if (name !== undefined) throw decodeError(name.length + 3, 'unknown Unicode character name');
      const digits = long ?? short ?? byte ?? '';
      const good = /^[\da-f]*/i.exec(digits)?.[0].length ?? 0;
      if (good < digits.length) {
        const form = long !== undefined ? 'UXXXXXXXX' : short !== undefined ? 'uXXXX' : 'xXX';
        throw decodeError(1 + good, `truncated \\${form} escape`);
      }
      const code = Number.parseInt(digits, 16);
      if (code > 0x10ffff) throw decodeError(9, 'illegal Unicode character');
      return String.fromCodePoint(code);
    },
  );
}

function decodeError(end: number, reason: string): PythonError {
  return new PythonError(
    'UnicodeDecodeError',
    `'unicodeescape' codec can't decode bytes in position 0-${end}: ${reason}`,
  );
}
