import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileWildcard } from '../../src/rules/wildcard.ts';

const url = new URL('../vectors/rules/wildcards.json', import.meta.url);
// The file is made by us, in this shape.
const vectors = JSON.parse(readFileSync(url, 'utf8')) as {
  readonly cases: readonly { readonly pattern: string; readonly text: string; readonly matches: boolean }[];
};

describe('a shell pattern', () => {
  it.each(vectors.cases)('$pattern on $text: $matches, as fnmatch', ({ pattern, text, matches }) => {
    expect(compileWildcard(pattern)(text)).toBe(matches);
  });

  it('of many stars ends soon', () => {
    expect(compileWildcard('*a'.repeat(200))(`${'a'.repeat(5000)}b`)).toBe(false);
  });
});
