import { typeError } from './errors.ts';

/** What a call supplies. */
export interface Arguments {
  readonly positional: readonly unknown[];
  /** Undefined when there are none. */
  readonly keywords: ReadonlyMap<string, unknown> | undefined;
}

export const NO_ARGUMENTS: Arguments = { positional: [], keywords: undefined };

/**
 * Puts a call's arguments in the order of `names`. Those not supplied are undefined. The first `required` must be there.
 * Throws TypeError in Python's words.
 */
export function bind(name: string, given: Arguments, names: readonly string[], required = 0): unknown[] {
  const { positional, keywords } = given;
  if (positional.length > names.length) {
    throw typeError(
      `${name}() takes ${names.length === 0 ? 'no' : `at most ${names.length}`} argument${names.length === 1 ? '' : 's'} (${positional.length} given)`,
    );
  }
  const bound: unknown[] = positional.slice();
  if (keywords !== undefined) {
    for (const [key, value] of keywords) {
      const index = names.indexOf(key);
      if (index < 0) throw typeError(`${name}() got an unexpected keyword argument '${key}'`);
      if (index < positional.length) throw typeError(`${name}() got multiple values for argument '${key}'`);
      bound[index] = value;
    }
  }
  for (let index = 0; index < required; index += 1) {
    if (bound[index] === undefined) throw typeError(`${name}() missing required argument: '${names[index]}'`);
  }
  return bound;
}
