import { describe, expect, it } from 'vitest';
import { flow, inspect, refusal, shown } from './inspecting.ts';

describe('a definition that is no mapping, or has a shape that Orquesta breaks on', () => {
  const cases: readonly (readonly [why: string, text: string, message: string | RegExp])[] = [
    ['a key given twice', 'tasks:\n  a: {action: x}\n  a: {action: y}', /line 3, column 3: The key "a" is given twice/],
    ['no YAML', 'tasks: [', /line 1, column/],
    ['nothing', '', /line 1, column 1/],
    ['an empty mapping', '{}', /The definition is empty/],
    ['a task that is no text', 'tasks:\n  1: {action: x}', /line 2, column 3: The name 1 is no text/],
    [
      'a variable that is no text',
      'vars:\n  - on: 1\ntasks: {a: {action: x}}',
      /line 2, column 5: The name on is no text/,
    ],
    ['an empty task', flow('a: {}'), '"tasks.a" must be a mapping that is not empty.'],
    ['a task without anything', flow('a:'), '"tasks.a" must be a mapping that is not empty.'],
    ['a list of tasks', 'tasks: [a]', '"tasks" must be a mapping of tasks.'],
    ['a dash in a name', flow('a-b: {action: x}'), /"tasks.a-b" is no name for a task/],
    ['next as a mapping', flow('a: {next: {do: b}}'), '"tasks.a.next" must be a list of transitions.'],
    ['an empty transition', flow('a: {next: [{}]}'), '"tasks.a.next[0]" must be a mapping that is not empty.'],
    ['do as a number', flow('a: {next: [{do: 5}]}'), '"tasks.a.next[0].do" must be text or a list of texts.'],
    ['with as a list', flow('a: {with: [1], action: x}'), '"tasks.a.with" must be a mapping.'],
    ['retry as text', flow('a: {retry: "3", action: x}'), '"tasks.a.retry" must be a mapping.'],
    [
      'parameters alone',
      flow('a: {action: k=1}'),
      '"tasks.a.action" must have an action and a space before its parameters.',
    ],
  ];
  it.each(cases)('is refused: %s', (_, text, message) => {
    const error = refusal(() => inspect(text));
    expect(error.code).toBe('invalid');
    expect(error.message).toMatch(message);
  });

  it('takes names that are quoted', () => {
    expect(inspect(flow('"1": {action: x}', 'vars: [{"on": 1}]'))).toEqual({});
  });
});

describe('syntax', () => {
  const cases: readonly (readonly [why: string, text: string, findings: readonly string[]])[] = [
    ['no tasks', 'version: 1.0', ["(all): 'tasks' is a required property"]],
    ['tasks that are empty', 'tasks: {}', ['tasks: {} should be non-empty']],
    ['another version', flow('a: {action: x}').replace('1.0', '2.0'), ["version: 2.0 is not one of ['1.0', 1.0]"]],
    ['version 1', flow('a: {action: x}').replace('1.0', '1'), []],
    ['version as text', flow('a: {action: x}').replace('1.0', '"1.0"'), []],
    [
      'true as version',
      flow('a: {action: x}').replace('1.0', 'yes'),
      ['version: True is not valid under any of the given schemas', "version: True is not one of ['1.0', 1.0]"],
    ],
    [
      'a whole float as a count',
      flow('a: {join: 2.0}'),
      ['tasks.a.join: 2.0 is not valid under any of the given schemas'],
    ],
    [
      'a boolean as a count',
      flow('a: {delay: on}'),
      ['tasks.a.delay: True is not valid under any of the given schemas'],
    ],
    ['retry without count', flow('a: {retry: {delay: 1}}'), ["tasks.a.retry: 'count' is a required property"]],
    [
      'an entry of two keys',
      flow('a: {action: x}', 'vars: [{a: 1, b: 2}]'),
      ["vars[0]: {'a': 1, 'b': 2} has too many properties"],
    ],
    ['true and 1 are different', flow('a: {action: x}', 'vars: [{a: 1}, {a: true}, {a: 1.5}]'), []],
    [
      '1 and 1.0 are equal',
      flow('a: {action: x}', 'vars: [{a: 1}, {a: 1.0}]'),
      ["vars: [{'a': 1}, {'a': 1.0}] has non-unique elements"],
    ],
    [
      'several keys too many, in order',
      flow('a: {zz: 1, b: 2, action: x}'),
      ["tasks.a: Additional properties are not allowed ('b', 'zz' were unexpected)"],
    ],
  ];
  it.each(cases)('%s', (_, text, findings) => {
    expect(shown(text, 'syntax')).toEqual(findings);
  });

  const items: readonly (readonly [text: string, fits: boolean])[] = [
    ['<% ctx(xs) %>', true],
    ['  <% ctx(xs) %>  ', true],
    ['x in <% ctx(xs) %>', true],
    ['x  in  {{ ctx("xs") }}', true],
    ['x,y in <% ctx(xs) %>', true],
    ['x,  y,z in <% ctx(xs) %>', true],
    ['<% a %> and <% b %>', true],
    ['foobar', false],
    ['x y in <% ctx(xs) %>', false],
    ['x; y in <% ctx(xs) %>', false],
    ['x , y in <% ctx(xs) %>', false],
    ['x in ys', false],
    ['<% ctx(xs) %> tail', false],
  ];
  it.each(items)('with %j: %s', (text, fits) => {
    const found = shown(flow(`a: {action: x, with: ${JSON.stringify(text)}}`), 'syntax');
    if (fits) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining(`tasks.a.with.items: '${text}' does not match '^(\\s+)?(`)]);
  });
});
