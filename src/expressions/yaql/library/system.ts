import {
  type Dict,
  dictEntries,
  type JsonRecord,
  PythonError,
  PythonIterator,
  sequenceItems,
  truthy,
  valueError,
} from '../../python/index.ts';
import { define, defineRest, renamed } from '../definition.ts';
import { NO_RECEIVER } from '../failures.ts';
import { invoke } from '../invoke.ts';
import { trimmed } from '../levels.ts';
import { any, contextual, iterable, lambda, mapping, optional, sequence, text } from '../parameters.ts';
import { each } from '../values/iteration.ts';
import { memorized } from './memorize.ts';

/** A name as it can be written: what else a dict of keyword arguments holds is dropped, as in the original. */
const NAME = /^(?!__)[\p{L}\p{Nl}\p{No}_][\p{L}\p{N}_]*/u;

function keywordsOf(dict: Dict | JsonRecord): ReadonlyMap<string, unknown> {
  const keywords = new Map<string, unknown>();
  for (const [key, value] of dictEntries(dict)) if (typeof key === 'string' && NAME.test(key)) keywords.set(key, value);
  return keywords;
}

/** Names for values, functions of one's own, calls by name. `let` and its like answer a context, for `->`. */
export const SYSTEM = [
  defineRest('unpack', 'method', [iterable('sequence')], text('args'), (context, [values], names) => {
    const items = [];
    for (const item of each(context.run, values)) {
      items.push(item);
      if (names.length > 0 && items.length > names.length) break;
    }
    if (names.length > 0 && names.length !== items.length) {
      throw valueError(`Cannot unpack ${items.length} elements into ${names.length}`);
    }
    for (const [index, item] of items.entries()) context.set(names[index] ?? String(index + 1), item);
    return context;
  }),
  defineRest('with', 'function', [], any('args'), (context, _given, values) => {
    for (const [index, value] of values.entries()) context.set(String(index + 1), value);
    return context;
  }),
  defineRest(
    'let',
    'function',
    [],
    any('args'),
    (context, _given, values, keywords) => {
      for (const [index, value] of values.entries()) context.set(String(index + 1), value);
      for (const [name, value] of keywords) context.set(name, value);
      return context;
    },
    { keywords: any('kwargs') },
  ),
  define('def', 'function', [text('name'), lambda('func')], (context, name, body) => {
    const definition = defineRest(
      trimmed(name),
      'function',
      [],
      any('args'),
      (_inner, _given, values, keywords) => body.callWith(values, new Map(keywords)),
      { keywords: any('kwargs') },
    );
    context.define(definition);
    // The original knows the function by its name in camel case only.
    const camel = definition.name.replace(/(?!^)_([\p{L}\p{N}_])/gu, (_match, letter: string) => letter.toUpperCase());
    if (camel !== definition.name) context.define(renamed(definition, camel));
    return context;
  }),
  define('#operator_->', 'function', [contextual('left'), lambda('right')], (_context, left, right) => right.in(left)),
  define(
    'assert',
    'method',
    [any('obj'), lambda('condition'), optional(text('message'), 'Assertion failed')],
    (context, value, condition, message) => {
      const checked = value instanceof PythonIterator ? memorized(context.run, value) : value;
      if (!truthy(condition.call(checked))) throw new PythonError('AssertionError', message);
      return checked;
    },
  ),
  define(
    'call',
    'function',
    [text('name'), sequence('args'), mapping('kwargs'), optional(any('receiver'), NO_RECEIVER)],
    (context, name, values, keywords, receiver) => {
      return invoke(context, name, sequenceItems(values) ?? [], keywordsOf(keywords), receiver);
    },
  ),
];
