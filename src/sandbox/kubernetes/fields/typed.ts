/** What server-side apply does with values whose structure a schema tells: the fields a value sets, the difference of two, their merge. */
import { clone, equal, isMap, type Json, type JsonMap, own } from '../json.ts';
import { childSchema, hasProperty, isAtomicMap, isSetList, listMapKeys, type Schema } from '../schema/schema.ts';
import { descend, emptySet, type FieldSet } from './field-set.ts';

/** The path element of a list's item; undefined in a list that has one owner as a whole. */
export function itemElement(item: Json, schema: Schema | undefined): string | undefined {
  const keys = listMapKeys(schema);
  if (keys !== undefined && isMap(item)) {
    const identity: JsonMap = {};
    for (const key of [...keys].sort()) {
      // A key field that is missing counts with its default (a port's protocol is TCP).
      const value = own(item, key) ?? childSchema(schema?.items, key)?.default;
      if (value !== undefined) identity[key] = value;
    }
    return `k:${JSON.stringify(identity)}`;
  }
  return isSetList(schema) ? `v:${JSON.stringify(item)}` : undefined;
}

function isShared(value: Json | undefined, schema: Schema | undefined): value is JsonMap | Json[] {
  if (isMap(value)) return !isAtomicMap(schema);
  return Array.isArray(value) && (listMapKeys(schema) !== undefined || isSetList(schema));
}

interface Child {
  readonly element: string;
  readonly value: Json;
  readonly schema: Schema | undefined;
  /** Whether the element is owned as such: an item of a map or list, not a field the schema names. */
  readonly item: boolean;
}

function children(value: JsonMap | Json[], schema: Schema | undefined): Child[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const element = itemElement(item, schema);
      return element === undefined ? [] : [{ element, value: item, schema: schema?.items, item: true }];
    });
  }
  return Object.entries(value).flatMap(([key, child]) =>
    child === undefined
      ? []
      : [{ element: `f:${key}`, value: child, schema: childSchema(schema, key), item: !hasProperty(schema, key) }],
  );
}

/** The fields a value sets: what its applier owns. */
export function fieldsOf(value: Json, schema: Schema | undefined): FieldSet {
  const set = emptySet();
  if (!isShared(value, schema)) {
    set.member = true;
    return set;
  }
  for (const child of children(value, schema)) {
    const below = fieldsOf(child.value, child.schema);
    const bare = child.value === null || (isMap(child.value) && Object.keys(child.value).length === 0);
    if (child.item || bare) below.member = true;
    set.children.set(child.element, below);
  }
  return set;
}

/** Every path of a value, containers included: what the writer of something new owns. */
function wholeOf(value: Json, schema: Schema | undefined): FieldSet {
  const set = emptySet();
  set.member = true;
  if (isShared(value, schema)) {
    for (const child of children(value, schema)) set.children.set(child.element, wholeOf(child.value, child.schema));
  }
  return set;
}

export interface Difference {
  /** Fields that are new or have another value. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

export function compare(before: Json, after: Json, schema: Schema | undefined): Difference {
  const difference: Difference = { changed: emptySet(), removed: emptySet() };
  compareInto(before, after, schema, difference.changed, difference.removed);
  return difference;
}

function compareInto(
  before: Json | undefined,
  after: Json | undefined,
  schema: Schema | undefined,
  changed: FieldSet,
  removed: FieldSet,
): void {
  if (before === undefined || after === undefined) {
    if (after !== undefined) graft(changed, wholeOf(after, schema));
    if (before !== undefined) graft(removed, wholeOf(before, schema));
    return;
  }
  if (!isShared(before, schema) || !isShared(after, schema) || Array.isArray(before) !== Array.isArray(after)) {
    if (!equal(before, after)) changed.member = true;
    return;
  }
  const old = new Map(children(before, schema).map((child) => [child.element, child]));
  const fresh = new Map(children(after, schema).map((child) => [child.element, child]));
  for (const element of new Set([...old.keys(), ...fresh.keys()])) {
    const one = fresh.get(element) ?? old.get(element);
    const below = { changed: emptySet(), removed: emptySet() };
    compareInto(old.get(element)?.value, fresh.get(element)?.value, one?.schema, below.changed, below.removed);
    attach(changed, element, below.changed);
    attach(removed, element, below.removed);
  }
}

function graft(set: FieldSet, other: FieldSet): void {
  set.member ||= other.member;
  for (const [element, child] of other.children) set.children.set(element, child);
}

function attach(set: FieldSet, element: string, child: FieldSet): void {
  if (child.member || child.children.size > 0) graft(descend(set, element), child);
}

/** The live value with the applied one laid over it: maps and keyed lists item by item, everything else replaced. */
export function mergeTyped(live: Json | undefined, applied: Json, schema: Schema | undefined): Json {
  if (live === undefined || !isShared(live, schema) || !isShared(applied, schema)) return clone(applied);
  if (Array.isArray(applied)) return Array.isArray(live) ? mergeLists(live, applied, schema) : clone(applied);
  if (Array.isArray(live)) return clone(applied);
  const merged: JsonMap = { ...live };
  for (const [key, value] of Object.entries(applied)) {
    if (value !== undefined) merged[key] = mergeTyped(own(live, key), value, childSchema(schema, key));
  }
  return merged;
}

function mergeLists(live: readonly Json[], applied: readonly Json[], schema: Schema | undefined): Json[] {
  const wanted = new Map(applied.map((item) => [itemElement(item, schema), item]));
  const merged = live.map((item) => {
    const element = itemElement(item, schema);
    const over = wanted.get(element);
    wanted.delete(element);
    return over === undefined ? item : mergeTyped(item, over, schema?.items);
  });
  return [...merged, ...[...wanted.values()].map(clone)];
}

/**
 * A copy of a value without the fields in `gone`, except where `kept` (what others own) holds on to them or to something
 * below them.
 */
export function without(value: Json, schema: Schema | undefined, gone: FieldSet, kept: FieldSet): Json {
  if (!isShared(value, schema)) return value;
  const stays = (child: Child): { value: Json } | undefined => {
    const leaving = gone.children.get(child.element);
    if (leaving === undefined) return { value: child.value };
    const held = kept.children.get(child.element);
    const holds = held !== undefined && (held.member || held.children.size > 0);
    const removable = leaving.member || !isShared(child.value, child.schema);
    if (!holds && removable) return undefined;
    const rest = without(child.value, child.schema, leaving, held ?? emptySet());
    // A container whose last field was taken away goes with it, unless somebody else holds it.
    const emptied =
      isMap(rest) && Object.keys(rest).length === 0 && isMap(child.value) && Object.keys(child.value).length > 0;
    return emptied && !holds ? undefined : { value: rest };
  };
  const left = children(value, schema).flatMap((child) => {
    const rest = stays(child);
    return rest === undefined ? [] : [{ element: child.element, value: rest.value }];
  });
  if (Array.isArray(value)) return left.map((child) => child.value);
  return Object.fromEntries(left.map((child) => [child.element.slice(2), child.value]));
}
