import { type Arguments, bind } from './arguments.ts';
import { Dict, dictEntries, dictGet, isDict, type JsonRecord, mutableDict } from './dict.ts';
import { compare, equals, truthy } from './equality.ts';
import { PythonError, typeError, valueError } from './errors.ts';
import { Slice, sliceBounds } from './indexing.ts';
import { isIterable, iterate, toList } from './iteration.ts';
import { checkItems } from './limits.ts';
import { asIndex } from './numbers.ts';
import { PythonObject } from './object.ts';
import { PySet } from './set.ts';
import { repr } from './text.ts';
import { sequenceItems, Tuple } from './tuple.ts';
import { typeName } from './types.ts';
import { asSet, DictView } from './views.ts';

type Method<Self> = (self: Self, given: Arguments) => unknown;

function position(value: unknown): number {
  return asIndex(value, `'${typeName(value)}' object cannot be interpreted as an integer`);
}

function indexOf(items: readonly unknown[], given: Arguments, what: string): number {
  const [wanted, start = 0, stop = null] = bind('index', given, ['value', 'start', 'stop'], 1);
  const [from, to] = sliceBounds(new Slice(start, stop, null), items.length);
  for (let index = from; index < to; index += 1) if (equals(items[index], wanted)) return index;
  throw valueError(what === 'tuple' ? 'tuple.index(x): x not in tuple' : `${repr(wanted)} is not in ${what}`);
}

function countOf(items: readonly unknown[], given: Arguments): number {
  const [wanted] = bind('count', given, ['value'], 1);
  return items.filter((item) => equals(item, wanted)).length;
}

/** Python's `sorted(items, key, reverse)`: stable, also in reverse. */
export function sorted(items: Iterable<unknown>, key: (item: unknown) => unknown, reverse: boolean): unknown[] {
  const keyed = [...items].map((item) => ({ item, key: key(item) }));
  keyed.sort((left, right) => (reverse ? compare(right.key, left.key) : compare(left.key, right.key)));
  return keyed.map((entry) => entry.item);
}

function sort(self: unknown[], given: Arguments): null {
  if (given.positional.length > 0) throw typeError('sort() takes no positional arguments');
  const [key, reverse] = bind('sort', given, ['key', 'reverse']);
  const by = (item: unknown) => {
    if (key === undefined || key === null) return item;
    if (key instanceof PythonObject) return key.call({ positional: [item], keywords: undefined });
    throw typeError(`'${typeName(key)}' object is not callable`);
  };
  const ordered = sorted(self, by, truthy(reverse));
  self.splice(0, self.length, ...ordered);
  return null;
}

function pop(self: unknown[], given: Arguments): unknown {
  const [index = -1] = bind('pop', given, ['index']);
  const at = position(index);
  if (self.length === 0) throw new PythonError('IndexError', 'pop from empty list');
  const place = at < 0 ? at + self.length : at;
  if (place < 0 || place >= self.length) throw new PythonError('IndexError', 'pop index out of range');
  return self.splice(place, 1)[0];
}

const LIST: Readonly<Record<string, Method<unknown[]>>> = {
  append: (self, given) => {
    checkItems(self.length + 1);
    self.push(bind('append', given, ['object'], 1)[0]);
    return null;
  },
  clear: (self) => {
    self.length = 0;
    return null;
  },
  copy: (self) => self.slice(),
  count: countOf,
  extend: (self, given) => {
    const added = toList(bind('extend', given, ['iterable'], 1)[0]);
    checkItems(self.length + added.length);
    for (const item of added) self.push(item);
    return null;
  },
  index: (self, given) => indexOf(self, given, 'list'),
  insert: (self, given) => {
    const [index, value] = bind('insert', given, ['index', 'object'], 2);
    checkItems(self.length + 1);
    self.splice(position(index), 0, value);
    return null;
  },
  pop,
  remove: (self, given) => {
    const [wanted] = bind('remove', given, ['value'], 1);
    const at = self.findIndex((item) => equals(item, wanted));
    if (at < 0) throw valueError('list.remove(x): x not in list');
    self.splice(at, 1);
    return null;
  },
  reverse: (self) => {
    self.reverse();
    return null;
  },
  sort,
};

const TUPLE: Readonly<Record<string, Method<Tuple>>> = {
  count: (self, given) => countOf(self.items, given),
  index: (self, given) => indexOf(self.items, given, 'tuple'),
};

/** The pairs that `dict(...)` and `update(...)` take: a mapping, or an iterable of pairs. */
export function pairsOf(source: unknown): Iterable<readonly [unknown, unknown]> {
  if (isDict(source)) return dictEntries(source);
  const pairs: [unknown, unknown][] = [];
  for (const item of iterate(source)) {
    if (!isIterable(item)) {
      throw typeError(`cannot convert dictionary update sequence element #${pairs.length} to a sequence`);
    }
    const pair = sequenceItems(item) ?? toList(item);
    if (pair.length !== 2) {
      throw valueError(`dictionary update sequence element #${pairs.length} has length ${pair.length}; 2 is required`);
    }
    pairs.push([pair[0], pair[1]]);
  }
  return pairs;
}

const DICT: Readonly<Record<string, Method<Dict | JsonRecord>>> = {
  clear: (self) => {
    mutableDict(self).clear();
    return null;
  },
  copy: (self) => new Dict(dictEntries(self)),
  fromkeys: (_self, given) => {
    const [keys, value = null] = bind('fromkeys', given, ['iterable', 'value'], 1);
    const dict = new Dict();
    for (const key of iterate(keys)) dict.set(key, value);
    return dict;
  },
  get: (self, given) => {
    const [key, otherwise = null] = bind('get', given, ['key', 'default'], 1);
    return dictGet(self, key) ?? (dictGet(self, key) === null ? null : otherwise);
  },
  // Python 2's, which templates of its time call; Python 3 has no such names.
  has_key: (self, given) => dictGet(self, bind('has_key', given, ['key'], 1)[0]) !== undefined,
  items: (self) => new DictView('items', self),
  iteritems: (self) => new DictView('items', self),
  iterkeys: (self) => new DictView('keys', self),
  itervalues: (self) => new DictView('values', self),
  keys: (self) => new DictView('keys', self),
  pop: (self, given) => {
    const [key, otherwise] = bind('pop', given, ['key', 'default'], 1);
    const dict = mutableDict(self);
    const value = dict.get(key);
    if (value === undefined && otherwise === undefined) throw new PythonError('KeyError', repr(key));
    dict.delete(key);
    return value === undefined ? otherwise : value;
  },
  popitem: (self) => {
    const dict = mutableDict(self);
    const last = [...dict.entries()].at(-1);
    if (last === undefined) throw new PythonError('KeyError', "'popitem(): dictionary is empty'");
    dict.delete(last[0]);
    return new Tuple(last);
  },
  setdefault: (self, given) => {
    const [key, otherwise = null] = bind('setdefault', given, ['key', 'default'], 1);
    const dict = mutableDict(self);
    const value = dict.get(key);
    if (value !== undefined) return value;
    dict.set(key, otherwise);
    return otherwise;
  },
  update: (self, given) => {
    const dict = mutableDict(self);
    if (given.positional.length > 1)
      throw typeError(`update expected at most 1 argument, got ${given.positional.length}`);
    if (given.positional.length === 1) for (const [key, value] of pairsOf(given.positional[0])) dict.set(key, value);
    for (const [key, value] of given.keywords ?? []) dict.set(key, value);
    return null;
  },
  values: (self) => new DictView('values', self),
};

function combined(compute: (left: PySet, right: PySet) => Iterable<unknown>): Method<PySet> {
  return (self, given) =>
    given.positional.reduce<PySet>((set, other) => new PySet(compute(set, asSet(other))), new PySet(self));
}

const SET: Readonly<Record<string, Method<PySet>>> = {
  add: (self, given) => {
    self.add(bind('add', given, ['element'], 1)[0]);
    return null;
  },
  clear: (self) => {
    self.clear();
    return null;
  },
  copy: (self) => new PySet(self),
  difference: combined((left, right) => [...left].filter((value) => !right.has(value))),
  discard: (self, given) => {
    self.delete(bind('discard', given, ['element'], 1)[0]);
    return null;
  },
  intersection: combined((left, right) => [...left].filter((value) => right.has(value))),
  isdisjoint: (self, given) => ![...asSet(bind('isdisjoint', given, ['other'], 1)[0])].some((value) => self.has(value)),
  issubset: (self, given) => {
    const other = asSet(bind('issubset', given, ['other'], 1)[0]);
    return [...self].every((value) => other.has(value));
  },
  issuperset: (self, given) => [...asSet(bind('issuperset', given, ['other'], 1)[0])].every((value) => self.has(value)),
  pop: (self) => {
    const [first] = self;
    if (self.size === 0) throw new PythonError('KeyError', "'pop from an empty set'");
    self.delete(first);
    return first;
  },
  remove: (self, given) => {
    const [value] = bind('remove', given, ['element'], 1);
    if (!self.delete(value)) throw new PythonError('KeyError', repr(value));
    return null;
  },
  symmetric_difference: combined((left, right) => [
    ...[...left].filter((value) => !right.has(value)),
    ...[...right].filter((value) => !left.has(value)),
  ]),
  union: combined((left, right) => [...left, ...right]),
  update: (self, given) => {
    for (const other of given.positional) for (const value of iterate(other)) self.add(value);
    return null;
  },
};

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

export const listMethod = (name: string) => own(LIST, name);
export const tupleMethod = (name: string) => own(TUPLE, name);
export const dictMethod = (name: string) => own(DICT, name);
export const setMethod = (name: string) => own(SET, name);

const MUTATORS = new Set(
  'append clear extend insert pop remove reverse sort popitem setdefault update add discard'.split(' '),
);

/** Whether a method of that name changes a list, dict or set in place. */
export function isMutator(name: string): boolean {
  return MUTATORS.has(name);
}
