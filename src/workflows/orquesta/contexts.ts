import { Dict, dictEntries, dictGet, isDict } from '../../expressions/index.ts';
import type { Entry, State, Variables } from './state.ts';

/** Two sets of variables: mappings are merged, anything else is replaced by what stands right. */
export function merged(left: Variables, right: Variables): Variables {
  if (left.size === 0) return right;
  if (right.size === 0) return left;
  const result = new Map(left);
  for (const [name, value] of right) result.set(name, result.has(name) ? mergedValue(result.get(name), value) : value);
  return result;
}

function mergedValue(left: unknown, right: unknown): unknown {
  if (!isDict(left) || !isDict(right)) return right;
  const result = new Dict(dictEntries(left));
  for (const [name, value] of dictEntries(right)) {
    const before = dictGet(result, name);
    result.set(name, before === undefined ? value : mergedValue(before, value));
  }
  return result;
}

const EMPTY: Variables = new Map();

/** Merged contexts of a list of indexes; lists that grow by one context reuse what was merged before. */
const known = new WeakMap<readonly number[], Variables>();

export function variablesOf(state: State, contexts: readonly number[]): Variables {
  const before = known.get(contexts);
  if (before !== undefined) return before;
  let result = EMPTY;
  for (const index of contexts) result = merged(result, state.contexts[index] ?? EMPTY);
  known.set(contexts, result);
  return result;
}

/** The list with one more context at its end. */
export function extended(state: State, contexts: readonly number[], index: number): readonly number[] {
  const list = [...contexts, index];
  known.set(list, merged(variablesOf(state, contexts), state.contexts[index] ?? EMPTY));
  return list;
}

/** What an arrival at a join adds: all its contexts but the initial one. */
export function joined(contexts: readonly number[], arriving: readonly number[]): readonly number[] {
  return [...contexts, ...arriving.filter((index) => index !== 0)];
}

/** What the output sees: the contexts of the branches' ends, in the order they ended. */
export function terminalVariables(state: State): Variables {
  const ends = state.sequence.filter((entry): entry is Entry => entry.terminal);
  let contexts: readonly number[] = [];
  for (const [index, entry] of ends.entries()) {
    contexts = index === 0 ? entry.contexts : joined(contexts, entry.contexts);
  }
  return variablesOf(state, contexts);
}
