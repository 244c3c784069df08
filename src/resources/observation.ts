import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json, type JsonObject } from '../model/index.ts';

/** What was seen outside of one object, at one time. */
export interface Observation {
  /** When the look began. Epoch milliseconds. */
  readonly at: number;
  readonly exists: boolean;
  /** The tag it carries; absent: the handler does not say. */
  readonly tag?: string;
  /** Fields of the spec as they are outside. */
  readonly state: JsonObject;
  /** What else is not as it should be, in words. */
  readonly drift: readonly string[];
}

/** Reads what an `observe` handler answers, or one item of a `list`: `exists` (default true), `owner`, `state`, `drift`. */
export function readObservation(value: Json, at: number): Observation {
  if (!isJsonObject(value)) return { at, exists: value !== null && value !== false, state: {}, drift: [] };
  const { exists, owner, state, drift } = value;
  return {
    at,
    exists: exists === undefined || (exists !== null && exists !== false),
    ...(typeof owner === 'string' && { tag: owner }),
    state: isJsonObject(state) ? state : {},
    drift: Array.isArray(drift) ? drift.filter((text) => typeof text === 'string') : [],
  };
}

/** All that is outside otherwise than wished: paths of fields, and what the handler said beside them. */
export function deviationsOf(desired: JsonObject, { state, drift }: Pick<Observation, 'state' | 'drift'>) {
  return [...differenceOf(desired, state), ...drift];
}

/** Paths of the fields that are outside otherwise than wished. What is wished and not reported is not compared. */
export function differenceOf(desired: JsonObject, state: JsonObject): readonly string[] {
  return Object.entries(state).flatMap(([field, seen]) =>
    Object.hasOwn(desired, field) ? compare(field, desired[field], seen) : [],
  );
}

function compare(path: string, wished: Json | undefined, seen: Json | undefined): readonly string[] {
  if (isDeepStrictEqual(wished ?? null, seen ?? null)) return [];
  if (!isJsonObject(wished) || !isJsonObject(seen)) return [path];
  const fields = new Set([...Object.keys(wished), ...Object.keys(seen)]);
  return [...fields].flatMap((field) => compare(`${path}.${field}`, wished[field], seen[field]));
}

/** What an action answers, without what its runner puts around it. */
export function answerOf(runnerType: string, result: Json): Json {
  const inner: Readonly<Record<string, string>> = {
    'typescript-script': 'result',
    'python-script': 'result',
    'typescript-workflow': 'result',
    orquesta: 'output',
    'action-chain': 'published',
  };
  const field = inner[runnerType];
  if (field === undefined || !isJsonObject(result)) return result;
  return result[field] ?? null;
}
