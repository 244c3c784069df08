import { describe, expect, it } from 'vitest';
import { inspectDefinition } from '../../../src/workflows/orquesta/inspect/index.ts';
import { loadDefinition } from '../../../src/workflows/orquesta/load.ts';
import { evaluator, flow, inspect, shown } from './inspecting.ts';

describe('semantics', () => {
  it('names an undefined target once for each transition, and only where tasks can be reached', () => {
    const tasks = [
      's: {next: [{do: "a, b"}]}',
      'a: {next: [{do: j}]}',
      'b: {next: [{do: j}, {do: ghost}]}',
      'j: {join: all, next: [{do: ghost}]}',
      'x: {next: [{do: y}]}',
      'y: {next: [{do: "x, gone"}]}',
    ];
    expect(shown(flow(tasks.join('\n')), 'semantics')).toEqual([
      'tasks.b.next[1].do: The task "ghost" is not defined.',
      'tasks.j.next[0].do: The task "ghost" is not defined.',
    ]);
  });

  it('takes a task with the name of a command for the command: its transitions lead nowhere', () => {
    expect(shown(flow('a: {next: [{do: fail}]}\nfail: {next: [{do: ghost}]}'), 'semantics')).toEqual([
      'tasks.fail: The task name "fail" is reserved with special function.',
    ]);
  });

  it('wants an action even for an empty with', () => {
    const message = 'tasks.a: The action property is required for with items task.';
    expect(shown(flow('a: {with: {}}'), 'semantics')).toEqual([message]);
  });

  it('lets branches of the same split meet, and branches that share no split', () => {
    const split = ['s: {next: [{do: "a, b"}]}', 'a: {next: [{do: m}]}', 'b: {next: [{do: m}]}'];
    const meet = [
      ...split,
      'm: {next: [{do: "c, d"}]}',
      'c: {next: [{do: j}]}',
      'd: {next: [{do: j}]}',
      'j: {join: all}',
    ];
    expect(inspect(flow(meet.join('\n')))).toEqual({});
    expect(inspect(flow('s: {next: [{do: "a, j"}]}\na: {next: [{do: j}]}\nj: {join: all}'))).toEqual({});
  });

  it('answers in time where the number of paths doubles with every task', () => {
    const layers = Array.from({ length: 60 }, (_, layer) =>
      ['a', 'b'].map(
        (side) => `${side}${layer}: {next: [{publish: ${side}${layer}=1, do: "a${layer + 1}, b${layer + 1}"}]}`,
      ),
    );
    const started = performance.now();
    expect(inspect(flow([...layers.flat(), 'a60: {action: x}', 'b60: {action: x}'].join('\n')))).toEqual({});
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('expressions', () => {
  it('are read in every property, keys of mappings too, and named by the property', () => {
    const text = flow(
      [
        'a:',
        '  action: demo.a x=<% ( %>',
        '  delay: <% ) %>',
        '  retry: {count: <% 1 + %>}',
        '  with: {items: "x in <% [ %>", concurrency: "{{ 1 + }}"}',
        '  next: [{when: "<% ] %>", publish: [{<% + %>: 1}], do: <% * %>}]',
      ].join('\n'),
      'vars: [{a: 1}, {b: <% ( %>}]',
    );
    expect(
      (inspect(text).expressions ?? []).map(({ type, expression, spec_path }) => [spec_path, type, expression]),
    ).toEqual([
      ['tasks.a.delay', 'yaql', '<% ) %>'],
      ['tasks.a.input', 'yaql', '<% ( %>'],
      ['tasks.a.next[0].do', 'yaql', '<% * %>'],
      ['tasks.a.next[0].publish', 'yaql', '<% + %>'],
      ['tasks.a.next[0].when', 'yaql', '<% ] %>'],
      ['tasks.a.retry.count', 'yaql', '<% 1 + %>'],
      ['tasks.a.with.concurrency', 'jinja', '{{ 1 + }}'],
      ['tasks.a.with.items', 'yaql', '<% [ %>'],
      ['vars', 'yaql', '<% ( %>'],
    ]);
  });
});

describe('context', () => {
  const unknown = (name: string) => `Variable "${name}" is referenced before assignment.`;

  it('knows what it is told, what the definition sets before, and nothing else', () => {
    const text = flow(
      'a: {action: x v=<% ctx().st2 + ctx().a + ctx().b + ctx().c %>}',
      'input: [a]\nvars: [{b: <% ctx().a %>}]',
    );
    expect(inspect(text, ['st2']).context).toMatchObject([{ message: unknown('c'), spec_path: 'tasks.a.input' }]);
  });

  it('forbids names of the engine, known or not', () => {
    const place = 'tasks.a.action';
    const message =
      'Variable "__x" that is prefixed with double underscores is considered a private variable and cannot be referenced.';
    expect(shown(flow('a: {action: <% ctx().__x %>}'), 'context')).toEqual([
      `${place}: ${message}`,
      `${place}: ${unknown('__x')}`,
    ]);
    expect(inspect(flow('a: {action: <% ctx().__x %>}'), ['__x']).context).toMatchObject([{ message }]);
  });

  it('sees within a publish what was published before it', () => {
    expect(
      shown(flow('a: {next: [{publish: [{x: 1}, {y: <% ctx().x + ctx().z %>}], when: <% ctx().x %>}]}'), 'context'),
    ).toEqual([`tasks.a.next[0].publish[1]: ${unknown('z')}`, `tasks.a.next[0].when: ${unknown('x')}`]);
  });

  it('notes a finding of a transition once for each target', () => {
    const message = `tasks.a.next[0].when: ${unknown('x')}`;
    expect(
      shown(flow('a: {next: [{when: <% ctx().x %>, do: [b, c]}]}\nb: {action: x}\nc: {action: x}'), 'context'),
    ).toEqual([message, message]);
  });

  it('visits a task once for each set of variables', () => {
    const to = (publish: string) => `{next: [{publish: ${publish}, do: j}]}`;
    const tasks = (join: string, first: string, second: string) =>
      flow(
        `s: {next: [{do: "a, b"}]}\na: ${to(first)}\nb: ${to(second)}\nj: {${join}action: x v=<% ctx().x + ctx().y %>}`,
      );
    expect(shown(tasks('', 'x=1', 'y=1'), 'context')).toEqual([
      `tasks.j.input: ${unknown('y')}`,
      `tasks.j.input: ${unknown('x')}`,
    ]);
    expect(shown(tasks('', 'x=1', 'x=1'), 'context')).toEqual([`tasks.j.input: ${unknown('y')}`]);
    expect(shown(tasks('join: all, ', 'x=1', 'y=1'), 'context')).toEqual([]);
  });

  it('lets output see whatever is published anywhere, and cycles end', () => {
    const tasks =
      's: {next: [{do: a}]}\na: {next: [{publish: x=1, do: a}, {publish: y=1, do: fail}]}\nb: {next: [{publish: z=1, do: fail}]}';
    expect(inspect(flow(tasks, 'output: [{v: <% ctx().x + ctx().y + ctx().z %>}]'))).toEqual({});
  });

  it('does not look into retry', () => {
    expect(inspect(flow('a: {action: x, retry: {count: <% ctx().n %>}}'))).toEqual({});
  });

  it('takes what looks like parameters in a condition for parameters, and sees no variable there', () => {
    expect(inspect(flow('a: {next: [{when: <% ctx().n=1 %>}]}'))).toEqual({});
    expect(shown(flow('a: {next: [{when: <% ctx().n = 1 %>}]}'), 'context')).toEqual([
      `tasks.a.next[0].when: ${unknown('n')}`,
    ]);
  });
});

describe('findings', () => {
  it('can be shown where they stand in the file', () => {
    const loaded = loadDefinition(
      'version: 1.0\ntasks:\n  a:\n    next:\n      - do: b\n      - do: ghost\n  b:\n    join: -1\n',
      'wf.yaml',
    );
    const { syntax = [], semantics = [] } = inspectDefinition(loaded.written, { evaluator });
    expect([...syntax, ...semantics].map(({ spec_path }) => loaded.place(spec_path))).toEqual([
      { line: 8, column: 11 },
      { line: 6, column: 13 },
    ]);
  });
});
