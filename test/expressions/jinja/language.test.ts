import { describe, expect, it } from 'vitest';
import { createJinja } from '../../../src/expressions/jinja/index.ts';
import { PetrelError } from '../../../src/model/index.ts';

/**
 * Corners of the language, each with what Jinja2 3.1.6 answers to it (sandboxed, strict, both kinds of trimming, Python 3.11): the
 * text, or the kind of its error and the reason it gives. Where memory addresses are printed, they are left out.
 */
type Row = readonly [template: string, expected: string | { readonly kind: string; readonly reason?: string }];

const jinja = createJinja({ stackstorm: false });

const VARIABLES = {
  s: 'Hello World',
  l: [3, 1, 2],
  d: { b: 2, a: 1, C: 3 },
  big: 123456789012345678901234567890n,
};

function outcome(template: string): unknown {
  try {
    return jinja
      .compile(template)
      .render(VARIABLES)
      .replace(/0x[0-9a-f]{6,}/g, '0x');
  } catch (error) {
    if (!(error instanceof PetrelError)) throw error;
    return error.details;
  }
}

function check([template, expected]: Row): void {
  const found = outcome(template);
  if (typeof expected === 'string') expect(found).toBe(expected);
  else expect(found).toMatchObject(expected);
}

describe('marked text keeps its mark', () => {
  const rows: readonly Row[] = [
    ["{{ [('<b>'|e)|upper] }}", "[Markup('&LT;B&GT;')]"],
    ["{{ [('<b>'|e)|trim, ('<b>'|e)|center(12)] }}", "[Markup('&lt;b&gt;'), Markup(' &lt;b&gt;  ')]"],
    ["{{ ['<b>'|safe|replace('b', '<')] }}", "['<<>']"],
    ["{% autoescape true %}{{ '<b>'|safe|replace('b', '<') }}{% endautoescape %}", '<&lt;>'],
    ["{% autoescape true %}{{ 'a<'|replace('a', '<i>'|safe) }}{% endautoescape %}", '<i>&lt;'],
    ["{{ ['<b>'|safe|first, '<b>'|safe|last] }}", "['<', Markup('>')]"],
    ["{{ '<b>'|e|list }}", "['&', 'l', 't', ';', 'b', '&', 'g', 't', ';']"],
    ["{{ ['<b>'|safe|truncate(2, true, '<', 0)] }}", "[Markup('<&lt;')]"],
    ["{{ ['<b>'|safe|title] }}", "['<B>']"],
    ["{{ [('<%s>'|safe) % '<'] }}", "[Markup('<&lt;>')]"],
    ["{{ ['<%s>'|safe|format('<')] }}", "[Markup('<&lt;>')]"],
    ["{{ [('<%r>'|safe) % ('<',)] }}", "[Markup('<&#39;&lt;&#39;>')]"],
    [
      "{{ ('%x'|safe) % 5 }}",
      { kind: 'TypeError', reason: '%x format: an integer is required, not _MarkupEscapeHelper' },
    ],
    ["{{ ['<{}>'|safe] }}", "[Markup('<{}>')]"],
    ["{{ [('<{}>'|safe).format('<')] }}", "[Markup('<&lt;>')]"],
    [
      "{{ ('<{:>4}>'|safe).format('a'|safe) }}",
      { kind: 'ValueError', reason: 'Unsupported format specification for Markup.' },
    ],
    ["{{ '{:>4}'.format('<'|e) }}", '&lt;'],
    ["{{ [('<b>'|safe).join(['<', 1])] }}", "[Markup('&lt;<b>1')]"],
    ["{{ [('a<'|safe).split('<')] }}", "[[Markup('a'), Markup('')]]"],
    ["{{ [('<b>'|safe).casefold(), ('<b>'|safe).upper()] }}", "['<b>', Markup('<B>')]"],
    ["{{ ('a&amp;<i>b</i>'|safe).striptags() }}", 'a&b'],
    ["{{ '<b>'|safe + 1 }}", { kind: 'TypeError', reason: "unsupported operand type(s) for +: 'Markup' and 'int'" }],
    ["{{ [('<b>'|safe) * 2, ('<b>'|safe) + '<'] }}", "[Markup('<b><b>'), Markup('<b>&lt;')]"],
    ["{{ 5 in '<b>'|safe }}", { kind: 'TypeError', reason: "'in <string>' requires string as left operand, not int" }],
    ["{{ ['<'|e]|tojson }}", '["\\u0026lt;"]'],
    ["{{ '<'|e|pprint }}", "Markup('&lt;')"],
    ["{% autoescape true %}{{ ['<', '<b>'|safe]|join('&') }}{% endautoescape %}", '&lt;&amp;<b>'],
    ["{% autoescape true %}{{ {'a': '<'}|xmlattr }}{% endautoescape %}", ' a="&lt;"'],
    ["{{ ['aa'|safe|unique|list] }}", "[['a']]"],
  ];
  it.each(rows)('%s', (...row) => check(row));
});

describe('escaping goes by where the text stands', () => {
  const rows: readonly Row[] = [
    ["{% macro m() %}<{{ '<' }}{% endmacro %}{% autoescape true %}{{ m() }}{% endautoescape %}", '<<'],
    ["{% autoescape true %}{% macro m() %}<{{ '<' }}{% endmacro %}{{ m() }}{% endautoescape %}", '<&lt;'],
    ["{% autoescape true %}{% block a %}{{ '<' }}{% endblock %}{{ '<' }}{% endautoescape %}", '<&lt;'],
    ['{% autoescape true %}{{ self.a() }}{% endautoescape %}{% block a %}<{% endblock %}', '<<'],
    [
      '{% autoescape true %}{% for x in [[1], []] recursive %}<{% if x is iterable %}{{ loop(x) }}{% endif %}{% endfor %}{% endautoescape %}',
      '<<<',
    ],
    ["{% autoescape true %}{% filter upper %}<a>{{ '<a>' }}{% endfilter %}{% endautoescape %}", '<A>&LT;A&GT;'],
    ['{% autoescape true %}{% set x %}<{% endset %}{{ x }}{% endautoescape %}', '<'],
  ];
  it.each(rows)('%s', (...row) => check(row));
});

describe('formats reach into values by the rules of the sandbox', () => {
  const rows: readonly Row[] = [
    [
      "{{ '{0.__class__}'.format(5) }}",
      { kind: 'SecurityError', reason: "access to attribute '__class__' of 'int' object is unsafe." },
    ],
    ["{{ '{0.a}'.format(d) }}", '1'],
    ["{{ '{0.zz}'.format(d) }}", { kind: 'UndefinedError', reason: "'dict object' has no attribute 'zz'" }],
    ["{{ '{0[zz]}'.format(d) }}", { kind: 'UndefinedError', reason: "'dict object' has no attribute 'zz'" }],
    ["{{ '{0[9]}'.format(l) }}", { kind: 'UndefinedError', reason: 'list object has no element 9' }],
    [
      "{{ '{0[__class__]}'.format('') }}",
      { kind: 'SecurityError', reason: "access to attribute '__class__' of 'str' object is unsafe." },
    ],
    ["{{ '{a}'.format_map(d) }}", '1'],
    ["{{ '{0}'.format_map({'0': 1}) }}", { kind: 'IndexError', reason: 'tuple index out of range' }],
    ["{{ '{a}'.format_map(d, x=1) }}", { kind: 'TypeError', reason: 'format_map() takes no keyword arguments' }],
    ["{{ '{.real}'.format(5) }}", { kind: 'KeyError', reason: "''" }],
    [
      "{{ '{} {0}'.format(1, 2) }}",
      { kind: 'ValueError', reason: 'cannot switch from manual field specification to automatic field numbering' },
    ],
    [
      "{{ '{0} {}'.format(1, 2) }}",
      { kind: 'ValueError', reason: 'cannot switch from manual field specification to automatic field numbering' },
    ],
    ["{{ '{0]}'.format(1) }}", { kind: 'KeyError', reason: "'0]'" }],
    ["{{ '{0[a}'.format(d) }}", { kind: 'ValueError', reason: "expected '}' before end of string" }],
    [
      "{{ '{0[a]b}'.format(d) }}",
      { kind: 'ValueError', reason: "Only '.' or '[' may follow ']' in format field specifier" },
    ],
    ["{{ '{0.}'.format(d) }}", { kind: 'ValueError', reason: 'Empty attribute in format string' }],
    ["{{ '{!x}'.format(1) }}", { kind: 'ValueError', reason: 'Unknown conversion specifier x' }],
    ["{{ '{!r:>5}|{!s}|{!a}'.format('a', 'b', 'é') }}", "  'a'|b|'\\xe9'"],
    ["{{ '{0!rr}'.format(1) }}", { kind: 'ValueError', reason: "expected ':' after conversion specifier" }],
    ["{{ '{:{}}'.format(1, 5) }}", '    1'],
    ["{{ '{:{:{}}}'.format(1, 5, 2) }}", { kind: 'ValueError', reason: 'Max string recursion exceeded' }],
    ["{{ '{:{:{:{}}}}'.format(1, 2, 3, 4) }}", { kind: 'ValueError', reason: 'Max string recursion exceeded' }],
    ["{{ '{'.format() }}", { kind: 'ValueError', reason: "Single '{' encountered in format string" }],
    ["{{ '}'.format() }}", { kind: 'ValueError', reason: "Single '}' encountered in format string" }],
    ["{{ '{0'.format(1) }}", { kind: 'ValueError', reason: "expected '}' before end of string" }],
    ["{{ '{0:'.format(1) }}", { kind: 'ValueError', reason: "unmatched '{' in format spec" }],
    ["{{ '{x}'.format() }}", { kind: 'KeyError', reason: "'x'" }],
    ["{{ '{}'.format(nope) }}", { kind: 'UndefinedError', reason: "'nope' is undefined" }],
    ["{{ '{nope.x}'.format(nope=nope) }}", { kind: 'UndefinedError', reason: "'nope' is undefined" }],
    [
      "{{ ['{0.zz}']|map('format', 5)|list }}",
      { kind: 'TypeError', reason: 'not all arguments converted during string formatting' },
    ],
    ["{{ ''.format }}", '<function str.format at 0x>'],
  ];
  it.each(rows)('%s', (...row) => check(row));
});

describe('format specs are those of CPython', () => {
  const rows: readonly Row[] = [
    ["{{ '{:<010}|{:010}'.format(5, -5) }}", '5000000000|-000000005'],
    ["{{ '{:0}'.format('a') }}", 'a'],
    ["{{ '{:05}'.format('a') }}", 'a0000'],
    ["{{ '{:-}'.format('a') }}", { kind: 'ValueError', reason: 'Sign not allowed in string format specifier' }],
    ["{{ '{: }'.format('a') }}", { kind: 'ValueError', reason: 'Space not allowed in string format specifier' }],
    ["{{ '{:,}'.format('a') }}", { kind: 'ValueError', reason: "Cannot specify ',' with 's'." }],
    ["{{ '{:,x}'.format(5) }}", { kind: 'ValueError', reason: "Cannot specify ',' with 'x'." }],
    ["{{ '{:_x}'.format(1000000) }}", 'f_4240'],
    ["{{ '{:,.2f}'.format(1234567.891) }}", '1,234,567.89'],
    [
      "{{ '{:=5}'.format('a') }}",
      { kind: 'ValueError', reason: "'=' alignment not allowed in string format specifier" },
    ],
    ["{{ '{:.f}'.format(5) }}", { kind: 'ValueError', reason: 'Format specifier missing precision' }],
    ["{{ '{:q}'.format(5) }}", { kind: 'ValueError', reason: "Unknown format code 'q' for object of type 'int'" }],
    ["{{ '{:z.1f}'.format(-0.01) }}", '0.0'],
    ["{{ '{:.3}'.format(5) }}", { kind: 'ValueError', reason: 'Precision not allowed in integer format specifier' }],
    ["{{ '{:d}'.format(2.5) }}", { kind: 'ValueError', reason: "Unknown format code 'd' for object of type 'float'" }],
    ["{{ '{:#x} {:#b}'.format(255, 5) }}", '0xff 0b101'],
    ["{{ '{:>5}'.format([1]) }}", { kind: 'TypeError', reason: 'unsupported format string passed to list.__format__' }],
  ];
  it.each(rows)('%s', (...row) => check(row));
});

describe('percent formats are those of CPython', () => {
  const rows: readonly Row[] = [
    ["{{ '%5%' % 5 }}", { kind: 'ValueError', reason: "unsupported format character '%' (0x25) at index 2" }],
    ["{{ '%%' % () }}", '%'],
    ["{{ '%(a)%' % d }}", { kind: 'ValueError', reason: "unsupported format character '%' (0x25) at index 4" }],
    ["{{ '%(a)s' % 5 }}", { kind: 'TypeError', reason: 'format requires a mapping' }],
    ["{{ '%(a)s' % l }}", { kind: 'TypeError', reason: 'list indices must be integers or slices, not str' }],
    ["{{ '%(a' % d }}", { kind: 'ValueError', reason: 'incomplete format key' }],
    ["{{ '%((a))s' % {'(a)': 1} }}", '1'],
    ["{{ '%*d|%-*d|' % (5, 1, 5, 1) }}", '    1|1    |'],
    ["{{ '%*d' % ('a', 1) }}", { kind: 'TypeError', reason: '* wants int' }],
    ["{{ '%.*f' % (2, 1.005) }}", '1.00'],
    ["{{ '%a' % 'é' }}", "'\\xe9'"],
    ["{{ '%r' % nope }}", 'Undefined'],
    ["{{ 'x' % nope }}", 'x'],
    ["{{ '%d' % nope }}", { kind: 'UndefinedError', reason: "'nope' is undefined" }],
    ["{{ '%x' % nope }}", { kind: 'TypeError', reason: '%x format: an integer is required, not StrictUndefined' }],
    ["{{ '' % dict }}", { kind: 'TypeError', reason: 'not all arguments converted during string formatting' }],
    ["{{ '' % l }}", ''],
    ["{{ '%c%c' % (65, 'b') }}", 'Ab'],
    ["{{ '%c' % 1114112 }}", { kind: 'OverflowError', reason: '%c arg not in range(0x110000)' }],
    ["{{ '%d' % '5' }}", { kind: 'TypeError', reason: '%d format: a real number is required, not str' }],
    ["{{ '%x' % 2.5 }}", { kind: 'TypeError', reason: '%x format: an integer is required, not float' }],
    ["{{ '%q' % 5 }}", { kind: 'ValueError', reason: "unsupported format character 'q' (0x71) at index 1" }],
    ["{{ '%' % 5 }}", { kind: 'ValueError', reason: 'incomplete format' }],
    ["{{ '%d' % big }}", '123456789012345678901234567890'],
    ["{{ '%05d|%+d|% d|%x|%X|%o' % (-5, 5, 5, 255, 255, 8) }}", '-0005|+5| 5|ff|FF|10'],
  ];
  it.each(rows)('%s', (...row) => check(row));
});

describe('case goes by Unicode', () => {
  const rows: readonly Row[] = [
    ["{{ 'ǆ'.title() }}{{ 'ŉ'.title() }}{{ 'ß'.title() }}{{ 'ﬁ'.capitalize() }}", 'ǅʼNSsFi'],
    ["{{ 'ΑΣ ΑΣΑ'.title() }} {{ 'ΑΣ'.capitalize() }} {{ 'ΑΣ'.swapcase() }}", 'Ας Ασα Ας ας'],
    ["{{ 'ﬁ ŉ ς İ ẞ'.casefold() }}", 'fi ʼn σ i̇ ss'],
    ["{{ 'Ⅷ'.istitle() }} {{ 'Ⅷ'.swapcase() }} {{ 'Ⓐ'.isupper() }}", 'True ⅷ True'],
    ["{{ '⑴'.isdigit() }} {{ '½'.isnumeric() }} {{ '一'.isnumeric() }} {{ '一'.isdigit() }}", 'True True True False'],
    ["{{ '١٢'|int + 1 }} {{ '१.५'|float }}", '13 1.5'],
    [`{{ "it's o'neil (foo-bar)"|title }} {{ "it's".title() }}`, "It's O'neil (Foo-Bar) It'S"],
  ];
  it.each(rows)('%s', (...row) => check(row));
});

describe('arguments are refused in Python’s words', () => {
  const rows: readonly Row[] = [
    ['{{ s|upper(1) }}', { kind: 'TypeError', reason: 'do_upper() takes 1 positional argument but 2 were given' }],
    [
      '{{ s|truncate(lenght=5) }}',
      { kind: 'TypeError', reason: "do_truncate() got an unexpected keyword argument 'lenght'" },
    ],
    [
      "{{ s|replace('a') }}",
      { kind: 'TypeError', reason: "do_replace() missing 1 required positional argument: 'new'" },
    ],
    [
      '{{ s|replace }}',
      { kind: 'TypeError', reason: "do_replace() missing 2 required positional arguments: 'old' and 'new'" },
    ],
    [
      '{{ l|first(1) }}',
      { kind: 'TypeError', reason: 'sync_do_first() takes 2 positional arguments but 3 were given' },
    ],
    ['{{ l|length(1) }}', { kind: 'TypeError', reason: 'len() takes exactly one argument (2 given)' }],
    ['{{ l|length(x=1) }}', { kind: 'TypeError', reason: 'len() takes no keyword arguments' }],
    [
      '{{ s|default(1, 2, 3) }}',
      { kind: 'TypeError', reason: 'do_default() takes from 1 to 3 positional arguments but 4 were given' },
    ],
    [
      '{{ s|e(1) }}',
      { kind: 'TypeError', reason: 'markupsafe._speedups.escape() takes exactly one argument (2 given)' },
    ],
    ['{{ nope|lower(1) }}', { kind: 'TypeError', reason: 'do_lower() takes 1 positional argument but 2 were given' }],
    ['{{ 5 is odd(1) }}', { kind: 'TypeError', reason: 'test_odd() takes 1 positional argument but 2 were given' }],
    ['{{ 5 is eq }}', { kind: 'TypeError', reason: 'eq expected 2 arguments, got 1' }],
    ['{{ 5 is eq(b=5) }}', { kind: 'TypeError', reason: '_operator.eq() takes no keyword arguments' }],
    ['{{ 6 is divisibleby(num=3) }}', 'True'],
    ['{{ 5 is in(seq=[5]) }}', 'True'],
    ['{{ s.upper(1) }}', { kind: 'TypeError', reason: 'str.upper() takes no arguments (1 given)' }],
    ['{{ s.split(foo=1) }}', { kind: 'TypeError', reason: "'foo' is an invalid keyword argument for split()" }],
    ['{{ s.center(width=5) }}', { kind: 'TypeError', reason: 'str.center() takes no keyword arguments' }],
    ['{{ s.count() }}', { kind: 'TypeError', reason: 'count() takes at least 1 argument (0 given)' }],
    ['{{ l.append() }}', { kind: 'TypeError', reason: 'list.append() takes exactly one argument (0 given)' }],
    ["{{ d.get(key='a') }}", { kind: 'TypeError', reason: 'dict.get() takes no keyword arguments' }],
    ['{{ d.items(1) }}', { kind: 'TypeError', reason: 'dict.items() takes no arguments (1 given)' }],
    ['{{ d.get() }}', { kind: 'TypeError', reason: 'get expected at least 1 argument, got 0' }],
    ['{{ range(stop=3) }}', { kind: 'TypeError', reason: "safe_range() got an unexpected keyword argument 'stop'" }],
    ['{{ range() }}', { kind: 'TypeError', reason: 'range expected at least 1 argument, got 0' }],
    [
      '{{ joiner()(1) }}',
      { kind: 'TypeError', reason: 'Joiner.__call__() takes 1 positional argument but 2 were given' },
    ],
    ['{{ dict(a=1, a=2) }}', { kind: 'SyntaxError' }],
    ["{{ l|sum(start='') }}", { kind: 'TypeError', reason: "sum() can't sum strings [use ''.join(seq) instead]" }],
  ];
  it.each(rows)('%s', (...row) => check(row));
});

describe('what dictionaries had in Python 2', () => {
  const rows: readonly Row[] = [
    ["{% for k, v in {'a': 1}.iteritems() if k == 'a' -%} {{ k }}{{ v }} {%- endfor %}", 'a1'],
    ["{{ {'a': 1}.iterkeys()|list }} {{ {'a': 1}.itervalues()|list }}", "['a'] [1]"],
    ["{{ {'iteritems': 1}['iteritems'] }}", '1'],
    ['{{ l.iteritems() }}', { kind: 'UndefinedError', reason: "'list object' has no attribute 'iteritems'" }],
  ];
  it.each(rows)('%s', (...row) => check(row));
});

describe('filters on values of other kinds', () => {
  const rows: readonly Row[] = [
    ['{{ l|truncate }}', '[3, 1, 2]'],
    ["{{ l|truncate(3, false, '', 0) }}", '[3, 1, 2]'],
    ['{{ s|truncate(2) }}', { kind: 'AssertionError', reason: 'expected length >= 3, got 2' }],
    ['{{ s|truncate(5, leeway=-1) }}', { kind: 'AssertionError', reason: 'expected leeway >= 0, got -1' }],
    ['{{ 5|indent }}', { kind: 'TypeError', reason: "unsupported operand type(s) for +=: 'int' and 'str'" }],
    ['{{ l|indent }}', { kind: 'AttributeError', reason: "'list' object has no attribute 'splitlines'" }],
    ['{{ l|wordwrap }}', { kind: 'AttributeError', reason: "'list' object has no attribute 'splitlines'" }],
    ['{{ s|wordwrap(0) }}', { kind: 'ValueError', reason: 'invalid width 0 (must be > 0)' }],
    ["{{ 'one-two three-four'|wordwrap(8, true, '|', false) }}", 'one-two |three-fo|ur'],
    ['{{ 5|xmlattr }}', { kind: 'AttributeError', reason: "'int' object has no attribute 'items'" }],
    ['{{ {1: 2}|xmlattr }}', { kind: 'TypeError', reason: "expected string or bytes-like object, got 'int'" }],
    ['{{ s|dictsort }}', { kind: 'AttributeError', reason: "'str' object has no attribute 'items'" }],
    ['{{ nope|items|list }}', '[]'],
    ['{{ s|items|list }}', { kind: 'TypeError', reason: 'Can only get item pairs from a mapping.' }],
    ['{{ 5|reverse }}', { kind: 'FilterArgumentError', reason: 'argument must be iterable' }],
    ['{{ (1, 2)|reverse|list }}', '[2, 1]'],
    [
      "{{ {'a': 1}|reverse|last }}",
      { kind: 'TypeError', reason: "'dict_reversekeyiterator' object is not reversible" },
    ],
    ["{{ 0|map('nosuch')|list }}", '[]'],
    ["{{ []|map('nosuch')|list }}", '[]'],
    ["{{ [1]|map('nosuch')|list }}", { kind: 'TemplateRuntimeError', reason: "No filter named 'nosuch'." }],
    ['{{ [1]|select(5)|list }}', { kind: 'TemplateRuntimeError', reason: 'No test named 5.' }],
    ['{{ [1]|map|list }}', { kind: 'FilterArgumentError', reason: 'map requires a filter argument' }],
    ['{{ s|attr(5) }}', { kind: 'TypeError', reason: "attribute name must be string, not 'int'" }],
    ['{{ 5|round(none) }}', '5'],
    [
      "{{ none|round(1, 'ceil') }}",
      { kind: 'TypeError', reason: "unsupported operand type(s) for *: 'NoneType' and 'int'" },
    ],
    ["{{ 42.55|round(1, 'floor') }} {{ 5|round(-1, 'ceil') }}", '42.5 10.0'],
    ['{{ l|tojson(true) }}', '[\n 3,\n 1,\n 2\n]'],
    ['{{ l|tojson(1.5) }}', { kind: 'TypeError', reason: "can't multiply sequence by non-int of type 'float'" }],
    ["{{ {1: 2, 'a': 3, none: 4}|pprint }}", "{None: 4, 1: 2, 'a': 3}"],
    ["{{ ['ab', ('c', 'd')]|urlencode }}", 'a=b&c=d'],
    ['{{ [1]|urlencode }}', { kind: 'TypeError', reason: 'cannot unpack non-iterable int object' }],
    ["{{ ['abc']|urlencode }}", { kind: 'ValueError', reason: 'too many values to unpack (expected 2)' }],
    ['{{ 1e24|filesizeformat }}', '1000.0 ZB'],
    ["{{ [1]|batch('a')|list }}", '[[1]]'],
    ["{{ [1]|slice('a')|list }}", { kind: 'TypeError', reason: "unsupported operand type(s) for //: 'int' and 'str'" }],
    ["{{ '&lt;&notit;&copy&#128;&eacute;&bogus;'|striptags }}", '<¬it;©€é&bogus;'],
    [
      "{{ 'HTTP://X.COM http://x.com'|urlize }}",
      '<a href="https://HTTP://X.COM" rel="noopener">HTTP://X.COM</a> <a href="http://x.com" rel="noopener">http://x.com</a>',
    ],
    ['{{ l is test }}', { kind: 'TypeError', reason: "unhashable type: 'list'" }],
    ['{{ d is filter }}', { kind: 'TypeError', reason: "unhashable type: 'dict'" }],
    ['{{ 5 is filter }}', 'False'],
    ['{{ nope is callable }}', 'True'],
  ];
  it.each(rows)('%s', (...row) => check(row));
});

describe('operators', () => {
  const rows: readonly Row[] = [
    ["{{ d.keys() - ['b', 'C'] }}", "{'a'}"],
    ["{{ d.keys() >= {'a': 1}.keys() }} {{ d.keys() < d.keys() }}", 'True False'],
    ["{{ d.keys().isdisjoint(['x']) }}", 'True'],
    ['{{ 5 - d.keys() }}', { kind: 'TypeError', reason: "'int' object is not iterable" }],
    ['{{ d.keys() == nope }}', { kind: 'UndefinedError', reason: "'nope' is undefined" }],
    ['{{ nope in range(4) }}', { kind: 'UndefinedError', reason: "'nope' is undefined" }],
    ['{{ dict == nope }}', { kind: 'UndefinedError', reason: "'nope' is undefined" }],
    ['{{ l[big] is defined }}', 'False'],
    ["{{ 'a' * big }}", { kind: 'OverflowError', reason: "cannot fit 'int' into an index-sized integer" }],
    ['{{ l[nope] }}', { kind: 'UndefinedError', reason: 'list object has no element Undefined' }],
    ['{{ d[nope] }}', { kind: 'UndefinedError', reason: "'nope' is undefined" }],
    ['{{ dict(**nope) }}', { kind: 'UndefinedError', reason: "'nope' is undefined" }],
    ['{{ true or s|nosuch }}', 'True'],
    ['{{ range(5).index(3) }} {{ range(5).count(9) }}', '3 0'],
    ['{{ range(5).index(9) }}', { kind: 'ValueError', reason: '9 is not in range' }],
    ["{{ 2.5.hex() }} {{ 1.0.fromhex('0x1.8p1') }}", '0x1.4000000000000p+1 3.0'],
    ["{{ 'abc'.translate({97: 'X', 98: none}) }} {{ 'ab'.translate('a'.maketrans('a', 'z')) }}", 'Xc zb'],
    ["{{ 'a'.translate([1]) }}", 'a'],
    ["{{ 'x'.join(5) }}", { kind: 'TypeError', reason: 'can only join an iterable' }],
    ['{{ [2, 1].sort(key=5) }}', { kind: 'TypeError', reason: "'int' object is not callable" }],
    ['{{ (1, 2).index(3) }}', { kind: 'ValueError', reason: 'tuple.index(x): x not in tuple' }],
    ['{{ l[1:2, 0] }}', { kind: 'SyntaxError' }],
  ];
  it.each(rows)('%s', (...row) => check(row));
});

describe('types of Jinja', () => {
  const rows: readonly Row[] = [
    ['{{ dict }} {{ cycler }}', "<class 'dict'> <class 'jinja2.utils.Cycler'>"],
    ["{{ dict.fromkeys('ab') }}", "{'a': None, 'b': None}"],
    ['{{ cycler(1, 2).items }} {{ cycler(1, 2).pos }}', '(1, 2) 0'],
    ["{{ joiner('|').sep }}", '|'],
    [
      '{{ namespace(a=1).b }}',
      { kind: 'UndefinedError', reason: "'jinja2.utils.Namespace object' has no attribute 'b'" },
    ],
    ['{{ self }}', '<TemplateReference None>'],
    [
      '{{ self.x }}',
      { kind: 'UndefinedError', reason: "'jinja2.runtime.TemplateReference object' has no attribute 'x'" },
    ],
    ['{{ dict.mro }}', { kind: 'SecurityError', reason: "access to attribute 'mro' of 'type' object is unsafe." }],
    [
      '{{ s.__class__ }}',
      { kind: 'SecurityError', reason: "access to attribute '__class__' of 'str' object is unsafe." },
    ],
    ['{{ s.__nope__ }}', { kind: 'UndefinedError', reason: "'str object' has no attribute '__nope__'" }],
    [
      '{{ nope.__class__ }}',
      { kind: 'SecurityError', reason: "access to attribute '__class__' of 'StrictUndefined' object is unsafe." },
    ],
    ['{{ nope.__nope__ }}', { kind: 'UndefinedError', reason: "'nope' is undefined" }],
    ['{{ nope._x }}', { kind: 'UndefinedError', reason: "'nope' is undefined" }],
    [
      "{{ (l|map('abs')).gi_frame }}",
      { kind: 'SecurityError', reason: "access to attribute 'gi_frame' of 'generator' object is unsafe." },
    ],
    [
      '{{ range.__globals__ }}',
      { kind: 'SecurityError', reason: "access to attribute '__globals__' of 'function' object is unsafe." },
    ],
    ['{{ range.__nope__ }}', { kind: 'UndefinedError', reason: "'function object' has no attribute '__nope__'" }],
    [
      '{{ namespace().__init__ }}',
      { kind: 'UndefinedError', reason: "'jinja2.utils.Namespace object' has no attribute '__init__'" },
    ],
    [
      '{{ namespace().__class__ }}',
      { kind: 'SecurityError', reason: "access to attribute '__class__' of 'Namespace' object is unsafe." },
    ],
    [
      '{% for x in l %}{{ loop._iterator }}{% endfor %}',
      { kind: 'SecurityError', reason: "access to attribute '_iterator' of 'LoopContext' object is unsafe." },
    ],
    ['{% for x in [1, 2, 3] %}{{ loop|list|length }}{% endfor %}', '2'],
    [
      '{% for x in l recursive %}{{ loop() }}{% endfor %}',
      { kind: 'TypeError', reason: "LoopContext.__call__() missing 1 required positional argument: 'iterable'" },
    ],
    [
      '{% block a %}{{ super() }}{% endblock %}',
      { kind: 'UndefinedError', reason: "there is no parent block called 'a'." },
    ],
  ];
  it.each(rows)('%s', (...row) => check(row));
});

describe('statements that are wrong', () => {
  const rows: readonly Row[] = [
    ['{% for a, in [(1,)] %}{% endfor %}', { kind: 'TemplateSyntaxError', reason: "expected token 'in', got '['" }],
    ['{% for in l %}{% endfor %}', { kind: 'TemplateSyntaxError', reason: "expected token 'in', got 'l'" }],
    ['{% set = 1 %}', { kind: 'TemplateSyntaxError', reason: "unexpected '='" }],
    ['{% set 1, 2 = 3 %}', { kind: 'TemplateSyntaxError', reason: "can't assign to 'tuple'" }],
    ['{% set a1, 2 %}', { kind: 'TemplateSyntaxError', reason: "can't assign to 'tuple'" }],
    [
      '{% set a + b = 1 %}',
      { kind: 'TemplateSyntaxError', reason: "expected token 'end of statement block', got '+'" },
    ],
    ['{% for [a] in l %}{% endfor %}', { kind: 'TemplateSyntaxError', reason: "can't assign to 'list'" }],
    [
      '{% for x in l %}{% set loop = 3 %}{% endfor %}',
      { kind: 'TemplateAssertionError', reason: "Can't assign to special loop variable in for-loop target" },
    ],
    ['{% set loop = 3 %}{{ loop }}', '3'],
    ['{% macro m(a, a) %}{% endmacro %}', { kind: 'SyntaxError' }],
    [
      '{% macro m(caller) %}{{ caller }}{% endmacro %}',
      {
        kind: 'TemplateAssertionError',
        reason:
          'When defining macros or call blocks the special "caller" argument must be omitted or be given a default.',
      },
    ],
    ['{% macro m(caller=1) %}{{ caller }}{% endmacro %}{{ m() }}', '1'],
    [
      '{% macro m() %}x{% endmacro %}{% call m() %}{% endcall %}',
      {
        kind: 'TypeError',
        reason: "macro 'm' was invoked with two values for the special caller argument. This is most likely a bug.",
      },
    ],
    ['{% block a required %}{% endblock %}', { kind: 'TemplateRuntimeError', reason: "Required block 'a' not found" }],
    [
      '{% block a required %}x{% endblock %}',
      { kind: 'TemplateSyntaxError', reason: 'Required blocks can only contain comments or whitespace' },
    ],
    [
      "{% include 'x' ignore %}",
      { kind: 'TemplateSyntaxError', reason: "expected token 'end of statement block', got 'ignore'" },
    ],
    [
      "{% from 'x' import _y %}",
      { kind: 'TemplateAssertionError', reason: 'names starting with an underline can not be imported' },
    ],
    [
      "{% from 'x' import y, with context %}",
      { kind: 'TypeError', reason: 'no loader for this environment specified' },
    ],
    [
      '{% if false %}{% filter nosuch %}{% endfilter %}{% endif %}',
      { kind: 'TemplateAssertionError', reason: "No filter named 'nosuch'." },
    ],
    [
      '{% if false %}{% set x | nosuch %}{% endset %}{% endif %}',
      { kind: 'TemplateAssertionError', reason: "No filter named 'nosuch'." },
    ],
    ['{% if false %}{{ s|nosuch }}{% endif %}', ''],
    [
      '{% filter list %}ab{% endfilter %}',
      { kind: 'TypeError', reason: 'sequence item 0: expected str instance, list found' },
    ],
    [
      '{% filter int %}5{% endfilter %}',
      { kind: 'TypeError', reason: 'sequence item 0: expected str instance, int found' },
    ],
    [
      '{% call s.split() %}{% endcall %}',
      { kind: 'TypeError', reason: "'caller' is an invalid keyword argument for split()" },
    ],
  ];
  it.each(rows)('%s', (...row) => check(row));
});

describe("Python 2's methods of a dictionary, which templates of its time call", () => {
  const rows: readonly Row[] = [
    ['{% for k, v in d.iteritems() %}{{ k }}{{ v }} {% endfor %}', 'b2 a1 C3 '],
    ['{{ d.iterkeys() | list }}{{ d.itervalues() | list }}', "['b', 'a', 'C'][2, 1, 3]"],
    ["{{ d.has_key('a') }} {{ d.has_key('x') }}", 'True False'],
  ];
  it.each(rows)('%s', (...row) => check(row));
});
