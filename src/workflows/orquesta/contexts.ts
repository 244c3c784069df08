import { Dict, dictEntries, dictGet, isDict, Late, onTime } from '../../expressions/index.ts';
import type { ReadResult } from './expressions.ts';
import { late } from './late.ts';
import type { Context, State, Variables } from './state.ts';

/** Two sets of variables: mappings are merged, anything else is replaced by what stands right. */
export function merged(left: Variables, right: Variables): Variables {
  if (left.size === 0) return right;
  if (right.size === 0) return left;
  const result = new Map(left);
  for (const [name, value] of right) result.set(name, result.has(name) ? mergedValue(result.get(name), value) : value);
  return result;
}

function mergedValue(left: unknown, right: unknown): unknown {
  if (!isMapping(left) || !isMapping(right)) return right;
  if (left instanceof Late || right instanceof Late) {
    return late((results: ReadResult) => mergedValue(onTime(left, results), onTime(right, results)));
  }
  const result = new Dict(dictEntries(left));
  for (const [name, value] of dictEntries(right)) {
    const before = dictGet(result, name);
    result.set(name, before === undefined ? value : mergedValue(before, value));
  }
  return result;
}

/** A late value may turn out to be one. */
function isMapping(value: unknown): value is Parameters<typeof dictEntries>[0] | Late<ReadResult> {
  return value instanceof Late || isDict(value);
}

const EMPTY: Variables = new Map();

/** What a context shows. Contexts never change. */
const known = new WeakMap<Context, Variables>();

/** The variables of a context: those it builds on, in the order they came, and its own. */
export function variablesOf(state: State, context: number): Variables {
  const chain: Context[] = [];
  let result: Variables | undefined;
  for (let index: number | undefined = context; index !== undefined && result === undefined; ) {
    const node: Context | undefined = state.contexts[index];
    if (node === undefined) break;
    result = known.get(node);
    if (result === undefined) chain.push(node);
    index = node.base;
  }
  let variables = result ?? EMPTY;
  for (const node of chain.reverse()) {
    variables = 'variables' in node ? merged(variables, node.variables) : withAll(state, variables, node.joined);
    known.set(node, variables);
  }
  return variables;
}

/** What arrives at a join brings all it saw but the initial variables, one after the other: merging them first would not be the same. */
function withAll(state: State, variables: Variables, arriving: number): Variables {
  let result = variables;
  for (const index of publishedIn(state, arriving)) {
    const node = state.contexts[index];
    if (node !== undefined && 'variables' in node) result = merged(result, node.variables);
  }
  return result;
}

/**
 * The contexts that hold what was published on the way to one, first to last; without the initial one. One that branches of the way
 * share comes several times in the original: the last time alone decides, and ways that part and meet again and again stay short.
 */
function publishedIn(state: State, context: number): number[] {
  const found: number[] = [];
  const seen = new Set<number>();
  const waiting = [context];
  // Backwards: what a context builds on comes before what it adds.
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const node = state.contexts[index];
    if (node === undefined || seen.has(index)) continue;
    seen.add(index);
    if (node.base !== undefined) waiting.push(node.base);
    if ('joined' in node) waiting.push(node.joined);
    else if (index !== 0) found.push(index);
  }
  return found.reverse();
}

/** What the output sees: the contexts of the branches' ends, in the order they ended. */
export function terminalVariables(state: State): Variables {
  const [first, ...others] = state.sequence.filter((entry) => entry.terminal);
  if (first === undefined) return EMPTY;
  return others.reduce((result, { context }) => withAll(state, result, context), variablesOf(state, first.context));
}
