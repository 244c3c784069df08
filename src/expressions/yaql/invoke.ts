import { PythonError } from '../python/index.ts';
import type { Context } from './context.ts';
import { ambiguous, NO_RECEIVER, unknownName } from './failures.ts';
import { type Levels, trimmed } from './levels.ts';
import { agreeOnLazy, candidatesOf, choose, type Keywords, NO_KEYWORDS, run } from './overloads.ts';
import { shortcut } from './shortcuts.ts';

/** The functions of a name as seen from a context: those of expressions first, then the library's. */
export function levelsOf(context: Context, name: string, receiver: unknown): Levels {
  const { library } = context.run;
  if (receiver !== NO_RECEIVER) return library.methods(name);
  const own = context.hasFunctions ? context.defined(trimmed(name)) : [];
  return own.length === 0 ? library.functions(name) : [...own, ...library.functions(name)];
}

/** Whether pairs are arguments like any other. The functions of one name must agree on it. */
export function takesRules(name: string, receiver: unknown, levels: Levels): boolean {
  let takes: boolean | undefined;
  for (const level of levels) {
    for (const definition of level) {
      takes ??= definition.takesRules;
      if (takes !== definition.takesRules) throw ambiguous(name, receiver);
    }
  }
  return takes === true;
}

/** Calls a function by name with values, as library functions call others. Throws ResolutionError and what it throws. */
export function invoke(
  context: Context,
  name: string,
  values: readonly unknown[],
  keywords: Keywords = NO_KEYWORDS,
  receiver: unknown = NO_RECEIVER,
): unknown {
  if (values.length === 2 && receiver === NO_RECEIVER && !context.hasFunctions) {
    const quick = shortcut(name)?.(values[0], values[1]);
    if (quick !== undefined) return quick;
  }
  context.run.spend(1);
  const levels = levelsOf(context, name, receiver);
  if (levels.length === 0) throw unknownName(name, receiver);
  if (takesRules(name, receiver, levels)) {
    for (const keyword of keywords.keys()) throw new PythonError('ArgumentException', `Invalid argument ${keyword}`);
  }
  const positional = receiver === NO_RECEIVER ? values : [receiver, ...values];
  const candidates = candidatesOf(levels, positional, keywords);
  if (!agreeOnLazy(candidates)) throw ambiguous(name, receiver);
  return run(choose(name, receiver, candidates, positional, keywords), context, positional, keywords);
}
