/**
 * Sets of field paths, as managedFields hold them (`fieldsV1`). A path element is kept in its written form: `f:NAME` a field, `k:{...}` the item
 * of a list with these keys, `v:...` the item of a set, `.` the thing itself.
 */
import { isMap, type JsonMap, own } from '../json.ts';

export interface FieldSet {
  /** Whether the path up to here is itself in the set. */
  member: boolean;
  readonly children: Map<string, FieldSet>;
}

export type FieldPath = readonly string[];

export function emptySet(): FieldSet {
  return { member: false, children: new Map() };
}

export function isEmpty(set: FieldSet): boolean {
  return !set.member && [...set.children.values()].every(isEmpty);
}

/** The subset below one element, made when missing. */
export function descend(set: FieldSet, element: string): FieldSet {
  let child = set.children.get(element);
  if (child === undefined) {
    child = emptySet();
    set.children.set(element, child);
  }
  return child;
}

export function fromFieldsV1(fields: JsonMap): FieldSet {
  const set = emptySet();
  for (const key of Object.keys(fields)) {
    if (key === '.') {
      set.member = true;
      continue;
    }
    const value = own(fields, key);
    const child = fromFieldsV1(isMap(value) ? value : {});
    if (child.children.size === 0) child.member = true;
    set.children.set(key, child);
  }
  return set;
}

export function toFieldsV1(set: FieldSet): JsonMap {
  const fields: JsonMap = {};
  if (set.member && set.children.size > 0) fields['.'] = {};
  for (const [key, child] of [...set.children].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!isEmpty(child)) fields[key] = toFieldsV1(child);
  }
  return fields;
}

/** Everything in `a` that is not in `b`. */
export function difference(a: FieldSet, b: FieldSet | undefined): FieldSet {
  const left: FieldSet = { member: a.member && b?.member !== true, children: new Map() };
  for (const [key, child] of a.children) {
    const rest = difference(child, b?.children.get(key));
    if (!isEmpty(rest)) left.children.set(key, rest);
  }
  return left;
}

export function union(a: FieldSet, b: FieldSet | undefined): FieldSet {
  if (b === undefined) return a;
  const all: FieldSet = { member: a.member || b.member, children: new Map(a.children) };
  for (const [key, child] of b.children) {
    const mine = all.children.get(key);
    all.children.set(key, mine === undefined ? child : union(mine, child));
  }
  return all;
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const common: FieldSet = { member: a.member && b.member, children: new Map() };
  for (const [key, child] of a.children) {
    const other = b.children.get(key);
    if (other === undefined) continue;
    const both = intersection(child, other);
    if (!isEmpty(both)) common.children.set(key, both);
  }
  return common;
}

/** A copy without what `keep` refuses; it is asked for the first elements only. */
export function restrictedTo(set: FieldSet, keep: (element: string) => boolean): FieldSet {
  return { member: set.member, children: new Map([...set.children].filter(([element]) => keep(element))) };
}

export function members(set: FieldSet, above: FieldPath = []): FieldPath[] {
  const found: FieldPath[] = set.member ? [above] : [];
  for (const [element, child] of set.children) found.push(...members(child, [...above, element]));
  return found;
}

export function hasMember(set: FieldSet, path: FieldPath): boolean {
  let found: FieldSet | undefined = set;
  for (const element of path) found = found?.children.get(element);
  return found?.member === true;
}

/** `.spec.ports[name="http"].port`, as conflicts name fields. */
export function printPath(path: FieldPath): string {
  return path
    .map((element) => {
      const text = element.slice(2);
      if (element.startsWith('f:')) return `.${text}`;
      if (element.startsWith('v:')) return `[=${text}]`;
      const keys: unknown = JSON.parse(text);
      const pairs = isMap(keys)
        ? Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        : [text];
      return `[${pairs.join(',')}]`;
    })
    .join('');
}
