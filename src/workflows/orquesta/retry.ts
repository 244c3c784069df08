import { variablesOf } from './contexts.ts';
import { ConductError, evaluate } from './expressions.ts';
import type { Node } from './graph.ts';
import type { Run } from './run.ts';
import type { Retry } from './state.ts';

/** A task's retry policy with its numbers evaluated. Throws ConductError ValueError when one is no integer. */
export function retryOf({ state, language }: Run, node: Node, context: number): Retry | undefined {
  const { retry, name } = node;
  if (retry === undefined) return undefined;
  const variables = variablesOf(state, context);
  const number = (what: string, statement: unknown): number => {
    const value = evaluate(statement, variables, {}, state, language);
    if (typeof value === 'boolean') return Number(value);
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    throw new ConductError('ValueError', `The retry ${what} for task "${name}" is not an integer.`);
  };
  return {
    when: retry.when,
    count: number('count', retry.count),
    delay: retry.delay === undefined || retry.delay === null ? undefined : number('delay', retry.delay),
    tally: 0,
  };
}
