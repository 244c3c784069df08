import { describe, expect, it } from 'vitest';
import { createJinja, keyLookups, MissingInput } from '../../../src/expressions/index.ts';
import { PetrelError } from '../../../src/model/index.ts';

const jinja = createJinja();
const expressionError = expect.objectContaining({ name: 'PetrelError', code: 'expression' });

function render(template: string, variables: Record<string, unknown> = {}): string {
  return jinja.compile(template).render(variables);
}

describe('nothing of JavaScript or Python can be reached', () => {
  const data = { d: { a: 1 }, l: [1], s: 'text', n: 5, f: 1.5, t: true, nul: null };

  it.each(
    [
      'd',
      'l',
      's',
      'n',
      'f',
      't',
      'nul',
      'range',
      'dict',
      'namespace(a=1)',
      'cycler(1)',
      'lipsum',
      'd.items()',
      'd.get',
      's.upper',
    ].flatMap((value) =>
      [
        '__proto__',
        'constructor',
        'prototype',
        '__class__',
        '__globals__',
        'hasOwnProperty',
        'valueOf',
        '__defineGetter__',
      ].flatMap((name) => [
        `{{ ${value}.${name} }}`,
        `{{ ${value}['${name}'] }}`,
        `{{ ${value} | attr('${name}') }}`,
        `{{ [${value}] | map(attribute='${name}') | first }}`,
        `{{ '{0.${name}}'.format(${value}) }}`,
      ]),
    ),
  )('%s is not there', (template) => {
    expect(() => render(template, data)).toThrow(expressionError);
  });

  it.each([
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    '{{ self._TemplateReference__context }}',
    '{{ self.__init__.__globals__ }}',
    '{{ lipsum.__globals__.os }}',
    '{{ cycler.__init__.__globals__.os.popen("id").read() }}',
    '{{ [].constructor.constructor("return process")() }}',
    '{{ toString() }}',
    '{{ globalThis }}',
    '{{ process }}',
    '{{ require }}',
    '{{ this }}',
    '{{ arguments }}',
    '{% set __proto__ = {"polluted": 1} %}{{ polluted }}',
    '{{ ({}).polluted }}',
  ])('%s fails', (template) => {
    expect(() => render(template)).toThrow(expressionError);
  });

  it('keeps keys such as __proto__ as data, and pollutes nothing', () => {
    const text = '{"__proto__": {"polluted": 1}, "constructor": 2}';
    expect(render('{{ (s | from_json_string) }}', { s: text })).toBe(
      "{'__proto__': {'polluted': 1}, 'constructor': 2}",
    );
    expect(render('{{ (s | from_json_string)["constructor"] }}', { s: text })).toBe('2');
    render("{% set ns = namespace() %}{% set ns.__proto__ = {'polluted': 1} %}{% set x = dict(__proto__=1) %}");
    const value = jinja.compile("{{ {'__proto__': {'polluted': 1}} }}").evaluate({});
    expect(value).toBeDefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('runs no getter of the prototype chain and sees no symbol', () => {
    const inherited: Record<string, unknown> = Object.create({ secret: 'inherited' });
    expect(() => render('{{ d.secret }}', { d: inherited })).toThrow(expressionError);
    expect(() => render('{{ d["Symbol(iterator)"] }}', { d: {} })).toThrow(expressionError);
  });

  it('never changes the data it was given', () => {
    const given = { l: [1, { a: [2] }], d: { k: { n: 1 } } };
    const before = JSON.stringify(given);
    const template =
      '{% set _ = l.append(3) %}{% set _ = l[1].a.append(9) %}{% set _ = d.k.update(n=5) %}{{ l }}{{ d }}';
    expect(render(template, given)).toBe("[1, {'a': [2, 9]}, 3]{'k': {'n': 5}}");
    expect(JSON.stringify(given)).toBe(before);
    expect(() => render("{{ (l | attr('app' ~ 'end'))(3) }}", given)).toThrow(expressionError);
    expect(JSON.stringify(given)).toBe(before);
  });

  it('never reads data as a template', () => {
    const evil = '{{ 7 * 7 }}{% raw %}{{ d.secret }}';
    expect(render('{{ x }}|{{ [x] | first }}|{{ x | upper }}', { x: evil, d: { secret: 1 } })).toBe(
      `${evil}|${evil}|${evil.toUpperCase()}`,
    );
  });
});

describe('no template exhausts time, memory or the stack', () => {
  const huge = `1${'0'.repeat(12)}`;

  it.each([
    '{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}',
    '{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}',
    `{{ 'x' * ${huge} }}`,
    `{{ [0] * ${huge} }}`,
    `{{ 10 ** ${huge} }}`,
    '{{ 10 ** (10 ** 10) }}',
    '{{ (2 ** 100000) * (2 ** 100000) }}',
    '{{ 9 ** (9 ** 9) }}',
    `{{ 'x' | center(${huge}) }}`,
    `{{ 'x'.ljust(${huge}) }}`,
    `{{ 'x'.zfill(${huge}) }}`,
    `{{ '%${huge}d' % 1 }}`,
    `{{ '%.${huge}f' % 1 }}`,
    `{{ '%*d' % (${huge}, 1) }}`,
    `{{ '{:${huge}}'.format(1) }}`,
    `{{ '{:.${huge}f}'.format(1.5) }}`,
    `{{ 'a' | indent(${huge}, true) }}`,
    `{{ '\t' .expandtabs(${huge}) }}`,
    `{{ [1] | batch(${huge}, 'x') | list }}`,
    `{{ [1] | slice(${huge}) | list }}`,
    `{{ range(${huge}) }}`,
    `{{ ('x' * 1000000) | replace('', 'y' * 1000000) }}`,
    `{{ ('y' * 100000).join('x' * 100000) }}`,
    `{{ (['y' * 100000] * 100000) | join }}`,
    "{% set ns = namespace(t='x') %}{% for i in range(100) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}{{ ns.t }}",
    '{% set ns = namespace(l=[0]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}',
    '{% set ns = namespace(l=[0]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | tojson }}',
    '{% set ns = namespace(l=[0]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | pprint }}',
    '{% set ns = namespace(l=[0], m=[0]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.m = [ns.m, ns.m] %}{% endfor %}{{ ns.l == ns.m }}',
    '{% set ns = namespace(l=[0]) %}{% for i in range(100) %}{% set ns.l = ns.l + ns.l %}{% endfor %}{{ ns.l | length }}',
    '{% set ns = namespace(n=3) %}{% for i in range(100) %}{% set ns.n = ns.n * ns.n %}{% endfor %}{{ ns.n > 1 }}',
    '{% set l = [1] %}{% for x in l %}{% set _ = l.append(1) %}{% endfor %}',
    '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}',
    '{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}',
    '{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}',
    '{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}',
    '{% block a %}{{ self.a() }}{% endblock %}',
    `{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`,
    `{{ ${'['.repeat(5000)}${']'.repeat(5000)} }}`,
    `{{ ${'not '.repeat(50000)}1 }}`,
    `{{ ${'-'.repeat(50000)}1 }}`,
    `${'{% if 1 %}'.repeat(5000)}${'{% endif %}'.repeat(5000)}`,
    `{{ ('a' * 5000) | regex_search('(a+)+$b') }}`,
    `{{ ('[' * 100000) | from_json_string }}`,
    `{{ ('[' * 5000) | from_yaml_string }}`,
    `{{ 'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n' | from_yaml_string | to_json_string }}`,
    "{% for i in range(100000) %}{{ 'x' * 100000 }}{% endfor %}",
    "{% set t = 'x' * 9000000 %}{% for i in range(100000) %}{% set u = t | upper %}{% endfor %}",
    "{% set t = 'x' * 9000000 %}{% for i in range(100000) %}{% set u = t == t ~ 'y' %}{% endfor %}",
    "{% set t = 'ab ' * 3000000 %}{% for i in range(100000) %}{% set u = t.split() %}{% endfor %}",
    "{% set t = ('x' * 1000) ~ '-' %}{{ (t * 5000) | wordwrap(1) | length > 0 and (t * 9999) | urlize }}{% for i in range(100000) %}{{ t * 9000 }}{% endfor %}",
    '{{ lipsum(1000, true, 1000, 1000) * 1000 }}',
    '{% set ns = namespace(t=(1,)) %}{% for i in range(100) %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}{{ {ns.t: 1} }}',
    '{% set ns = namespace(l=[0], m=[0]) %}{% for i in range(18) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.m = [ns.m, ns.m] %}{% endfor %}{% for i in range(100000) %}{% if ns.l == ns.m %}{% endif %}{% endfor %}',
    '{% set ns = namespace(l=[0], m=[0]) %}{% for i in range(16) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.m = [ns.m, ns.m] %}{% endfor %}{% for i in range(100000) %}{% set s = [ns.l, ns.m, ns.l] | sort %}{% endfor %}',
    "{% set t = 'x' * 9000000 %}{% set u = ('x' * 8999999) ~ 'y' %}{% for i in range(100000) %}{% for j in range(100) %}{% if t == u %}{% endif %}{% endfor %}{% endfor %}",
    "{% set t = 'x' * 9000000 %}{% for i in range(100000) %}{% set n = t.count('y') %}{% set m = t.find('xy') %}{% endfor %}",
    "{% set t = 'x' * 9000000 %}{% for i in range(100000) %}{% set n = 'y' in t %}{% set m = t is upper %}{% endfor %}",
    '{% set l = range(100000) | list %}{% for i in l %}{% if -1 in l %}{% endif %}{% endfor %}',
    '{% set b = 2 ** 130000 %}{% for i in range(100000) %}{% set c = b // 3 %}{% set d = (b * 1) % 7 %}{% endfor %}{% for i in range(100000) %}{% set c = b // 3 %}{% endfor %}',
  ])('%# ends with the expression error', (template) => {
    expect(() => render(template)).toThrow(expressionError);
  });

  it('compiles a long chain of operators or fails, but does not crash', () => {
    const sum = `{{ ${'1 + '.repeat(50_000)}1 }}`;
    let outcome: unknown;
    try {
      outcome = render(sum);
    } catch (error) {
      outcome = error;
    }
    expect(outcome === '50001' || outcome instanceof PetrelError).toBe(true);
  });
});

describe('what an author learns', () => {
  it.each([
    ['a\n{{ nme }}', { name: 1 }, /line 2, column 1: UndefinedError: 'nme' is undefined. Did you mean 'name'\?/],
    ['{{ d.nmae }}', { d: { name: 1 } }, /'dict object' has no attribute 'nmae'. Did you mean 'name'\?/],
    ['{{ 1 | uper }}', {}, /TemplateAssertionError: No filter named 'uper'. Did you mean 'upper'\?/],
    [
      '{% if x %}',
      {},
      /Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'/,
    ],
    ['{{ 1 +  }}', {}, /line 1, column 9: TemplateSyntaxError: unexpected 'end of print statement'/],
  ])('%j says where and why', (template, variables, message) => {
    expect(() => render(template, variables)).toThrow(message);
  });

  it('lets a missing input pass as it is', () => {
    const missing = new MissingInput({ kind: 'key', scope: 'system', name: 'host' });
    const st2kv = keyLookups(() => {
      throw missing;
    });
    expect(() => render('{{ st2kv.system.host | upper }}', { st2kv })).toThrow(missing);
    expect(() => render('{{ st2kv.system.host | int(5) }}', { st2kv })).toThrow(missing);
  });

  it('does not show what could not be decrypted', () => {
    const decrypting = createJinja({
      decrypt: () => {
        throw new PetrelError('invalid', 'The ciphertext was changed.');
      },
    });
    const st2kv = keyLookups(() => 'CIPHERTEXT');
    expect(() => decrypting.compile('{{ st2kv.system.a | decrypt_kv }}').render({ st2kv })).toThrow(
      'The ciphertext was changed.',
    );
  });
});

describe('native values', () => {
  it('keeps the type of a template that is one expression', () => {
    expect(jinja.compile('{{ d.a }}').evaluate({ d: { a: [1] } })).toEqual([1]);
    expect(jinja.compile('{{ 1 }}x').evaluate({})).toBe('1x');
    expect(() => jinja.compile('{{ nope }}').evaluate({})).toThrow(expressionError);
  });

  it('answers undefined for a bare expression that is undefined, and fails when such a value is used', () => {
    expect(jinja.compileExpression('d.nope').evaluate({ d: {} })).toBeUndefined();
    expect(jinja.compileExpression('1 + 2').evaluate({})).toBe(3);
    expect(() => jinja.compileExpression('d.nope + 1').evaluate({ d: {} })).toThrow(expressionError);
    expect(() => jinja.compileExpression('1 2')).toThrow(expressionError);
  });

  it('compiles the same text once', () => {
    expect(jinja.compile('{{ once }}')).toBe(jinja.compile('{{ once }}'));
  });
});
