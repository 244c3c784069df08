import {
  type Arguments,
  bind,
  compare,
  dictEntries,
  equals,
  getItem,
  hashKey,
  isDict,
  length,
  member,
  PythonError,
  PythonIterator,
  PythonObject,
  Slice,
  sequenceItems,
  sorted,
  str,
  Tuple,
  textRepr,
  toList,
  truthy,
  tryLength,
  typeError,
  typeName,
} from '../../python/index.ts';
import { getAttribute } from '../attributes.ts';
import type { Filter } from '../environment.ts';
import { Markup, plain } from '../markup.ts';
import { binaryOperation } from '../operators.ts';
import type { Run } from '../run.ts';
import { Undefined } from '../undefined.ts';
import { argumentError, attributeGetter, attributesGetter, ignoreCase, indexOf, same } from './helpers.ts';

function generator(name: string, items: Iterator<unknown>): PythonIterator {
  return new PythonIterator(items, 'generator', `<generator object ${name} at 0x7f0000000000>`);
}

function caseOf(caseSensitive: unknown): (value: unknown) => unknown {
  return truthy(caseSensitive) ? same : ignoreCase;
}

const sort: Filter = (run, value, given) => {
  const [reverse, sensitive, attribute] = bind('sort', given, ['reverse', 'case_sensitive', 'attribute']);
  return sorted(run.items(value), attributesGetter(run, attribute, caseOf(sensitive)), truthy(reverse));
};

function* uniqueItems(run: Run, value: unknown, key: (item: unknown) => unknown): Generator<unknown> {
  const seen = new Set<unknown>();
  for (const item of run.each(value)) {
    const hash = hashKey(key(item));
    if (seen.has(hash)) continue;
    seen.add(hash);
    yield item;
  }
}

/** The smallest or largest item, the first of equals. */
function extreme(name: 'min' | 'max'): Filter {
  return (run, value, given) => {
    const [sensitive, attribute] = bind(name, given, ['case_sensitive', 'attribute']);
    const key = attributeGetter(run, attribute, caseOf(sensitive));
    let best: { item: unknown; key: unknown } | undefined;
    for (const item of run.each(value)) {
      const candidate = { item, key: key(item) };
      const order = best === undefined ? 0 : compare(candidate.key, best.key, name === 'min' ? '<' : '>');
      if (best === undefined || (name === 'min' ? order < 0 : order > 0)) best = candidate;
    }
    return best === undefined ? run.undefined({ hint: 'No aggregated item, sequence was empty.' }) : best.item;
  };
}

const join: Filter = (run, value, given) => {
  const [separator = '', attribute] = bind('join', given, ['d', 'attribute']);
  const get = attribute === undefined || attribute === null ? same : attributeGetter(run, attribute);
  const parts: string[] = [];
  let size = 0;
  for (const item of run.each(value)) {
    const text = str(get(item));
    parts.push(text);
    size += text.length;
    run.spend(text.length >> 5);
    if (size > 10_000_000) throw new PythonError('MemoryError', 'the joined text is too long');
  }
  return parts.join(str(separator));
};

const first: Filter = (run, value) => {
  for (const item of run.each(value)) return item;
  return run.undefined({ hint: 'No first item, sequence was empty.' });
};

/** Python's `reversed`: only what has an order from both ends. */
function reversed(value: unknown): unknown[] | undefined {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Tuple || isDict(value)) {
    return toList(value).reverse();
  }
  if (value instanceof Markup || (value instanceof PythonObject && /^(range|dict_)/.test(value.typeName))) {
    return toList(value).reverse();
  }
  return undefined;
}

const last: Filter = (run, value) => {
  if (value instanceof Undefined) value.iterate();
  const items = reversed(value);
  if (items === undefined) throw typeError(`'${typeName(value)}' object is not reversible`);
  run.spend(items.length);
  return items.length === 0 ? run.undefined({ hint: 'No last item, sequence was empty.' }) : items[0];
};

const reverse: Filter = (run, value) => {
  if (typeof value === 'string') return getItem(value, new Slice(null, null, -1));
  if (value instanceof Undefined) value.iterate();
  const items = reversed(value);
  if (items === undefined) return [...run.items(value)].reverse();
  run.spend(items.length);
  const name = `${typeName(value) === 'dict' ? 'dict' : 'list'}_reverse${typeName(value) === 'dict' ? 'key' : ''}iterator`;
  return new PythonIterator(items[Symbol.iterator](), name, `<${name} object at 0x7f0000000000>`);
};

const random: Filter = (run, value) => {
  const size = length(value);
  if (size === 0) return run.undefined({ hint: 'No random item, sequence was empty.' });
  return getItem(value, Math.floor(Math.random() * size));
};

function* slices(run: Run, value: unknown, count: number, fill: unknown): Generator<unknown> {
  const items = run.items(value);
  if (count === 0) throw new PythonError('ZeroDivisionError', 'integer division or modulo by zero');
  const each = Math.floor(items.length / count);
  const extra = items.length - each * count;
  let offset = 0;
  for (let number = 0; number < count; number += 1) {
    run.spend(1);
    const start = offset + number * each;
    if (number < extra) offset += 1;
    const slice = items.slice(start, offset + (number + 1) * each);
    if (fill !== undefined && fill !== null && number >= extra) slice.push(fill);
    yield slice;
  }
}

function* batches(run: Run, value: unknown, count: number, fill: unknown): Generator<unknown> {
  let batch: unknown[] = [];
  for (const item of run.each(value)) {
    if (batch.length === count) {
      yield batch;
      batch = [];
    }
    batch.push(item);
  }
  if (batch.length === 0) return;
  if (fill !== undefined && fill !== null && batch.length < count) {
    run.spend(count);
    while (batch.length < count) batch.push(fill);
  }
  yield batch;
}

const groupby: Filter = (run, value, given) => {
  const [attribute, otherwise = null, sensitive] = bind(
    'groupby',
    given,
    ['attribute', 'default', 'case_sensitive'],
    1,
  );
  const key = attributeGetter(run, attribute, caseOf(sensitive), otherwise);
  const shown = attributeGetter(run, attribute, same, otherwise);
  const groups: { key: unknown; items: unknown[] }[] = [];
  for (const item of sorted(run.items(value), key, false)) {
    const itemKey = key(item);
    const group = groups.at(-1);
    if (group !== undefined && equals(group.key, itemKey)) group.items.push(item);
    else groups.push({ key: itemKey, items: [item] });
  }
  return groups.map(
    ({ key: found, items }) => new Tuple([truthy(sensitive) ? found : shown(items[0]), items], ['grouper', 'list']),
  );
};

const sum: Filter = (run, value, given) => {
  const [attribute, start = 0] = bind('sum', given, ['attribute', 'start']);
  const get = attribute === undefined || attribute === null ? same : attributeGetter(run, attribute);
  if (typeof start === 'string') throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
  const add = binaryOperation('+');
  let total = start;
  for (const item of run.each(value)) total = add(run, total, get(item));
  return total;
};

const attr: Filter = (run, value, given) => {
  const [name] = bind('attr', given, ['name'], 1);
  const wanted = str(name);
  if (value instanceof Undefined) throw value.fail();
  // Only attributes, never items: a dict's keys are undefined here. Names that begin with "_" are left to the sandbox.
  const exists = member(value, wanted) !== undefined || (wanted.startsWith('_') && !isDict(value));
  return exists ? getAttribute(run, value, wanted) : run.undefined({ of: { value }, name: wanted });
};

const map: Filter = (run, value, given) => generator('sync_do_map', mapped(run, value, given));

/** As in Python, even wrong arguments are noticed only when the first item is asked for. */
function* mapped(run: Run, value: unknown, given: Arguments): Generator<unknown> {
  const change = mapping(run, given);
  for (const item of run.each(value)) yield change(item);
}

function mapping(run: Run, given: Arguments): (item: unknown) => unknown {
  const [name, ...rest] = given.positional;
  const named = new Map(given.keywords);
  if (given.positional.length === 0 && named.has('attribute')) {
    const attribute = named.get('attribute');
    const otherwise = named.get('default') ?? null;
    named.delete('attribute');
    named.delete('default');
    const [unexpected] = named.keys();
    if (unexpected !== undefined) throw argumentError(`Unexpected keyword argument '${unexpected}'`);
    return attributeGetter(run, attribute, same, otherwise);
  }
  if (name === undefined) throw argumentError('map requires a filter argument');
  const filter = run.environment.filters.get(str(name));
  if (filter === undefined) throw new PythonError('TemplateRuntimeError', `No filter named ${textRepr(str(name))}.`);
  const passed: Arguments = { positional: rest, keywords: given.keywords };
  return (item) => run.weigh(filter(run, item, passed));
}

/** `select`, `reject` and their forms that look at an attribute. */
function chooser(name: string, wanted: boolean, byAttribute: boolean): Filter {
  return (run, value, given) => generator(`sync_do_${name}`, chosen(run, value, given, wanted, byAttribute));
}

function* chosen(
  run: Run,
  value: unknown,
  given: Arguments,
  wanted: boolean,
  byAttribute: boolean,
): Generator<unknown> {
  if (!truthy(value)) return;
  const passes = chosenBy(run, given, byAttribute);
  for (const item of run.each(value)) if (passes(item) === wanted) yield item;
}

function chosenBy(run: Run, given: Arguments, byAttribute: boolean): (item: unknown) => boolean {
  const names = [...given.positional];
  if (byAttribute && names.length === 0) throw argumentError('Missing parameter for attribute name');
  const get = byAttribute ? attributeGetter(run, names.shift()) : same;
  const [test, ...rest] = names;
  if (test === undefined) return (item) => truthy(get(item));
  const check = run.environment.tests.get(str(test));
  if (check === undefined) throw new PythonError('TemplateRuntimeError', `No test named ${textRepr(str(test))}.`);
  const passed: Arguments = { positional: rest, keywords: given.keywords };
  return (item) => truthy(check(run, get(item), passed));
}

const items: Filter = (run, value) => {
  if (value instanceof Undefined) return [];
  if (!isDict(value)) throw typeError('Can only get item pairs from a mapping.');
  return generator('do_items', pairs(run, value));
};

function* pairs(run: Run, dict: Parameters<typeof dictEntries>[0]): Generator<unknown> {
  for (const [key, value] of dictEntries(dict)) {
    run.spend(1);
    yield new Tuple([key, value]);
  }
}

const dictsort: Filter = (run, value, given) => {
  const [sensitive, by = 'key', reverseOrder] = bind('dictsort', given, ['case_sensitive', 'by', 'reverse']);
  if (by !== 'key' && by !== 'value') throw argumentError('You can only sort by either "key" or "value"');
  if (value instanceof Undefined) throw value.fail();
  if (!isDict(value)) throw typeError(`'${typeName(value)}' object has no attribute 'items'`);
  const list = [...pairs(run, value)];
  const change = caseOf(sensitive);
  const position = by === 'key' ? 0 : 1;
  return sorted(list, (pair) => change(sequenceItems(pair)?.[position]), truthy(reverseOrder));
};

/** Jinja's filters on lists and other things that can be iterated. */
export const SEQUENCE_FILTERS: Readonly<Record<string, Filter>> = {
  attr,
  batch: (run, value, given) => {
    const [count, fill] = bind('batch', given, ['linecount', 'fill_with'], 1);
    return generator('do_batch', batches(run, value, indexOf(count), fill));
  },
  count: (_run, value) => length(plain(value)),
  dictsort,
  first,
  groupby,
  items,
  join,
  last,
  length: (_run, value) => length(plain(value)),
  list: (run, value) => {
    run.spend((value instanceof PythonObject ? undefined : tryLength(value)) ?? 0);
    return value instanceof PythonObject ? [...run.items(value)] : toList(value);
  },
  map,
  max: extreme('max'),
  min: extreme('min'),
  random,
  reject: chooser('reject', false, false),
  rejectattr: chooser('rejectattr', false, true),
  reverse,
  select: chooser('select', true, false),
  selectattr: chooser('selectattr', true, true),
  slice: (run, value, given) => {
    const [count, fill] = bind('slice', given, ['slices', 'fill_with'], 1);
    return generator('sync_do_slice', slices(run, value, indexOf(count), fill));
  },
  sort,
  sum,
  unique: (run, value, given) => {
    const [sensitive, attribute] = bind('unique', given, ['case_sensitive', 'attribute']);
    return generator('sync_do_unique', uniqueItems(run, value, attributeGetter(run, attribute, caseOf(sensitive))));
  },
};
