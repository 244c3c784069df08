import {
  Dict,
  dictGet,
  dictSize,
  equals,
  getItem,
  isDict,
  PythonError,
  tryIterate,
  typeError,
  typeName,
} from '../../python/index.ts';
import type { Context } from '../context.ts';
import { define, defineRest, renamed } from '../definition.ts';
import type { Lambda } from '../lambda.ts';
import { any, iterable, lambda, mapping, optional, rule } from '../parameters.ts';
import { each, eachEntry, frozenWith, type IterableValue, viewOf } from '../values/iteration.ts';

const DICT = mapping('dict');

/** A key and a value: the first two things a pair yields. */
function pairOf(pair: unknown): [unknown, unknown] {
  const iterator = tryIterate(pair);
  if (iterator === undefined) throw typeError(`'${typeName(pair)}' object is not iterable`);
  const key = iterator.next();
  const value = key.done === true ? key : iterator.next();
  if (value.done === true) throw new PythonError('StopIteration', '');
  return [key.value, value.value];
}

function* pairs(context: Context, items: IterableValue): Generator<[unknown, unknown]> {
  for (const item of each(context.run, items)) yield pairOf(item);
}

const dict = defineRest(
  'dict',
  'function',
  [],
  rule('args'),
  (context, _given, rules) =>
    frozenWith(
      context.run,
      rules.map(({ source, destination }) => [source, destination] as const),
    ),
  { takesRules: true },
);

function without(context: Context, from: Parameters<typeof eachEntry>[1], keys: Iterable<unknown>): Dict {
  const copy = new Dict(eachEntry(context.run, from));
  for (const key of keys) copy.delete(key);
  return copy;
}

function toDict(context: Context, values: IterableValue, key: Lambda, value: Lambda | null): Dict {
  const made = new Dict();
  for (const item of each(context.run, values)) made.set(key.call(item), value === null ? item : value.call(item));
  return made;
}

export const DICTS = [
  dict,
  renamed(dict, '#map'),
  define('dict', 'function', [iterable('items')], (context, items) => frozenWith(context.run, pairs(context, items)), {
    takesRules: true,
  }),
  define(
    'toDict',
    'method',
    [iterable('collection'), lambda('keySelector'), optional(lambda('valueSelector'), null)],
    (context, values, key, value) => toDict(context, values, key, value),
  ),
  define('isDict', 'function', [any('arg')], (_context, value) => isDict(value)),
  define('len', 'both', [DICT], (_context, value) => dictSize(value)),
  define('#indexer', 'function', [DICT, any('key')], (_context, value, key) => getItem(value, key)),
  define('#indexer', 'function', [DICT, any('key'), any('default')], (_context, value, key, otherwise) => {
    const found = dictGet(value, key);
    return found === undefined ? otherwise : found;
  }),
  define('get', 'method', [DICT, any('key'), optional(any('default'), null)], (_context, value, key, otherwise) => {
    const found = dictGet(value, key);
    return found === undefined ? otherwise : found;
  }),
  define(
    'set',
    'method',
    [DICT, any('key'), any('value')],
    (context, value, key, member) => frozenWith(context.run, eachEntry(context.run, value), [[key, member]]),
    { takesRules: true },
  ),
  define(
    'set',
    'method',
    [DICT, mapping('replacements')],
    (context, value, replacements) =>
      frozenWith(context.run, eachEntry(context.run, value), eachEntry(context.run, replacements)),
    { takesRules: true },
  ),
  defineRest(
    'set',
    'method',
    [DICT],
    rule('args'),
    (context, [value], rules) =>
      frozenWith(
        context.run,
        eachEntry(context.run, value),
        rules.map(({ source, destination }) => [source, destination] as const),
      ),
    { takesRules: true },
  ),
  define('keys', 'method', [DICT], (_context, value) => viewOf('keys', value)),
  define('values', 'method', [DICT], (_context, value) => viewOf('values', value)),
  define('items', 'method', [DICT], (_context, value) => viewOf('items', value)),
  define('containsKey', 'method', [DICT, any('key')], (_context, value, key) => dictGet(value, key) !== undefined),
  define('containsValue', 'method', [DICT, any('value')], (context, value, member) => {
    for (const [, other] of eachEntry(context.run, value)) if (equals(other, member)) return true;
    return false;
  }),
  define('#operator_+', 'function', [mapping('left'), mapping('right')], (context, left, right) => {
    return frozenWith(context.run, eachEntry(context.run, left), eachEntry(context.run, right));
  }),
  defineRest('delete', 'method', [DICT], any('keys'), (context, [value], keys) => without(context, value, keys)),
  define('deleteAll', 'method', [DICT, iterable('keys')], (context, value, keys) => {
    return without(context, value, each(context.run, keys));
  }),
];
