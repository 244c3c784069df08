import { describe, expect, it } from 'vitest';
import { repr } from '../../../src/expressions/python/index.ts';
import { createYaql } from '../../../src/expressions/yaql/index.ts';
import { PetrelError } from '../../../src/model/index.ts';

const yaql = createYaql({ now: () => 0 });

/** What Python prints of the result, or `!` and the error: its kind, with the message where authors go by it. */
function outcome(expression: string): string {
  try {
    return repr(yaql.compile(expression).evaluate());
  } catch (error) {
    if (!(error instanceof PetrelError)) throw error;
    const { kind, reason } = error.details;
    return /^(No|Yaql)/.test(String(kind)) ? `!${kind}: ${reason}` : `!${kind}`;
  }
}

/** Expected are the answers of YAQL 3.2.0 under Orquesta. */
describe('YAQL as the original', () => {
  describe('order of evaluation and refusal', () => {
    it.each([
      ['null + (1/0)', '!NoMatchingFunctionException: No function "#operator_+" matches supplied arguments'],
      ['(1/0) + null', '!NoMatchingFunctionException: No function "#operator_+" matches supplied arguments'],
      ['true + (1/0)', '!NoMatchingFunctionException: No function "#operator_+" matches supplied arguments'],
      ['1 + (1/0)', '!ZeroDivisionError'],
      ["'a' + (1/0)", '!ZeroDivisionError'],
      ['1 =~ (1/0)', '!NoMatchingFunctionException: No function "#operator_=~" matches supplied arguments'],
      ['(1/0) in null', '!NoMatchingFunctionException: No function "#operator_in" matches supplied arguments'],
      ['true[1/0]', '!NoMatchingFunctionException: No function "#indexer" matches supplied arguments'],
      ['1[1/0]', '!NoMatchingFunctionException: No function "#indexer" matches supplied arguments'],
      ['{}[1/0]', '!ZeroDivisionError'],
      ['{a => 1}.a - b', '!NoMatchingFunctionException: No function "#operator_-" matches supplied arguments'],
      ['null.foo(1/0)', '!NoMethodRegisteredException: Unknown method "foo" for receiver None'],
      ['1.len(1/0)', '!NoMatchingMethodException: No method "len" for receiver 1 matches supplied arguments'],
      ['a.split(1, 1/0)', '!NoMatchingMethodException: No method "split" for receiver a matches supplied arguments'],
      ['round(a, 1/0)', '!NoMatchingFunctionException: No function "round" matches supplied arguments'],
      ['nope(1/0)', '!NoFunctionRegisteredException: Unknown function "nope"'],
      ['round(1/0, ndigits => a)', '!ZeroDivisionError'],
      ['0 and (1/0)', '0'],
      ['1 or (1/0)', '1'],
    ])('%s', (expression, expected) => {
      expect(outcome(expression)).toBe(expected);
    });
  });

  describe('views of dicts', () => {
    it.each([
      ['{a => 1}.keys()', "{'a'}"],
      ['{a => 1}.items()', '!TypeError'],
      ['{a => 1}.values()', '[1]'],
      ['str({a => 1}.keys())', `"KeysView({'a': 1})"`],
      ['str({a => 1}.items())', `"ItemsView({'a': 1})"`],
      ['str([1].toDict($, $).keys())', "'dict_keys([1])'"],
      ['[a, 1] in {a => 1}.items()', 'True'],
      ['ab in {a => b}.items()', 'True'],
      ['1 in {a => 1}.items()', '!TypeError'],
      ['[1] in {1 => 1}.items()', '!ValueError'],
      ['1 in [1].toDict($, $).items()', 'False'],
      ['1 in [1].toDict($, $).keys()', 'True'],
      ['[{a => 1}.keys()].distinct()', '!TypeError'],
      ['{{a => 1}.keys() => 1}', '!TypeError'],
      ['[{a => 1}.values()].distinct().len()', '1'],
      ['{a => 1}.keys() = set(a)', 'True'],
      ['{a => 1}.keys() < set(a, b)', 'True'],
      ['{a => 1}.keys().union(set(b))', '!AttributeError'],
      ['{a => 1}.keys() - set(b)', '!AttributeError'],
      ['{a => 1}.keys()[0]', '!NoMatchingFunctionException: No function "#indexer" matches supplied arguments'],
      ['isSet({a => 1}.keys())', 'True'],
      ['isSet({a => 1}.values())', 'False'],
    ])('%s', (expression, expected) => {
      expect(outcome(expression)).toBe(expected);
    });
  });

  describe('iterators are read once, and no further than needed', () => {
    it.each([
      ['let(a => range(5)) -> [$a.first(), $a.first(), $a.toList()]', '[0, 1, [2, 3, 4]]'],
      ['let(a => range(5)) -> [1 in $a, $a.toList()]', '[True, [2, 3, 4]]'],
      ['let(a => range(5)) -> [$a.contains(2), $a.toList()]', '[True, [3, 4]]'],
      ['let(a => range(9)) -> [$a.slice(2).first(), $a.toList()]', '[[0, 1], [2, 3, 4, 5, 6, 7, 8]]'],
      ['let(a => range(9)) -> [[1, 2].zip($a).toList(), $a.toList()]', '[[[1, 0], [2, 1]], [2, 3, 4, 5, 6, 7, 8]]'],
      ['let(a => range(9)) -> [$a.zip([1, 2]).toList(), $a.toList()]', '[[[0, 1], [1, 2]], [3, 4, 5, 6, 7, 8]]'],
      ['let(a => range(9)) -> [$a.skipWhile($ < 3).first(), $a.toList()]', '[3, [4, 5, 6, 7, 8]]'],
      ['let(a => range(9).memorize()) -> [$a.limit(3).toList(), $a.first()]', '[[0, 1, 2], 0]'],
      ['let(a => range(3)) -> [$a.len(), $a.len()]', '[3, 0]'],
      ['5 in sequence()', 'True'],
      ['sequence().contains(5)', 'True'],
      ['range(3).unpack() -> [$1, $2, $3]', '[1, 2, None]'],
      ['[1, 2, 3].unpack() -> [$1, $2, $3]', '[1, 2, 3]'],
      ["[1, 2].unpack(a, '$b') -> [$a, $b]", '[1, 2]'],
      ['range(2).unpack(a, b, c) -> $a', '!ValueError'],
      ['[1].insert(0, 1) in set(1)', '!TypeError'],
      ['[3, 1, 2].where(true)[0]', '!NoMatchingFunctionException: No function "#indexer" matches supplied arguments'],
      [
        '[a, 1].orderBy($).reverse().len()',
        '!NoMatchingFunctionException: No function "#operator_<" matches supplied arguments',
      ],
      ['[a, 1].orderBy($).cycle().limit(0)', '[]'],
      ['bool([].select($))', 'True'],
      ['bool([].orderBy($))', 'True'],
    ])('%s', (expression, expected) => {
      expect(outcome(expression)).toBe(expected);
    });
  });

  describe('defined functions and calls by name', () => {
    it.each([
      ['def(f, $ + 1) -> f(1)', '2'],
      ['def(f, $a + 1) -> f(a => 1)', '2'],
      ['def(a_b, $) -> aB(1)', '1'],
      ['def(a_b, $) -> a_b(1)', '!NoFunctionRegisteredException: Unknown function "a_b"'],
      ['def(f_, $) -> f(1)', '1'],
      ['def(f, $) -> f_(1)', '1'],
      ["def('_', 1) -> 1", '!IndexError'],
      ['def(len, 5) -> [len([1]), [1].len()]', '[5, 1]'],
      ["def(str, x) -> [1, 2].join(',')", "'x,x'"],
      ["def('#operator_+', 7) -> 1 + 2", '7'],
      ["def('#operator_>', true) -> [1, 3, 2].max()", '2'],
      ['def(fact, switch($ < 2 => 1, true => $ * fact($ - 1))) -> fact(20)', '2432902008176640000'],
      ['let(a => let(b => 1)) -> ($a -> $b)', '1'],
      ['let(1) -> [2].select([$, $1, $2])', '[[2, 2, None]]'],
      ['1 -> 2', '!NoMatchingFunctionException: No function "#operator_->" matches supplied arguments'],
      ["call('len', [[1, 2]], {})", '2'],
      ["call('first', [], {default => 3}, [])", '3'],
      ["call('len', [[1]], {1 => 2})", '!TypeError'],
      ["call('len', [[1]], {'1a' => 2})", '!RuntimeError'],
      ["call('len', [[1]], {a => 1})", '!NoMatchingFunctionException: No function "len" matches supplied arguments'],
      ["call('dict', [], {a => 1})", '!ArgumentException'],
      ["call('isEmpty', [' '], {trim => false})", 'False'],
      [
        "call('isEmpty', [' '], {trimSpaces => false})",
        '!NoMatchingFunctionException: No function "isEmpty" matches supplied arguments',
      ],
      ['with_(1) -> $', '1'],
    ])('%s', (expression, expected) => {
      expect(outcome(expression)).toBe(expected);
    });
  });

  describe('regular expressions', () => {
    it.each([
      ['regex(a) = regex(a)', 'True'],
      ['regex(a) = regex(a, true)', 'False'],
      ['set(regex(a), regex(a)).len()', '1'],
      ["str(regex('a', true, true, true))", `"re.compile('a', re.IGNORECASE|re.MULTILINE|re.DOTALL)"`],
      [`str(regex("it's", dotAll => true))`, `'re.compile("it\\'s", re.DOTALL)'`],
      ["'abc'.replaceBy(regex(b), $.value.toUpper())", "'aBc'"],
      ["'abc'.replaceBy(regex(b), null)", "'ac'"],
      ["'abc'.replaceBy(regex(b), 1)", '!TypeError'],
      ["'abc'.replace(regex('(b)'), '[\\\\1]')", "'a[b]c'"],
      ["'abc'.replace(regex('(b)'), '\\\\2')", '!error'],
      ["'aaa'.replace(regex(a), b, -1)", "'aaa'"],
      ["regex('b').split('abcbd', -1)", "['abcbd']"],
      ["regex('(b)(x)?').split('abcbd')", "['a', 'b', None, 'c', 'b', None, 'd']"],
      ["regex('(b)(x)?').search('abc', $3)", "{'value': None, 'start': -1, 'end': -1}"],
      ["regex('(?P<n>b)').search('abc', $)", '!ValueError'],
      ["regex('(?P<n>bc)').search('abc', $)", '!IndexError'],
      ["regex('(?P<n>x)?b').search('abc', $)", '!TypeError'],
      ["regex('(?P<c>bc)').search('abc', [$b.value, $c])", "['c', None]"],
      ["regex('(?P<n>b)').search('abc')", "'b'"],
      ["regex('(')", '!error'],
      ["'abc' =~ 1", '!NoMatchingFunctionException: No function "#operator_=~" matches supplied arguments'],
    ])('%s', (expression, expected) => {
      expect(outcome(expression)).toBe(expected);
    });
  });

  describe('numbers', () => {
    it.each([
      ['abs(-0.0)', '0.0'],
      ['pow(3, -1, 7)', '5'],
      ['pow(2, -1, 4)', '!ValueError'],
      ['pow(2, 3, -5)', '-2'],
      ['pow(7, -2)', '0.02040816326530612'],
      ['pow(2, -1.5)', '0.3535533905932738'],
      ['pow(10, 400.0)', '!OverflowError'],
      ['pow(2.0, 3, 5)', '!TypeError'],
      ["int('٣')", '3'],
      ["float('٣.٥')", '3.5'],
      ['٣ + 1', '4'],
      ['٣.٥', '3.5'],
      ['7a', "!YaqlLexicalException: Lexical error: illegal character '7' at position 0"],
      ['1.5e3', "!YaqlLexicalException: Lexical error: illegal character '5' at position 2"],
      ['007', '7'],
      ['bitwiseAnd(true, true)', 'True'],
      ['bitwiseOr(true, 2)', '3'],
      ['bitwiseNot(true)', '-2'],
      ['-7 / 2', '-4'],
      ['7 mod -3', '-2'],
      ['7.5 mod -2', '-0.5'],
      ['1 / 0', '!ZeroDivisionError'],
      ['1.0 mod 0', '!ZeroDivisionError'],
      ['round(2.5)', '2.0'],
      ['round(25, -1)', '20'],
      ['round(2.675, 2)', '2.67'],
      ['true + 1', '!NoMatchingFunctionException: No function "#operator_+" matches supplied arguments'],
      ['1 = true', 'True'],
      ['[1, true, 1.0].distinct()', '[1]'],
      ['hex(-255)', "'-0xff'"],
      ['hex(1.0)', '!TypeError'],
    ])('%s', (expression, expected) => {
      expect(outcome(expression)).toBe(expected);
    });
  });

  describe('huge numbers', () => {
    it.each([
      ['[1, 2].enumerate(12345678901234567890)', '[[12345678901234567890, 1], [12345678901234567891, 2]]'],
      ['[a].enumerate(null)', '!TypeError'],
      ['[1, 2, 3].limit(12345678901234567890)', '!ValueError'],
      ['[1, 2, 3].skip(12345678901234567890)', '!ValueError'],
      ['[1, 2, 3].slice(-1)', '!ValueError'],
      ['[1, 2, 3][12345678901234567890]', '!IndexError'],
      ['[1].insert(12345678901234567890, 5)', '!OverflowError'],
      ['range(2).insert(12345678901234567890, 5)', '[0, 1, 5]'],
      ["'a b'.split(' ', 12345678901234567890)", '!OverflowError'],
      ["'aaa'.replace(a, b, 12345678901234567890)", '!OverflowError'],
      ["'abc'.substring(0, 12345678901234567890)", "'abc'"],
      ["'abc'.indexOf(b, -12345678901234567890)", '1'],
      ["'ab' * 12345678901234567890", '!OverflowError'],
      ["'' * 9007199254740993", "''"],
      ['[1] * -9007199254740993', '[]'],
      ['x.repeat(12345678901234567890)', '!OverflowError'],
      ['x.repeat(-12345678901234567890).first()', "'x'"],
      ['str(x.repeat(2))', `"repeat('x', 2)"`],
      ['str(sequence(5, 2))', "'count(5, 2)'"],
      ['datetime(2147483648, 1, 1)', '!OverflowError'],
      ['datetime(12345678901234567890)', '!OverflowError'],
      ['datetime(float(inf))', '!OverflowError'],
      ['datetime(float(nan))', '!ValueError'],
      ['datetime(253402300800)', '!ValueError'],
      ['timespan(seconds => 12345678901234567890)', '!OverflowError'],
      ['timespan(days => 1000000000)', '!OverflowError'],
    ])('%s', (expression, expected) => {
      expect(outcome(expression)).toBe(expected);
    });
  });

  describe('dates as text', () => {
    it.each([
      ["datetime(2024, 1, 5, 3, 4, 9, 42).format('%-d.%-m.%y %_H:%M:%S.%f')", "'5.1.24  3:04:09.000042'"],
      [
        "datetime(2024, 1, 5).format('%05d|%_5d|%-5d|%10A|%010A|%-10A')",
        "'00005|    5|    5|    Friday|0000Friday|    Friday'",
      ],
      ["datetime(2024, 1, 5).format('%^a %^B %#A %#p %^p %P')", "'FRI JANUARY FRIDAY am AM am'"],
      ["datetime(2024, 1, 5).format('%Ey %Od %EY %Ed %Ea')", "'24 05 2024 %Ed %Ea'"],
      ["datetime(2024, 1, 5).format('%5% %5 %q %-q %E% %')", "'    %   %5 %q %-q % %'"],
      ["datetime(987, 12, 31).format('%Y %C %G %F %10F %12Y')", "'987 9 988 987-12-31  987-12-31 000000000987'"],
      [
        "datetime(2024, 1, 5, offset => timespan(hours => -3, minutes => -30)).format('%z %Z| %5z %_6z %-z %#Z')",
        "'-0330 |     +00000      +     0 +0 utc'",
      ],
      [
        "datetime(2024, 1, 5).format('%c|%^c|%x|%D|%r|%R')",
        "'Fri Jan  5 00:00:00 2024|FRI JAN  5 00:00:00 2024|01/05/24|01/05/24|12:00:00 AM|00:00'",
      ],
      ["datetime(2021, 1, 3).format('%U %W %V %u %w %j %g')", "'01 00 53 7 0 003 20'"],
    ])('%s', (expression, expected) => {
      expect(outcome(expression)).toBe(expected);
    });
  });

  describe('dates out of text', () => {
    it.each([
      ["datetime('2024 10 1', '%Y %W %w')", 'datetime.datetime(2024, 3, 4, 0, 0, tzinfo=tzutc())'],
      ["datetime('2024 10 0', '%Y %U %w')", 'datetime.datetime(2024, 3, 10, 0, 0, tzinfo=tzutc())'],
      ["datetime('2024 00 3', '%Y %W %u')", 'datetime.datetime(2024, 1, 3, 0, 0, tzinfo=tzutc())'],
      ["datetime('00 6', '%W %u')", 'datetime.datetime(1900, 1, 6, 0, 0, tzinfo=tzutc())'],
      ["datetime('2024 10 1', '%G %V %u')", 'datetime.datetime(2024, 3, 4, 0, 0, tzinfo=tzutc())'],
      ["datetime('2024 53 1', '%G %V %u')", 'datetime.datetime(2024, 12, 30, 0, 0, tzinfo=tzutc())'],
      ["datetime('2024 10', '%G %V')", '!ValueError'],
      ["datetime('2024 10 1', '%Y %V %u')", '!ValueError'],
      ["datetime('2024 060', '%Y %j')", 'datetime.datetime(2024, 2, 29, 0, 0, tzinfo=tzutc())'],
      ["datetime('12 AM', '%I %p')", 'datetime.datetime(1900, 1, 1, 0, 0, tzinfo=tzutc())'],
      ["datetime('11 23', '%I %H')", 'datetime.datetime(1900, 1, 1, 23, 0, tzinfo=tzutc())'],
      ["datetime('23 11', '%H %I')", 'datetime.datetime(1900, 1, 1, 11, 0, tzinfo=tzutc())'],
      ["datetime('24', '%y')", 'datetime.datetime(2024, 1, 1, 0, 0, tzinfo=tzutc())'],
      ["datetime('69', '%y')", 'datetime.datetime(1969, 1, 1, 0, 0, tzinfo=tzutc())'],
      ["datetime('1 2', '%d %d')", '!error'],
      ["datetime('x', '%Q')", '!ValueError'],
      ["datetime('2024-01-01', '%Y')", '!ValueError'],
      ["datetime('29 Feb', '%d %b')", '!ValueError'],
      ["str(datetime('2024-01-01T10:00:00-02:30', '%Y-%m-%dT%H:%M:%S%z'))", "'2024-01-01 10:00:00-02:30'"],
    ])('%s', (expression, expected) => {
      expect(outcome(expression)).toBe(expected);
    });
  });

  describe('dates and durations', () => {
    it.each([
      [
        'datetime(2024, 1, 15, 10, offset => timespan(hours => 2)).utc',
        'datetime.datetime(2024, 1, 15, 8, 0, tzinfo=tzoffset(None, 7200))',
      ],
      ['datetime(2024, 1, 15, 10, offset => timespan(hours => 2)).timestamp', '1705298400.0'],
      ['datetime(2024, 1, 15) = datetime(2024, 1, 15, 2, offset => timespan(hours => 2))', 'True'],
      ['set(datetime(2024, 1, 15), datetime(2024, 1, 15, 2, offset => timespan(hours => 2))).len()', '1'],
      ['datetime(2024, 2, 29).replace(year => 2025)', '!ValueError'],
      ['datetime(2024, 1, 15) - datetime(2024, 1, 1)', 'datetime.timedelta(days=14)'],
      ['timespan(days => 1) * 0.5', 'datetime.timedelta(seconds=43200)'],
      ['timespan(microseconds => 3) / 2', 'datetime.timedelta(microseconds=2)'],
      ['timespan(days => 1) / timespan(hours => 5)', '4.8'],
      ['timespan(days => 1) / 0', '!ZeroDivisionError'],
      ['timespan(days => 1) > null', 'True'],
      ['datetime(2024, 1)', '!NoMatchingFunctionException: No function "datetime" matches supplied arguments'],
    ])('%s', (expression, expected) => {
      expect(outcome(expression)).toBe(expected);
    });
  });

  describe('literals', () => {
    it.each([
      ["'\\101\\x42\\u0043\\U0001F600'", "'ABC😀'"],
      ["'\\q\\8\\d'", "'\\\\q\\\\8\\\\d'"],
      ["'\\xzz'", '!UnicodeDecodeError'],
      ["'\\U00110000'", '!UnicodeDecodeError'],
      ['`a\\nb\\`c`', "'a\\\\nb`c'"],
      [`'a\\'b"c'`, `'a\\'b"c'`],
      ["'a' 'b'", "!YaqlGrammarException: Parse error: unexpected 'b' at position 4 of expression ''a' 'b''"],
      ["'a", "!YaqlLexicalException: Lexical error: illegal character ''' at position 0"],
    ])('%s', (expression, expected) => {
      expect(outcome(expression)).toBe(expected);
    });
  });

  describe('grammar', () => {
    it.each([
      ['1 +', '!YaqlGrammarException: Parse error: unexpected end of statement'],
      ['f(1,)', "!YaqlGrammarException: Parse error: unexpected ')' at position 4 of expression 'f(1,)'"],
      ['[,]', "!YaqlGrammarException: Parse error: unexpected ']' at position 2 of expression '[,]'"],
      [
        'f(a => 1, 2)',
        "!YaqlGrammarException: Parse error: unexpected ')' at position 11 of expression 'f(a => 1, 2)'",
      ],
      ['{a => 1,}', "!YaqlGrammarException: Parse error: unexpected '}' at position 8 of expression '{a => 1,}'"],
      ['$ a', "!YaqlGrammarException: Parse error: unexpected 'a' at position 2 of expression '$ a'"],
      ['__a', "!YaqlLexicalException: Lexical error: illegal character '_' at position 0"],
      ['a b', "!YaqlGrammarException: Parse error: unexpected 'b' at position 2 of expression 'a b'"],
      ['1 !  = 1', "!YaqlLexicalException: Lexical error: illegal character '!' at position 2"],
      ['a ? .b', "!YaqlLexicalException: Lexical error: illegal character '?' at position 2"],
      ['not', '!YaqlGrammarException: Parse error: unexpected end of statement'],
      ['mod(1)', '!NoFunctionRegisteredException: Unknown function "mod"'],
      ['range(1,,)', "!YaqlGrammarException: Parse error: unexpected ')' at position 9 of expression 'range(1,,)'"],
      ['range(, 3)', '!NoMatchingFunctionException: No function "range" matches supplied arguments'],
      ['1.a', '!NoFunctionRegisteredException: Unknown function "#property#a"'],
      ['[1]{a}', "!YaqlGrammarException: Parse error: unexpected '{' at position 3 of expression '[1]{a}'"],
      ['a(1)(2)', "!YaqlGrammarException: Parse error: unexpected '(' at position 4 of expression 'a(1)(2)'"],
      ["'a'.toupper()", '!NoMethodRegisteredException: Unknown method "toupper" for receiver a'],
      ["'a'.to_upper()", '!NoMethodRegisteredException: Unknown method "to_upper" for receiver a'],
      ['nope(1)', '!NoFunctionRegisteredException: Unknown function "nope"'],
      ['[1].nope()', '!NoMethodRegisteredException: Unknown method "nope" for receiver (1,)'],
      ['null.a', '!NoFunctionRegisteredException: Unknown function "#property#a"'],
      ['[1].a', '!NoFunctionRegisteredException: Unknown function "#property#a"'],
      ['{a => 1}.b', '!KeyError'],
    ])('%s', (expression, expected) => {
      expect(outcome(expression)).toBe(expected);
    });
  });

  describe('merging, grouping, sorting', () => {
    it.each([
      ['{a => [1]}.mergeWith({a => [2].insert(0, 1)})', '!TypeError'],
      ['{a => set(1)}.mergeWith({a => [1]})', '!TypeError'],
      ['{a => {b => [1]}}.mergeWith({a => {b => [2]}}, maxLevels => 1)', "{'a': {'b': [2]}}"],
      ['[1, 2, 3, 4].groupBy($ mod 2, aggregator => [$[0], $[1].sum()])', '[[1, 4], [0, 6]]'],
      ['[1, 2, 3].groupBy($ mod 2, aggregator => [$[0], $[1].sum()])', '[[1, 4], [0, 2]]'],
      [
        '[1, 2, 3].groupBy($ mod 2, aggregator => $.nope())',
        '!NoMethodRegisteredException: Unknown method "nope" for receiver [1, 3]',
      ],
      [
        '[true, false].orderBy($)',
        '!NoMatchingFunctionException: No function "#operator_<" matches supplied arguments',
      ],
      ['[3, null, 2].orderBy($)', '[None, 2, 3]'],
      ['dict([[a]])', '!StopIteration'],
      ['dict([set(1)])', '!StopIteration'],
      ['[].first()', '!StopIteration'],
      ['set([1].toDict($, $).keys())', '!TypeError'],
    ])('%s', (expression, expected) => {
      expect(outcome(expression)).toBe(expected);
    });
  });
});
