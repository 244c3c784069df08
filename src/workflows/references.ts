import { type Id, isJsonObject, type Json } from '../model/index.ts';
import type { WorkflowEnvironment } from './conductor.ts';

/**
 * Where a value stands that a journal does not repeat: in the result of a child, at the end of a path. A result of five megabytes
 * that is published is stored once, as a result.
 */
export type Reference = readonly [executionId: Id, ...path: (string | number)[]];

/**
 * From this weight on (roughly characters of JSON) a value is referred to. Below it, reading the result again when the variable is
 * looked at costs more than a copy.
 */
const LARGE = 8192;

export interface References {
  isLarge(value: Json): boolean;
  /** Where the value stands in one of the results; undefined for a small one, or when it stands in none. */
  find(value: Json): Reference | undefined;
}

interface Part {
  readonly reference: Reference;
  readonly value: Json;
}

/** The environment of one decision, and what is read of results through it. */
export function recordingReads(given: WorkflowEnvironment): {
  readonly environment: WorkflowEnvironment;
  readonly read: ReadonlyMap<Id, Json>;
} {
  const read = new Map<Id, Json>();
  const result = (id: Id): Json => {
    const found = given.result(id);
    read.set(id, found);
    return found;
  };
  return { environment: { ...given, result }, read };
}

/** Finds values in results. The results are looked through when the first large value is sought. */
export function referencesInto(results: ReadonlyMap<Id, Json>): References {
  const weights = new WeakMap<object, number>();
  let parts: Map<number, Part[]> | undefined;

  const weigh = (value: Json): number => {
    if (typeof value === 'string') return value.length + 2;
    if (typeof value !== 'object' || value === null) return 4;
    const known = weights.get(value);
    if (known !== undefined) return known;
    let weight = 2;
    for (const [key, item] of entriesOf(value)) weight += weigh(item) + (typeof key === 'string' ? key.length + 4 : 1);
    weights.set(value, weight);
    return weight;
  };

  const gather = (value: Json, reference: Reference, into: Map<number, Part[]>): void => {
    const weight = weigh(value);
    if (weight < LARGE) return;
    into.set(weight, [...(into.get(weight) ?? []), { reference, value }]);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of entriesOf(value)) gather(item, [...reference, key], into);
  };

  const all = (): Map<number, Part[]> => {
    const found = new Map<number, Part[]>();
    for (const [id, result] of results) gather(result, [id], found);
    return found;
  };

  return {
    isLarge: (value) => weigh(value) >= LARGE,
    find(value) {
      const weight = weigh(value);
      if (weight < LARGE) return undefined;
      parts ??= all();
      return parts.get(weight)?.find((part) => isSame(part.value, value))?.reference;
    },
  };
}

/** What a reference leads to; null where there is nothing any more. */
export function partOf(result: Json, [, ...path]: Reference): Json {
  let part = result;
  for (const step of path) {
    if (Array.isArray(part)) part = part[Number(step)] ?? null;
    else if (isJsonObject(part) && Object.hasOwn(part, step)) part = part[step] ?? null;
    else return null;
  }
  return part;
}

function entriesOf(value: object): Iterable<readonly [string | number, Json]> {
  if (Array.isArray(value)) return value.entries();
  // An object of JSON holds JSON; a member that is undefined is as good as absent.
  return Object.entries(value).filter(([, item]) => item !== undefined) as [string, Json][];
}

/**
 * Equal to the last character, order of keys included, since expressions can print it. Keys that begin with `$` may be a journal's own
 * wrappers and not data: where there are any, the two are not the same.
 */
function isSame(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const others = [...entriesOf(right)];
  let index = 0;
  for (const [key, item] of entriesOf(left)) {
    const other = others[index++];
    if (other === undefined || other[0] !== key || (typeof key === 'string' && key.startsWith('$'))) return false;
    if (!isSame(item, other[1])) return false;
  }
  return index === others.length;
}
