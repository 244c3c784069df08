import { type JsonValue, literalEval, parseJsonKeepingFloats, toJson } from './python/index.ts';

/**
 * Reads text as JSON, else as a Python literal, as StackStorm does wherever it takes a list or an object as text. Tuples and sets
 * become arrays, keys text. Throws PythonError.
 */
export function parseJsonOrLiteral(text: string): JsonValue {
  try {
    return toJson(parseJsonKeepingFloats(text));
  } catch {
    return toJson(literalEval(text));
  }
}
