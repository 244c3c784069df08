import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCE = resolve(import.meta.dirname, '../../src');
const STATEMENT = /^(?:import|export)\s+(?!type\s)(?:[^'"`;]*?\sfrom\s+)?'([^']+)';/gm;

/** What is loaded before a command is known, as paths below src/ and names of packages. */
function loadedBy(file: string, found = new Set<string>()): Set<string> {
  if (found.has(relative(SOURCE, file))) return found;
  found.add(relative(SOURCE, file));
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(STATEMENT)) {
    if (specifier.startsWith('.')) loadedBy(resolve(dirname(file), specifier), found);
    else found.add(specifier);
  }
  return found;
}

describe('the command', () => {
  it('loads what there is to say of its commands, and not what they do: it is to start at once', () => {
    const loaded = [...loadedBy(join(SOURCE, 'cli', 'main.ts'))];
    const few =
      /^(?:cli\/(?:main|program|run-program|options|output|nouns\/[\w-]+)\.ts|version\.ts|model\/[\w-]+\.ts|commander|node:\w+)$/;
    expect(loaded).toContain('cli/nouns/rule.ts');
    expect(loaded.filter((name) => !few.test(name))).toEqual([]);
  });
});
