import fc from 'fast-check';

const YAQL_STARTS = [
  ...'ctx().l ctx().d ctx().s ctx().x ctx().n ctx().e range(10) sequence() result() item() now() $ null'.split(' '),
  '[[1, 2], [3]]',
  '{a => 1, b => [2]}',
  'datetime(2024, 2, 29)',
  'timespan(days => 2)',
  'set(1, 2)',
  "regex('(a|b)+')",
  '[]',
  "'ab' * 1000",
];
const YAQL_STEPS = [
  ...'.toList() .len() .flatten() .distinct() .sum() .min() .first() .last(0) .items() .keys() .toSet() .memorize()'.split(
    ' ',
  ),
  ...'.cycle() .limit(7) .skip(1) .slice(2) .slice(0) .enumerate() .reverse() .any() .count() .toUpper() .a [0] [-1] [a]'.split(
    ' ',
  ),
  '.select($ + 1)',
  '.select([$, $])',
  '.select(str($))',
  '.where($ > 1)',
  '.groupBy($ mod 2)',
  '.orderBy(-$)',
  '.thenBy($)',
  '.toDict($, $)',
  '.selectMany(range($))',
  '.aggregate($1 + $2)',
  '.accumulate($1 + $2, 0)',
  ".join(',')",
  ".split(',')",
  ".replace('a', 'bb')",
  ".format('%Y-%m')",
  '.zip([1, 2])',
  '.join([1], true, [$1, $2])',
  '.insertMany(0, [1, 2])',
  '.repeat(5)',
  '.mergeWith({a => {b => 1}})',
  ".search('aab')",
  '.takeWhile($ < 5)',
  '.splitWhere($ = 2)',
  '.switchCase(1, 2)',
  '.unpack(a, b) -> $a',
  '.set(c, 3)',
  '.delete(0)',
  " + ' x'",
  ' + 1',
  ' + [1]',
  ' * 2',
  ' * 100000',
  ' - 1',
  ' / 2',
  ' and true',
  ' in [1, 2]',
  ' = null',
  ' > 1',
  " =~ '(a*)*b'",
];

/** A value of a kind, and what is usually done to such: more of it evaluates than of any tree. */
export const yaqlChain = fc
  .tuple(fc.constantFrom(...YAQL_STARTS), fc.array(fc.constantFrom(...YAQL_STEPS), { maxLength: 7 }))
  .map(([start, steps]) =>
    steps.reduce((text, step) => (step.startsWith(' ') ? `(${text}${step})` : text + step), start),
  );

const JINJA_STARTS = [
  ...'x d l s n f ctx() ctx().l ctx().d range(9) namespace(a=1) cycler(1,2) joiner() dict(a=1) result() item() none nothing'.split(
    ' ',
  ),
  "'a,b'",
  '[[1, 2], [3]]',
  '(1, 2)',
  "{'a': 1}",
  '2 ** 200',
  '1.5e300',
  "'%s %d'",
  "'{0:>9}'",
  'd.items()',
  's.split',
];
const JINJA_STEPS = [
  ...'|list |length |first |last |upper |title |sort |unique |sum |min |tojson |string |int |float |round |abs |join(",")'.split(
    ' ',
  ),
  ...'|map("string") |map(attribute="a") |select |reject("none") |batch(2)|list |slice(2)|list |dictsort |items |groupby(0)'.split(
    ' ',
  ),
  ...'.a .b [0] [1:] [::-1] .items() .keys() .values() .get("a") .upper() .split(",") .format(1,2) .append(1) .update(a=2)'.split(
    ' ',
  ),
  ...'|default(1) |replace("a","bb") |indent |wordwrap(2) |truncate(3) |center(9) |pprint |urlencode |e |safe |xmlattr'.split(
    ' ',
  ),
  ' + 1',
  ' ~ x',
  ' * 3',
  ' * 100000',
  ' % 7',
  ' // 2',
  ' ** 9',
  ' % (1, 2)',
  ' in l',
  ' is defined',
  ' == 1',
  ' < 2',
  ' or 1',
  ' if x else 2',
  '(1)',
];

export const jinjaChain = fc
  .tuple(fc.constantFrom(...JINJA_STARTS), fc.array(fc.constantFrom(...JINJA_STEPS), { maxLength: 7 }))
  .map(([start, steps]) =>
    steps.reduce((text, step) => (step.startsWith(' ') ? `(${text}${step})` : text + step), start),
  );
