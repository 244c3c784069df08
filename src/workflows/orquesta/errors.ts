import { onTime, repr } from '../../expressions/index.ts';
import { type Language, resultsOf } from './expressions.ts';
import type { ErrorEntry, State } from './state.ts';

/** The first errors of a list as texts, so that a thousand of them need not be printed anew for each. */
const printed = new WeakMap<readonly ErrorEntry[], { readonly texts: Set<string>; count: number }>();

/** Whether an entry equal to this one is in the list already. */
export function isLogged({ errors }: State, error: ErrorEntry, language: Language): boolean {
  const known = printed.get(errors);
  // A list that became shorter was tried out and taken back: its texts say nothing any more.
  const upToDate = known === undefined || known.count > errors.length ? { texts: new Set<string>(), count: 0 } : known;
  for (const one of errors.slice(upToDate.count)) upToDate.texts.add(repr(errorOnTime(one, language)));
  upToDate.count = errors.length;
  printed.set(errors, upToDate);
  return upToDate.texts.has(repr(error));
}

/** An entry with its result read. */
export function errorOnTime(error: ErrorEntry, language: Language): ErrorEntry {
  return error.result === undefined ? error : { ...error, result: onTime(error.result, resultsOf(language)) };
}
