import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type Dict,
  dumpYaml,
  literalEval,
  loadYaml,
  PythonError,
  parseJsonKeepingFloats,
  repr,
} from '../../../src/expressions/python/index.ts';

/** The file's object; each case is one as well. */
function vectors(name: string): Dict {
  const url = new URL(`../../vectors/python/${name}.json`, import.meta.url);
  return parseJsonKeepingFloats(readFileSync(url, 'utf8')) as Dict;
}

/** What Python prints of the value, or nothing where it raises. */
function printed(compute: () => unknown): string | null {
  try {
    return repr(compute());
  } catch (error) {
    if (error instanceof PythonError) return null;
    throw error;
  }
}

describe('literals, as ast.literal_eval reads them', () => {
  const cases = vectors('literals').get('cases') as Dict[];
  it.each(cases.map((given) => [String(given.get('text')), given.get('repr')] as const))('%j is %s', (text, wanted) => {
    expect(printed(() => literalEval(text))).toBe(wanted);
  });
});

describe('YAML, as PyYAML', () => {
  const file = vectors('yaml');
  const loads = file.get('loads') as Dict[];
  it.each(loads.map((given) => [String(given.get('text')), given.get('repr') ?? null] as const))(
    'reads %j as %s',
    (text, wanted) => {
      expect(printed(() => loadYaml(text))).toBe(wanted);
    },
  );

  const dumps = file.get('dumps') as Dict[];
  it.each(dumps.map((given) => [repr(given.get('value')), given] as const))('writes %s', (_shown, given) => {
    const options = given.get('options') as Dict;
    const indent = options.get('indent');
    const text = dumpYaml(given.get('value'), {
      ...(typeof indent === 'number' && { indent }),
      unicode: options.get('allow_unicode') !== false,
    });
    expect(text).toBe(given.get('text'));
  });

  it('reads back what it wrote', () => {
    const value = loadYaml('a: &x [1, 1.5, yes, ~, "1", 2024-01-02]\nb: *x\nc: {d: "x: y"}\n');
    expect(repr(loadYaml(dumpYaml(value)))).toBe(repr(value));
    expect(dumpYaml(value)).toContain('&id001');
  });
});
