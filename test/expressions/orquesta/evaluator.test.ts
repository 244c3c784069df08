import { describe, expect, it } from 'vitest';
import { createEvaluator, MissingInput, type StackStormHost } from '../../../src/expressions/index.ts';
import { repr } from '../../../src/expressions/python/index.ts';

const evaluator = createEvaluator({ now: () => 0, random: () => 0.5 });
const keys = new Map([
  ['system db', 'mysql'],
  ['user db', 'mine'],
  ['system secret', 'C1PHER'],
]);
const host: StackStormHost = {
  key: (scope, name) => keys.get(`${scope} ${name}`),
  decrypt: (text) => text.toLowerCase(),
  task: (id, route) => ({ task_id: id, route, status: 'succeeded', result: { stdout: 'hi' } }),
};
const variables = {
  name: 'orders',
  size: 3,
  hostile: '<% ctx().size %>',
  braces: '{{ ctx().size }}',
  one: '{0}',
  d: { a: null },
  __current_task: { id: 't1', route: 0, result: { code: 0 } },
  __current_item: { key: 'v' },
  __state: {
    tasks: { t1__r0: 0, t2__r1: 1 },
    routes: [[], ['t1__t0'], ['t9__t0']],
    sequence: [
      { id: 't1', route: 0, status: 'succeeded' },
      { id: 't2', route: 1, status: 'failed' },
    ],
  },
};

const evaluate = (statement: unknown, reevaluateData = false) =>
  evaluator.evaluate(statement, { variables, host, reevaluateData });

describe('texts with expressions', () => {
  it.each([
    ['<% ctx().size %>', '3'],
    ['{{ ctx().size }}', '3'],
    [' <% ctx().size %>', "' 3'"],
    ['<% ctx().size %>/<% ctx().name %>/<% ctx().size %>', "'3/orders/3'"],
    ['<% ctx().size %> {{ ctx().size }}', "'<% ctx().size %> 3'"],
    ['{% if ctx().size > 2 %}{{ ctx().name }}{% endif %}', "'orders'"],
    ['<% ctx().size\n %>', "'<% ctx().size\\n %>'"],
    ['{{ ctx().one }}{% raw %}{{ x }}{% endraw %}', "'{0}{{ x }}'"],
    ['{# kept #}{{ 1 }}', "'{# kept #}1'"],
    ['{{ [1, 2] | map("string") }}', "['1', '2']"],
    ["a{{ 'x' if false }}b", "'ab'"],
    ['plain', "'plain'"],
    ['<%>', "'<%>'"],
  ])('%j is %s', (text, expected) => {
    expect(repr(evaluate(text))).toBe(expected);
  });

  it('are found in keys, lists and mappings; anything else stays', () => {
    const statement = { '<% ctx().name %>': ['{{ ctx().size }}', 5, null, { k: true }] };
    expect(repr(evaluate(statement))).toBe("{'orders': [3, 5, None, {'k': True}]}");
  });

  it('cannot see names of JavaScript in the variables', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(() => evaluate(`<% ctx('${name}') %>`)).toThrow(`The variable "${name}" is undefined.`);
    }
  });
});

describe('data that looks like an expression', () => {
  it.each([
    ['<% ctx().hostile %>', '<% ctx().size %>'],
    ['{{ ctx().braces }}', '{{ ctx().size }}'],
    ['<% ctx().hostile %> <% ctx().name %>', '<% ctx().size %> orders'],
    ['{{ ctx().braces }} {% raw %}{{ y }}{% endraw %}', '{{ ctx().size }} {{ y }}'],
    ['{% if true %}{{ ctx().braces }}{% endif %}', '{{ ctx().size }}'],
    ['<% ctx().hostile %><% ctx().size %>', '<% ctx().size %>3'],
  ])('%j stays text', (text, expected) => {
    expect(evaluate(text)).toBe(expected);
  });

  it.each([
    ['<% ctx().hostile %>', '3'],
    ['{{ ctx().braces }}', '3'],
    ['x <% ctx().hostile %>', "'x 3'"],
    ['{% if true %}{{ ctx().braces }}{% endif %}', '3'],
    ['{{ ctx().one }}{% raw %}{{ x }}{% endraw %}', "'{{ x }}{{ x }}'"],
  ])('%j is read again, as StackStorm does, when that is asked for: %s', (text, expected) => {
    expect(repr(evaluate(text, true))).toBe(expected);
  });
});

describe("Orquesta's and StackStorm's functions", () => {
  it.each([
    ["<% st2kv('db') %>", "'mysql'"],
    ["{{ st2kv('system.db') }}", "'mysql'"],
    ["<% st2kv('user.db') %>", "'mine'"],
    ["<% st2kv('secret', decrypt => true) %>", "'c1pher'"],
    ["{{ st2kv('nope', default='d') }}", "'d'"],
    ['<% st2kv(nope, default => null) %>', 'None'],
    ["<% task('t1').result.stdout %>", "'hi'"],
    ['{{ task().task_id }}', "'t1'"],
    ["<% task_status('t2', 1) %>", "'failed'"],
    ["{{ task_status('t2') }}", "'null'"],
    ["<% task_status('t1', 1) %>", "'succeeded'"],
    ['<% succeeded() and not failed() and completed() %>', 'True'],
    ['{{ result().code }}', '0'],
    ['<% item(key) %>', "'v'"],
    ["{{ item('key') }}", "'v'"],
    ["<% from_json_string('[1, 1.0]') %>", '[1, 1.0]'],
    ['<% json_dump({a => 1}, sortKeys => true) %>', '\'{"a": 1}\''],
    ["{{ regex_replace('a-b', '-', '+') }}", "'a+b'"],
    ["{{ 'a-b' | regex_substring('[a-z]', 1) }}", "'b'"],
    ["<% version_bump_minor('1.2.3') %>", "'1.3.0'"],
    ['<% to_human_time_from_seconds(12345) %>', "'3h25m45s'"],
    ["<% basename('/a/b.txt') + dirname('/a/b.txt') %>", "'b.txt/a'"],
    ['<% use_none(null) %>', "'%*****__%NONE%__*****%'"],
  ])('%s is %s', (text, expected) => {
    expect(repr(evaluate(text))).toBe(expected);
  });

  it('lets an input that is not loaded pass', () => {
    const missing = new MissingInput({ kind: 'key', scope: 'system', name: 'x' });
    const waiting: StackStormHost = {
      ...host,
      key: () => {
        throw missing;
      },
    };
    for (const text of ["<% st2kv('x') %>", "{{ st2kv('x') }}", "{% if st2kv('x') %}{% endif %}"]) {
      expect(() => evaluator.evaluate(text, { variables, host: waiting })).toThrow(missing);
    }
  });
});

describe('what an author learns', () => {
  it.each([
    ['<% ctx().nam %>', 'KeyError', "Unable to resolve key 'nam' in expression '<% ctx().nam %>' from context", 'name'],
    ['<% ctx(nam) %>', 'VariableUndefinedError', 'The variable "nam" is undefined.', 'name'],
    ['<% ctx().size.selct($) %>', 'NoMethodRegisteredException', 'Unknown method "selct"', 'select'],
    ['<% lenn([]) %>', 'NoFunctionRegisteredException', 'Unknown function "lenn"', 'len'],
    ['{{ ctx().nam }}', 'Unresolved', 'There are unresolved variables: ctx().nam', 'name'],
    ['{{ ctx().name | uper }}', 'TemplateAssertionError', "No filter named 'uper'", 'upper'],
    ["{{ 'x' if false }}", 'Unresolved', "There are unresolved variables: 'x' if false", ''],
    ['{{ name }}', 'Unresolved', 'There are unresolved variables: name', 'ctx().name'],
    ['{{ name + 1 }}', 'UndefinedError', "'name' is undefined", 'ctx().name'],
    ["<% st2kv('nope') %>", 'ExpressionEvaluationException', 'The key "nope" does not exist', ''],
  ])('%s: %s, %s', (text, kind, reason, hint) => {
    const error = expect.objectContaining({ code: 'expression', message: expect.stringContaining(reason) });
    expect(() => evaluate(text)).toThrow(error);
    const thrown = thrownBy(() => evaluate(text));
    expect(thrown.details).toMatchObject({ kind, expression: text, reason: expect.stringContaining(reason) });
    expect(thrown.message).toContain(hint);
  });

  it.each([
    ['<% ctx().a + %>', 12],
    ['{{ ctx().size +* 2 }}', 15],
    ['x <% 1 + ctx(nope) %>', 7],
    ['{{ 1 / (ctx().size - 3) }}', 5],
  ])('%s fails at position %i', (text, position) => {
    expect(thrownBy(() => evaluate(text)).details.position).toBe(position);
  });
});

function thrownBy(compute: () => unknown): { message: string; details: Record<string, unknown> } {
  try {
    compute();
  } catch (error) {
    return error as ReturnType<typeof thrownBy>; // what a PetrelError has
  }
  throw new Error('it does not fail');
}

describe('what inspection asks', () => {
  it('finds what does not parse, and evaluates nothing', () => {
    expect(
      evaluator.validate({ a: '<% ctx( %>', b: ['{{ ctx(.x) }}', '{{ nope | nofilter }}', '<% 1 %>{{ 1 }}'] }),
    ).toEqual([
      { language: 'yaql', expression: '<% ctx( %>', message: 'Parse error: unexpected end of statement' },
      { language: 'jinja', expression: '{{ ctx(.x) }}', message: "unexpected '.'" },
      {
        language: null,
        expression: '<% 1 %>{{ 1 }}',
        message: 'Expression with multiple types is not supported.',
      },
    ]);
  });

  it('finds the variables that are referred to by ctx', () => {
    const text = '<% ctx().b + ctx(a) + ctx(\'c\') + ctx("d") + ctx().e.f + ctx().g() + ctx().get(h) %>';
    expect(evaluator.references([text, '{{ ctx().z }}', '{{ ctx().z }}']).map(({ variable }) => variable)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
      'z',
    ]);
  });
});

describe('one language at a time', () => {
  it('needs no delimiters', () => {
    const given = { variables };
    expect(evaluator.evaluateIn('yaql', 'ctx().size\n + 1', given)).toBe(4);
    expect(evaluator.evaluateIn('jinja', 'ctx().name | upper', given)).toBe('ORDERS');
    expect(evaluator.evaluateIn('yaql', '<% 1 %> {{ 1 }}', given)).toBe('1 {{ 1 }}');
  });
});
