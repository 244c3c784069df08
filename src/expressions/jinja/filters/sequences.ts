import {
  type Arguments,
  asDouble,
  bind,
  characters,
  compare,
  dictEntries,
  equals,
  getItem,
  hashKey,
  isDict,
  length,
  member,
  ordered,
  PythonError,
  PythonIterator,
  PythonObject,
  repr,
  Slice,
  sequenceItems,
  sorted,
  str,
  Tuple,
  toList,
  truthy,
  tryLength,
  typeError,
  typeName,
  unsupported,
} from '../../python/index.ts';
import { getAttribute, isUnsafe } from '../attributes.ts';
import type { Filter } from '../environment.ts';
import { escapeValue, Markup, plain } from '../markup.ts';
import { binaryOperation } from '../operators.ts';
import type { Run } from '../run.ts';
import { Undefined } from '../undefined.ts';
import { argumentError, attributeGetter, attributesGetter, ignoreCase, indexOf, noAttribute, same } from './helpers.ts';

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
    const hash = hashKey(plain(key(item)));
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
  const items: unknown[] = [];
  let size = 0;
  for (const item of run.each(value)) {
    const part = get(item);
    const kept = part instanceof Markup ? part : str(part);
    items.push(kept);
    const { length } = str(kept);
    size += length;
    run.spend(length >> 5);
    if (size > 10_000_000) throw new PythonError('MemoryError', 'the joined text is too long');
  }
  // With escaping on, one marked text makes the whole marked.
  if (!run.escaping || !(separator instanceof Markup || items.some((item) => item instanceof Markup))) {
    return items.map(str).join(str(separator));
  }
  return new Markup(items.map((item) => escapeValue(item).text).join(escapeValue(separator).text));
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
  if (value instanceof Markup)
    return characters(value.text)
      .map((letter) => new Markup(letter))
      .reverse();
  if (value instanceof PythonObject && /^(range|dict_(keys|values|items))$/.test(value.typeName)) {
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

/** What Python calls the iterators from behind. */
const REVERSED: Readonly<Record<string, string>> = {
  list: 'list_reverseiterator',
  dict: 'dict_reversekeyiterator',
  dict_keys: 'dict_reversekeyiterator',
  dict_values: 'dict_reversevalueiterator',
  dict_items: 'dict_reverseitemiterator',
  range: 'range_iterator',
};

const reverse: Filter = (run, value) => {
  if (typeof value === 'string') return getItem(value, new Slice(null, null, -1));
  if (value instanceof Markup) return value.item(new Slice(null, null, -1));
  if (value instanceof Undefined) value.iterate();
  const items = reversed(value);
  if (items === undefined) {
    try {
      return [...run.items(value)].reverse();
    } catch (error) {
      // Also what goes wrong while the items are made counts as not iterable.
      if (error instanceof PythonError && error.kind === 'TypeError') throw argumentError('argument must be iterable');
      throw error;
    }
  }
  run.spend(items.length);
  const name = REVERSED[typeName(value)] ?? 'reversed';
  return new PythonIterator(items[Symbol.iterator](), name, `<${name} object at 0x7f0000000000>`);
};

const random: Filter = (run, value) => {
  const size = length(value);
  if (size === 0) return run.undefined({ hint: 'No random item, sequence was empty.' });
  return getItem(value, Math.floor(Math.random() * size));
};

function* slices(run: Run, value: unknown, slices: unknown, fill: unknown): Generator<unknown> {
  const items = run.items(value);
  if (asDouble(slices) === undefined) throw unsupported('//', 0, slices);
  const count = indexOf(slices);
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

function* batches(run: Run, value: unknown, size: unknown, fill: unknown): Generator<unknown> {
  let batch: unknown[] = [];
  for (const item of run.each(value)) {
    if (equals(batch.length, size)) {
      yield batch;
      batch = [];
    }
    batch.push(item);
  }
  if (batch.length === 0) return;
  if (fill !== undefined && fill !== null && ordered('<', batch.length, size)) {
    const count = indexOf(size);
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
  const add = binaryOperation('+');
  let total = start;
  const items = run.items(value);
  if (typeof start === 'string' || start instanceof Markup) {
    throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
  }
  for (const item of items) total = add(run, total, get(item));
  return total;
};

const attr: Filter = (run, value, given) => {
  const [name] = bind('attr', given, ['name'], 1);
  const wanted = plain(name);
  if (typeof wanted !== 'string') throw typeError(`attribute name must be string, not '${typeName(name)}'`);
  // Only attributes, never items: a dict's keys are undefined here. Names that begin with "_" are left to the sandbox.
  const exists =
    (value instanceof Undefined && !wanted.startsWith('__')) ||
    member(value, wanted) !== undefined ||
    isUnsafe(value, wanted);
  return exists ? getAttribute(run, value, wanted) : run.undefined({ of: { value }, name: wanted });
};

const map: Filter = (run, value, given) => generator('sync_do_map', mapped(run, value, given));

/** As in Python, even wrong arguments are noticed only when the first item is asked for. */
function* mapped(run: Run, value: unknown, given: Arguments): Generator<unknown> {
  if (!truthy(value)) return;
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
  const find = once(() => known(run.environment.filters, 'filter', name));
  const passed: Arguments = { positional: rest, keywords: given.keywords };
  return (item) => run.weigh(find()(run, item, passed));
}

/** A filter or test by the value that names it. Throws TypeError for values that cannot be keys. */
function known(filters: ReadonlyMap<string, Filter>, what: string, name: unknown): Filter {
  hashKey(name);
  const found = filters.get(str(plain(name)));
  if (found === undefined) throw new PythonError('TemplateRuntimeError', `No ${what} named ${repr(name)}.`);
  return found;
}

/** Looked up when the first item needs it, as in Python: an empty list never notices a wrong name. */
function once<T>(compute: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: compute() };
    return found.value;
  };
}

/** `select`, `reject` and their forms that look at an attribute. */
function chooser(wanted: boolean, byAttribute: boolean): Filter {
  return (run, value, given) => generator('select_or_reject', chosen(run, value, given, wanted, byAttribute));
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
  const find = once(() => known(run.environment.tests, 'test', test));
  const passed: Arguments = { positional: rest, keywords: given.keywords };
  return (item) => truthy(find()(run, get(item), passed));
}

const items: Filter = (run, value) => generator('do_items', mappingPairs(run, value));

function* mappingPairs(run: Run, value: unknown): Generator<unknown> {
  if (value instanceof Undefined) return;
  if (!isDict(value)) throw typeError('Can only get item pairs from a mapping.');
  yield* pairs(run, value);
}

function* pairs(run: Run, dict: Parameters<typeof dictEntries>[0]): Generator<unknown> {
  for (const [key, value] of dictEntries(dict)) {
    run.spend(1);
    yield new Tuple([key, value]);
  }
}

const dictsort: Filter = (run, value, given) => {
  const [sensitive, by = 'key', reverseOrder] = bind('dictsort', given, ['case_sensitive', 'by', 'reverse']);
  if (by !== 'key' && by !== 'value') throw argumentError('You can only sort by either "key" or "value"');
  if (!isDict(value)) throw noAttribute(value, 'items');
  const list = [...pairs(run, value)];
  const change = caseOf(sensitive);
  const position = by === 'key' ? 0 : 1;
  return sorted(list, (pair) => change(sequenceItems(pair)?.[position]), truthy(reverseOrder));
};

const count: Filter = (_run, value) => {
  // An undefined value says its own.
  return value instanceof Undefined ? value.length() : length(value);
};

/** Jinja's filters on lists and other things that can be iterated. */
export const SEQUENCE_FILTERS: Readonly<Record<string, Filter>> = {
  attr,
  batch: (run, value, given) => {
    const [count, fill] = bind('batch', given, ['linecount', 'fill_with'], 1);
    return generator('do_batch', batches(run, value, count, fill));
  },
  count,
  dictsort,
  first,
  groupby,
  items,
  join,
  last,
  length: count,
  list: (run, value) => {
    run.spend((value instanceof PythonObject ? undefined : tryLength(value)) ?? 0);
    return value instanceof PythonObject ? [...run.items(value)] : toList(value);
  },
  map,
  max: extreme('max'),
  min: extreme('min'),
  random,
  reject: chooser(false, false),
  rejectattr: chooser(false, true),
  reverse,
  select: chooser(true, false),
  selectattr: chooser(true, true),
  slice: (run, value, given) => {
    const [count, fill] = bind('slice', given, ['slices', 'fill_with'], 1);
    return generator('sync_do_slice', slices(run, value, count, fill));
  },
  sort,
  sum,
  unique: (run, value, given) => {
    const [sensitive, attribute] = bind('unique', given, ['case_sensitive', 'attribute']);
    return generator('sync_do_unique', uniqueItems(run, value, attributeGetter(run, attribute, caseOf(sensitive))));
  },
};
