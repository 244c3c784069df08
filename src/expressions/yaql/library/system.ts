import {
  type Dict,
  dictEntries,
  type JsonRecord,
  PythonError,
  PythonIterator,
  sequenceItems,
  truthy,
  typeError,
  typeName,
  valueError,
} from '../../python/index.ts';
import { define, defineRest } from '../definition.ts';
import { NO_RECEIVER } from '../failures.ts';
import { invoke } from '../invoke.ts';
import { trimmed } from '../levels.ts';
import { any, contextual, iterable, lambda, mapping, optional, sequence, text } from '../parameters.ts';
import { each } from '../values/iteration.ts';
import { memorized } from './memorize.ts';

/** How a name begins that can be written. */
const NAME = /^(?!__)[\p{L}\p{Nl}\p{No}_]/u;

/** The keyword arguments of `call`. As the original: it fails where it means to drop what is no name. */
function keywordsOf(dict: Dict | JsonRecord): ReadonlyMap<string, unknown> {
  const keywords = new Map<string, unknown>();
  for (const [key, value] of dictEntries(dict)) {
    if (typeof key !== 'string') throw typeError(`expected string or bytes-like object, got '${typeName(key)}'`);
    if (!NAME.test(key)) throw new PythonError('RuntimeError', 'dictionary changed size during iteration');
    keywords.set(key, value);
  }
  return keywords;
}

/** A name may be written with its sign. */
function variableName(written: string): string {
  const name = written.startsWith('$') ? written.slice(1) : written;
  return name === '' ? '1' : name;
}

/** The name by which the original keeps a function of that name: in camel case, a prefix as `_x_` apart. */
function functionName(written: string): string {
  const name = trimmed(written);
  if (name === '' && written !== '') throw new PythonError('IndexError', 'string index out of range');
  const [first = ''] = name;
  const end = /^\p{L}/u.test(name) ? -1 : name.indexOf(first, first.length);
  if (end < 0) return /^\p{L}/u.test(name) ? camelCase(name) : name;
  return end <= 1 ? name : name.slice(0, end + 1) + camelCase(name.slice(end + 1));
}

function camelCase(name: string): string {
  return name.replace(/(?!^)_([\p{L}\p{N}_])/gu, (_match, letter: string) => letter.toUpperCase());
}

/** Names for values, functions of one's own, calls by name. `let` and its like answer a context, for `->`. */
export const SYSTEM = [
  defineRest('unpack', 'method', [iterable('sequence')], text('args'), (context, [values], names) => {
    const iterator = each(context.run, values)[Symbol.iterator]();
    const items: unknown[] = [];
    for (let step = iterator.next(); step.done !== true; step = iterator.next()) {
      items.push(step.value);
      if (items.length > names.length) break;
    }
    if (names.length === 0) {
      // As the original: of an iterator the first item is read before, and lost.
      let index = 1;
      for (const item of each(context.run, values)) context.set(String(index++), item);
      return context;
    }
    if (names.length !== items.length) {
      throw valueError(`Cannot unpack ${items.length} elements into ${names.length}`);
    }
    for (const [index, item] of items.entries()) context.set(variableName(names[index] ?? ''), item);
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
      functionName(name),
      'function',
      [],
      any('args'),
      (_inner, _given, values, keywords) => body.callWith(values, new Map(keywords)),
      { keywords: any('kwargs') },
    );
    context.define(definition);
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
