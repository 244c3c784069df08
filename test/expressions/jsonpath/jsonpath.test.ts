import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileJsonPath } from '../../../src/expressions/index.ts';
import { PetrelError } from '../../../src/model/index.ts';

const DATA = {
  name: 'web1',
  list: ['a', 'b', 'c'],
  objs: [
    { id: 1, v: 'x' },
    { id: 2, v: 'y' },
  ],
  deep: { a: { b: { c: 'd' } } },
  'dotted.key': 'dk',
  'with-dash': 'wd',
  'with space': 'ws',
  'back\\slash': 'bs',
  headers: { 'X-Github-Event': 'push' },
  nothing: null,
  zero: 0,
};

describe('a path', () => {
  it.each<[string, unknown[]]>([
    ['name', ['web1']],
    ['$.name', ['web1']],
    ['$', [DATA]],
    ['`this`.name', ['web1']],
    ['deep.a.b.c', ['d']],
    ["deep.a['b'].c", ['d']],
    ['deep.a["b"].c', ['d']],
    ["'dotted.key'", ['dk']],
    ['"dotted.key"', ['dk']],
    ['with-dash', ['wd']],
    ["['with space']", ['ws']],
    ["'back\\slash'", ['bs']],
    ['headers.X-Github-Event', ['push']],
    ['headers.x-github-event', []],
    ['nothing', [null]],
    ['nothing.x', []],
    ['name.length', []],
    ['constructor', []],
    ['__proto__', []],
    ['list[0]', ['a']],
    ['list.[1]', ['b']],
    ['list[-1]', ['c']],
    ['list[7]', []],
    ['list[0:2]', ['a', 'b']],
    ['list[1:]', ['b', 'c']],
    ['list[:-1]', ['a', 'b']],
    ['list[*]', ['a', 'b', 'c']],
    ['list[:]', ['a', 'b', 'c']],
    ['name[*]', ['web1']],
    ['name[0]', ['w']],
    ['nothing[0]', []],
    ['zero[0]', []],
    ['objs.v', []],
    ['objs[*].v', ['x', 'y']],
    ['objs[*].id,v', [1, 'x', 2, 'y']],
    ['objs[0][v,id]', ['x', 1]],
    ['objs[0].*', [1, 'x']],
    ['deep..c', ['d']],
    ['$..id', [1, 2]],
    ['deep.*', [{ b: { c: 'd' } }]],
    ['deep..*', [{ b: { c: 'd' } }, { c: 'd' }, 'd']],
    ['objs[*].v.`parent`.id', [1, 2]],
    ['objs[*] where v', DATA.objs],
    ['objs[*] where w', []],
    ['(name | list)', ['web1', ['a', 'b', 'c']]],
    ['deep.a|x.b', [{ c: 'd' }]],
    ['(deep).a', [{ b: { c: 'd' } }]],
    [' deep . a ', [{ b: { c: 'd' } }]],
    ['nowhere', []],
  ])('%s', (path, matches) => {
    const compiled = compileJsonPath(path);
    expect(compiled.find(DATA)).toEqual(matches);
    expect(compiled.first(DATA)).toEqual(matches[0]);
  });
});

describe('a path that does not parse is refused with its position', () => {
  it.each<[string, number]>([
    ['', 0],
    ['with space', 5],
    ['body.0', 5],
    ['name[', 5],
    ['name[]', 5],
    ['objs[?(@.id==1)].v', 5],
    ['a..', 3],
    ['a.b.', 4],
    ["a.'b", 2],
    ['a & b', 2],
    ['a.`sorted`', 2],
    ['(a', 2],
    ['a)', 1],
    ['list[0:2:1]', 8],
    ['a#b', 1],
    ['ä', 0],
  ])('%j', (path, position) => {
    expect(() => compileJsonPath(path)).toThrow(
      expect.objectContaining({ code: 'expression', details: { path, position } }),
    );
  });
});

describe('a path that cannot be followed', () => {
  it.each([
    ['objs[0][0]', 'an object'],
    ['objs[0].id[0]', 'a number'],
    ['list[-4]', 'no element'],
    ['nothing[*]', 'null'],
    ['$.`parent`', 'no parent'],
  ])('%s is an error', (path, reason) => {
    expect(() => compileJsonPath(path).find(DATA)).toThrow(reason);
    expect(() => compileJsonPath(path).first(DATA)).toThrow(PetrelError);
  });

  it('is given up when it multiplies without measure', () => {
    let nested: unknown = 'x';
    for (let n = 0; n < 200; n += 1) nested = [nested];
    expect(() => compileJsonPath('$..[*]..[*]..[*]..[*]').find(nested)).toThrow('more than');
  });
});

describe('any text', () => {
  it('is a path or an error of expressions', () => {
    const part = fc.constantFrom(...'ab.[]()*$,:|&\'"`0-1 @where'.split(''), '..', 'where', "['x']", '[0]', '[-1:]');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.jsonValue(), (parts, data) => {
        try {
          compileJsonPath(parts.join('')).find(data);
        } catch (error) {
          expect(error).toMatchObject({ code: 'expression' });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('in quotes reads the member of that name', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        fc.pre(!name.includes("'") && name !== '*');
        const data = Object.fromEntries([[name, value]]);
        expect(compileJsonPath(`'${name}'`).find(data)).toEqual([value]);
      }),
    );
  });
});
