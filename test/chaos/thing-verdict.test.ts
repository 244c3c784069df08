import { describe, expect, it } from 'vitest';
import { type Kept, type PostedThing, thingProblems } from './thing-verdict.ts';

const thing = (name: string, more: Partial<PostedThing> = {}): PostedThing => ({
  name,
  deleting: false,
  ready: true,
  ...more,
});
const kept = (owner: string, value = '1', key = `things/${owner}`): Kept => ({ key, value, owner });
const wishes = (...names: string[]) => new Map(names.map((name) => [name, '1']));

describe('the verdict on things', () => {
  it('is content with what is wished, and with nothing', () => {
    expect(thingProblems([thing('a')], [kept('a')], wishes('a'))).toEqual([]);
    expect(thingProblems([], [], wishes())).toEqual([]);
  });

  it('is content with what waits for something that nobody wishes', () => {
    expect(thingProblems([thing('a', { needs: 'base', ready: false })], [], wishes('a'))).toEqual([]);
  });

  it('is content with a deletion that waits for a wished dependent, and with the old value of the dependent', () => {
    const objects = [thing('base', { deleting: true, ready: false }), thing('a', { needs: 'base', ready: false })];
    expect(thingProblems(objects, [kept('base'), kept('a', '0')], wishes('a'))).toEqual([]);
  });

  it('is content with a deletion that waits, when somebody else has removed what it stood for', () => {
    const objects = [thing('base', { deleting: true, ready: false }), thing('a', { needs: 'base' })];
    expect(thingProblems(objects, [kept('a')], wishes('a'), new Set(['base']))).toEqual([]);
    expect(thingProblems(objects, [kept('base'), kept('a')], wishes('a'), new Set(['a']))).toEqual([]);
    const waiting = [thing('base', { deleting: true, ready: false }), thing('a', { needs: 'base', ready: false })];
    expect(thingProblems(waiting, [kept('base')], wishes('a'), new Set(['a']))).toEqual([]);
  });

  it.each<[string, PostedThing[], Kept[], Map<string, string>, string]>([
    ['an object that is missing', [], [], wishes('a'), 'a is wished, and there is no such object'],
    ['an object that is not ready', [thing('a', { ready: false })], [], wishes('a'), 'a is not ready'],
    ['a thing that is missing', [thing('a')], [], wishes('a'), 'a does not exist'],
    ['an old value', [thing('a')], [kept('a', '0')], wishes('a'), 'things/a says 0; 1 is wished'],
    ['an object nobody wishes', [thing('a')], [], wishes(), 'nobody wishes the object a'],
    [
      'a finalizer that hangs',
      [thing('a', { deleting: true, ready: false })],
      [kept('a')],
      wishes(),
      'a is being deleted and does not go',
    ],
    [
      'a deletion that waits for what does not exist outside',
      [thing('base', { deleting: true, ready: false }), thing('a', { needs: 'base', ready: false })],
      [kept('base')],
      wishes('a'),
      'base is being deleted and does not go',
    ],
    [
      'a base taken away too early',
      [thing('base', { deleting: true, ready: false }), thing('a', { needs: 'base' })],
      [kept('a')],
      wishes('a'),
      'base was taken away from under what needs it',
    ],
    ['a leftover', [], [kept('a')], wishes(), 'things/a is left over'],
    [
      'a double',
      [thing('a')],
      [kept('a', '1', 'things/other'), kept('a')],
      wishes('a'),
      'a exists twice: things/other, things/a',
    ],
  ])('names %s', (_, objects, outside, wished, problem) => {
    expect(thingProblems(objects, outside, wished)).toEqual([problem]);
  });
});
