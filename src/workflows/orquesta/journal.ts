import { Dict, dictEntries, Float, float, isDict, sequenceItems, str } from '../../expressions/index.ts';
import type { Json, JsonObject } from '../../model/index.ts';
import type { Change } from './changes.ts';
import type { ErrorEntry, Staged, Variables } from './state.ts';
import type { Status } from './statuses.ts';

/**
 * Changes as the journal keeps them: JSON. What JSON cannot say of a variable is wrapped: `{"$float": "1.0"}`, `{"$int": "..."}` beyond
 * 2^53, `{"$map": [[key, value], ...]}` for mappings with other keys than text, with keys that JavaScript would put in another
 * order, or that look like a wrapper. What is no data (a date, a set) becomes a list or Python's text.
 */
export function encodeChange(change: Change): JsonObject {
  switch (change.do) {
    case 'context':
      return {
        ...withoutUndefined({ do: 'context', base: change.base }),
        variables: encodeVariables(change.variables),
      };
    case 'output':
      return { do: 'output', output: change.output === undefined ? null : encodeVariables(change.output) };
    case 'error':
      return { do: 'error', error: { ...change.error, ...resultOf(change.error) } as JsonObject };
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

function resultOf({ result }: ErrorEntry): { result?: Json } {
  return result === undefined ? {} : { result: encode(result) };
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
        error: error.result === undefined ? error : { ...error, result: decode(error.result as Json) },
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

function encodeVariables(variables: Variables): Json {
  return encode(new Dict(variables));
}

function decodeVariables(json: Json | undefined): Variables {
  const value = decode(json ?? null);
  return new Map(isDict(value) ? ([...dictEntries(value)] as [string, unknown][]) : []);
}

/** A value of src/expressions as JSON. */
export function encode(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return { $int: String(value) };
  if (value instanceof Float) return { $float: str(value) };
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { $float: str(value) };
  if (isDict(value)) return encodeDict([...dictEntries(value)]);
  const items = sequenceItems(value) ?? iterated(value);
  return items === undefined ? str(value) : items.map(encode);
}

/** Keys that JavaScript's objects would move, and those of our wrappers. */
const UNSAFE = /^(?:\d+|\$\w+|__proto__)$/;

function encodeDict(entries: readonly (readonly [unknown, unknown])[]): Json {
  const isPlain = entries.every(([key]) => typeof key === 'string' && !UNSAFE.test(key));
  const encoded = entries.map(([key, item]) => [encode(key), encode(item)] as const);
  return isPlain
    ? Object.fromEntries(encoded as [string, Json][])
    : { $map: encoded.map(([key, item]) => [key, item]) };
}

function iterated(value: unknown): readonly unknown[] | undefined {
  return value instanceof Set || (typeof value === 'object' && value !== null && Symbol.iterator in value)
    ? [...(value as Iterable<unknown>)]
    : undefined;
}

export function decode(json: Json): unknown {
  if (Array.isArray(json)) return json.map(decode);
  if (typeof json !== 'object' || json === null) return json;
  const { $float, $int, $map } = json as { readonly $float?: Json; readonly $int?: Json; readonly $map?: Json };
  if (typeof $float === 'string') return float(Number($float.replace('inf', 'Infinity')));
  if (typeof $int === 'string') return BigInt($int);
  if (Array.isArray($map)) {
    return new Dict(
      $map.map((pair) => (Array.isArray(pair) ? [decode(pair[0] ?? null), decode(pair[1] ?? null)] : [null, null])),
    );
  }
  return new Dict(Object.entries(json).map(([key, item]) => [key, decode(item ?? null)] as const));
}
