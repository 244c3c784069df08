import { Dict, dictEntries, Float, float, isDict, sequenceItems, str } from '../../expressions/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/index.ts';
import { partOf, type Reference, type References } from '../references.ts';
import type { Change } from './changes.ts';
import type { ReadResult } from './expressions.ts';
import { late } from './late.ts';
import type { ErrorEntry, Staged, Variables } from './state.ts';
import type { Status } from './statuses.ts';

/**
 * Changes as the journal keeps them: JSON. What JSON cannot say of a variable is wrapped: `{"$float": "1.0"}`, `{"$int": "..."}` beyond
 * 2^53, `{"$map": [[key, value], ...]}` for mappings with other keys than text, with keys that JavaScript would put in another
 * order, or that look like a wrapper. What is no data (a date, a set) becomes a list or Python's text. What is large and stands in a
 * result is not repeated: `{"$result": [execution, ...path]}`.
 */
export function encodeChange(change: Change, references?: References): JsonObject {
  switch (change.do) {
    case 'context':
      return {
        ...withoutUndefined({ do: 'context', base: change.base }),
        variables: encodeVariables(change.variables, references),
      };
    case 'output':
      return { do: 'output', output: change.output === undefined ? null : encodeVariables(change.output, references) };
    case 'error':
      return { do: 'error', error: { ...change.error, ...resultOf(change.error, references) } as JsonObject };
    case 'stage': {
      const { items, ...rest } = change.staged;
      return {
        do: 'stage',
        staged: { ...withoutUndefined(rest), ...(items && { items: items.map((status) => status ?? null) }) },
      };
    }
    default:
      // All other changes hold texts, numbers, booleans and expressions of the definition, which is JSON.
      return withoutUndefined(change);
  }
}

function resultOf({ result }: ErrorEntry, references: References | undefined): { result?: Json } {
  return result === undefined ? {} : { result: referring(encode(result), references) };
}

/** The same with `$result` where it may be. */
function referring(json: Json, references: References | undefined): Json {
  if (references === undefined || !references.isLarge(json)) return json;
  const reference = references.find(json);
  if (reference !== undefined) return { $result: reference };
  if (Array.isArray(json)) return json.map((item: Json) => referring(item, references));
  if (!isJsonObject(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, referring(item ?? null, references)]));
}

function withoutUndefined(object: object): JsonObject {
  return JSON.parse(JSON.stringify(object)) as JsonObject;
}

export function decodeChange(json: JsonObject): Change {
  switch (json.do) {
    case 'context':
      return {
        do: 'context',
        base: typeof json.base === 'number' ? json.base : undefined,
        variables: decodeVariables(json.variables),
      };
    case 'output':
      return { do: 'output', output: json.output === null ? undefined : decodeVariables(json.output) };
    case 'error': {
      const error = json.error as unknown as ErrorEntry; // as `encodeChange` wrote it
      return {
        do: 'error',
        error: error.result === undefined ? error : { ...error, result: decodeLate(error.result as Json) },
      };
    }
    case 'stage': {
      const { items, ...rest } = json.staged as unknown as Omit<Staged, 'items'> & { items?: (Status | null)[] };
      return {
        do: 'stage',
        staged: { ...rest, retry: rest.retry, items: items?.map((status) => status ?? undefined) } as Staged,
      };
    }
    default:
      return json as unknown as Change; // the journal holds what `encodeChange` wrote
  }
}

function encodeVariables(variables: Variables, references: References | undefined): Json {
  return encodeEntries([...variables].map(([name, value]) => [name, referring(encode(value), references)]));
}

function decodeVariables(json: Json | undefined): Variables {
  return new Map(entriesOf(json ?? null).map(([name, value]) => [String(name), decodeLate(value)]));
}

/** A value of src/expressions as JSON. */
export function encode(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return { $int: String(value) };
  if (value instanceof Float) return { $float: str(value) };
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { $float: str(value) };
  if (isDict(value)) return encodeEntries([...dictEntries(value)].map(([key, item]) => [encode(key), encode(item)]));
  const items = sequenceItems(value) ?? iterated(value);
  return items === undefined ? str(value) : items.map(encode);
}

/** Keys that JavaScript's objects would move, and those of our wrappers. */
const UNSAFE = /^(?:\d+|\$\w+|__proto__)$/;

function encodeEntries(encoded: readonly (readonly [Json, Json])[]): Json {
  const isPlain = encoded.every(([key]) => typeof key === 'string' && !UNSAFE.test(key));
  return isPlain ? Object.fromEntries(encoded as [string, Json][]) : { $map: encoded };
}

function iterated(value: unknown): readonly unknown[] | undefined {
  return value instanceof Set || (typeof value === 'object' && value !== null && Symbol.iterator in value)
    ? [...(value as Iterable<unknown>)]
    : undefined;
}

/** The value, or what reads it where it refers to results. */
function decodeLate(json: Json): unknown {
  return refersToResults(json) ? late((results) => decode(json, results)) : decode(json);
}

function refersToResults(json: Json): boolean {
  if (typeof json !== 'object' || json === null) return false;
  if (Array.isArray(json)) return json.some(refersToResults);
  return '$result' in json || Object.values(json).some((item) => refersToResults(item ?? null));
}

export function decode(json: Json, results?: ReadResult): unknown {
  if (Array.isArray(json)) return json.map((item: Json) => decode(item, results));
  if (!isJsonObject(json)) return json;
  const { $float, $int, $result } = json;
  if (typeof $float === 'string') return float(Number($float.replace('inf', 'Infinity')));
  if (typeof $int === 'string') return BigInt($int);
  if (Array.isArray($result) && results !== undefined) {
    const reference = $result as unknown as Reference; // as `referring` wrote it
    return partOf(results(reference[0]), reference);
  }
  return new Dict(entriesOf(json).map(([key, item]) => [decode(key), decode(item, results)]));
}

/** What `encodeEntries` was given. */
function entriesOf(json: Json): readonly (readonly [Json, Json])[] {
  if (!isJsonObject(json)) return [];
  const { $map } = json;
  if (!Array.isArray($map)) return Object.entries(json).map(([key, item]) => [key, item ?? null]);
  return $map.map((pair: Json) => (Array.isArray(pair) ? [pair[0] ?? null, pair[1] ?? null] : [null, null]));
}
