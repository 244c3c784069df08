import { deepStrictEqual } from 'node:assert/strict';
import { dictEntries, isDict, parseJsonKeepingFloats, toJson } from '../../src/expressions/python/index.ts';

/** One case of a vector file. */
export interface Check {
  readonly id: string;
  /** Throws when Petrel answers differently. */
  run(): void;
}

/** Reads a vector file's text into its cases. */
export type Kind = (text: string) => readonly Check[];

interface Named {
  readonly id?: string;
  readonly name?: string;
}

/** A file of cases in plain JSON, each with an `id` or a `name`. */
export function plainKind<T extends Named>(run: (given: T) => void): Kind {
  return (text) => checks(JSON.parse(text), run);
}

/** The same where `1` and `1.0` must be told apart: floats are Python's, objects stay plain. */
export function floatKind<T extends Named>(run: (given: T) => void): Kind {
  return (text) => checks(plainObjects(parseJsonKeepingFloats(text)), run);
}

function checks<T extends Named>(file: unknown, run: (given: T) => void): Check[] {
  // The shape is what the file's own `fields` and README describe.
  const { cases } = file as { cases: readonly T[] };
  return cases.map((given, index) => ({ id: given.id ?? given.name ?? String(index), run: () => run(given) }));
}

function plainObjects(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainObjects);
  if (!isDict(value)) return value;
  return Object.fromEntries([...dictEntries(value)].map(([key, item]) => [key, plainObjects(item)]));
}

/** Two values are the same JSON; what is undefined in an object is not there. Throws when they differ. */
export function same(actual: unknown, expected: unknown): void {
  deepStrictEqual(json(actual), json(expected));
}

function json(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(toJson(value)));
}

/** What a computation throws; undefined when it throws nothing. */
export function thrownBy(compute: () => unknown): unknown {
  try {
    compute();
    return undefined;
  } catch (error) {
    return error ?? new Error('nothing was thrown, but thrown');
  }
}
