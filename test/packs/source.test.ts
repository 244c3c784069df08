import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSource } from '../../src/packs/index.ts';
import { brief } from './support.ts';

const read = (text: string, file = '/packs/p/x.yaml') => parseSource(text, { file, pack: 'p' });

describe('YAML as PyYAML reads it', () => {
  it.each([
    ['yes', true],
    ['On', true],
    ['NO', false],
    ['off', false],
    ['y', 'y'],
    ['n', 'n'],
    ['tRue', 'tRue'],
    ['"yes"', 'yes'],
    ['~', null],
    ['', null],
    ['Null', null],
    ['0777', 511],
    ['0o17', '0o17'],
    ['0x1F', 31],
    ['0b101', 5],
    ['08', '08'],
    ['1_000', 1000],
    ['-12', -12],
    ['1:30', 90],
    ['1:30:30', 5430],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['1e3', '1e3'],
    ['1.0e+3', 1000],
    ['1:30.5', 90.5],
    ['.inf', '.inf'],
    ['2020-01-01', '2020-01-01'],
    ['!!str 5', '5'],
    ['!!int "5"', 5],
    ['!!bool "on"', true],
    ['!!float 3', 3],
    ['{a: 1}', { a: 1 }],
  ])('reads %s as %j', (text, value) => {
    expect(read(`key: ${text}`)).toMatchObject({ value: { key: value }, problems: [] });
  });

  it('names keys as they are written', () => {
    expect(read('1: a\nyes: b\n"c": d').value).toEqual({ '1': 'a', yes: 'b', c: 'd' });
  });

  it('takes a key called __proto__ for data', () => {
    const { value } = read('__proto__: {x: 1}');
    expect(Object.keys(value ?? {})).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('merges with <<, own keys first, then earlier mappings', () => {
    const text = 'a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3\n';
    expect(read(text).value).toMatchObject({ c: { x: 3, y: 1, z: 2 } });
  });
});

it('lets the last of two equal keys count, as PyYAML, and warns', () => {
  const source = read('a: 1\nb: 2\na: 3');
  expect(source.value).toEqual({ a: 3, b: 2 });
  expect(source.problems.map(brief)).toEqual([
    '3:1 warning: The key "a" is given twice in the same mapping; this one counts, and not the one at line 1, column 1.',
  ]);
});

describe('what is refused', () => {
  it.each([
    ['a: *b', '1:4 error: The alias "*b" has no anchor "&b" before it.'],
    ['a: &a [*a]', '1:8 error: The alias "*a" stands inside its own anchor, so the value would contain itself.'],
    ['a:\n  <<: 5', '2:7 error: The merge key "<<" needs a mapping, or a list of mappings.'],
    [
      'a: !ruby x',
      '1:10 error: The tag "!ruby" is not known here or does not fit this value; leave it out or quote the text.',
    ],
    [
      'a: !!int x',
      '1:10 error: The tag "tag:yaml.org,2002:int" is not known here or does not fit this value; leave it out or quote the text.',
    ],
    [
      'a: !!set {x}',
      '1:10 error: The tag "tag:yaml.org,2002:set" is not known here; only plain mappings, lists and scalars are read.',
    ],
    ['? [a]\n: 1', '1:3 error: A mapping or a list cannot be a key.'],
    ['a: b: c', '1:4 error: Nested mappings are not allowed in compact mappings.'],
    ['a: @b', '1:4 error: Plain value cannot start with reserved character @.'],
  ])('%j', (text, problem) => {
    const source = read(text);
    expect(source.problems.map(brief)).toEqual([problem]);
    expect(source.value).toBeUndefined();
  });

  it('a second document in the file', () => {
    expect(read('a: 1\n---\nb: 2\n').problems.map(({ line }) => line)).toEqual([2]);
  });

  it('aliases of aliases that expand without end', () => {
    const levels = 'abcdefgh'.split('').map((name, index, all) => {
      const item = index === 0 ? 'x' : `*${all[index - 1]}`;
      return `${name}: &${name} [${Array(10).fill(item).join(', ')}]`;
    });
    const [problem, ...rest] = read(levels.join('\n')).problems;
    expect(problem?.message).toBe('The file expands to more than 200000 values; its aliases repeat each other.');
    expect(rest).toEqual([]);
  });

  it('nesting deeper than can be read', () => {
    expect(read('['.repeat(100_000)).problems.map(({ message }) => message)).toEqual([
      'This is nested too deeply to be read.',
    ]);
  });
});

describe('JSON files', () => {
  it('are read as JSON, tabs and all', () => {
    expect(read('{\n\t"a": 1e3,\n\t"b": [true, null, "yes"]\n}', '/packs/p/x.json').value).toEqual({
      a: 1000,
      b: [true, null, 'yes'],
    });
  });

  it('may not hold what is YAML only', () => {
    expect(read('{"a": yes}', '/packs/p/x.json').problems.map(brief)).toEqual([
      '1:7 error: "yes" is not JSON: texts need double quotes.',
    ]);
  });
});

describe('places', () => {
  const source = read('base: &b\n  x: 1\nlist:\n  - a: 1\n    b: 2\nmerged:\n  <<: *b\nempty:\n');

  it.each([
    [['list', 0, 'b'], 'value', 5, 8],
    [['list', 0, 'b'], 'key', 5, 5],
    [['list', 0], 'value', 4, 5],
    [['merged', 'x'], 'key', 2, 3],
    [['empty'], 'value', 8, 1],
    [['list', 0, 'missing', 'deeper'], 'value', 4, 5],
    [['list', 7], 'value', 4, 3],
    [[], 'value', 1, 1],
  ] as const)('of %j (%s)', (path, part, line, column) => {
    expect(source.place(path, part)).toEqual({ line, column });
  });
});

describe('any text at all', () => {
  it('is read or refused, never thrown at', () => {
    const yamlish = fc.array(
      fc.constantFrom(
        'a',
        ':',
        ' ',
        '\n',
        '- ',
        '  ',
        '&a',
        '*a',
        '<<',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '!!int',
        '|',
        '>',
        '#',
        '?',
        '\t',
        '%',
        '---',
        '1',
        '~',
      ),
      { maxLength: 40 },
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      yamlish.map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, fc.boolean(), (text, json) => {
        const source = read(text, json ? '/x.json' : '/x.yaml');
        expect(source.value === undefined).toBe(source.problems.length > 0);
        for (const { line, column } of source.problems) expect(Math.min(line, column)).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});
