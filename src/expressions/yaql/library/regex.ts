import { PetrelError } from '../../../model/index.ts';
import { Dict, PythonError, PythonObject, str, textRepr, truthy } from '../../python/index.ts';
import { compilePythonRegex, type PythonRegex, type RegexFlags, type RegexMatch } from '../../regex/index.ts';
import type { Context } from '../context.ts';
import { define } from '../definition.ts';
import type { Lambda } from '../lambda.ts';
import { any, booleanOrNull, count, instance, lambda, optional, text } from '../parameters.ts';
import { lazy } from '../values/iteration.ts';

/** What `regex()` answers. */
export class RegexValue extends PythonObject {
  readonly typeName = 're.Pattern';
  readonly regex: PythonRegex;

  constructor(regex: PythonRegex) {
    super();
    this.regex = regex;
  }

  override repr(): string {
    return `re.compile(${textRepr(this.regex.pattern)})`;
  }
}

/** Runs what a pattern does; its errors are Python's `re.error`, except that a search that takes too long is the budget's. */
function guarded<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof PetrelError) || error.code !== 'expression' || !('pattern' in error.details)) throw error;
    const { reason, position } = error.details;
    if (typeof reason !== 'string') throw new PythonError('BudgetError', error.message);
    throw new PythonError('error', typeof position === 'number' ? `${reason} at position ${position}` : reason);
  }
}

function compiled(pattern: string, flags: RegexFlags = {}): PythonRegex {
  return guarded(() => compilePythonRegex(pattern, flags));
}

function found(context: Context, regex: PythonRegex, subject: string): boolean {
  context.run.spend(1 + (subject.length >> 4));
  return guarded(() => regex.test(subject));
}

/** What a selector sees of a match: `$1` all of it, `$2` its first group, ... */
function publish(context: Context, match: RegexMatch): void {
  // The original fails here: it takes the named groups' values for pairs.
  if (match.named.size > 0) throw new PythonError('ValueError', 'named groups cannot be used with a selector');
  for (const [group, span] of match.spans.entries()) {
    const [start, end] = span ?? [-1, -1];
    const value = match.groups[group] ?? null;
    context.set(
      String(group + 1),
      new Dict([
        ['value', value],
        ['start', start],
        ['end', end],
      ]),
    );
  }
}

function selected(context: Context, match: RegexMatch, selector: Lambda): unknown {
  const inner = context.child();
  publish(inner, match);
  return selector.in(inner);
}

function* searched(context: Context, regex: PythonRegex, subject: string, selector: Lambda | null): Generator<unknown> {
  context.run.spend(1 + (subject.length >> 4));
  for (const match of guarded(() => regex.findAll(subject))) {
    context.run.spend(1);
    yield selector === null ? match.groups[0] : selected(context, match, selector);
  }
}

function replaced(
  context: Context,
  regex: PythonRegex,
  subject: string,
  by: string | ((match: RegexMatch) => string),
  most: number,
): string {
  context.run.spend(1 + (subject.length >> 4));
  return context.run.text(guarded(() => regex.replace(subject, by, most)));
}

function replacement(context: Context, by: Lambda): (match: RegexMatch) => string {
  return (match) => {
    const made = selected(context, match, by);
    if (typeof made === 'string') return made;
    throw new PythonError('TypeError', `sequence item 0: expected str instance, ${str(made)} found`);
  };
}

const SPECIAL = /[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g;

const REGEX = instance(RegexValue)('regexp');
const SUBJECT = text('string');
const SELECTOR = optional(lambda('selector'), null);
const MOST = optional(count('count'), 0);
const FLAG = (name: string) => optional(booleanOrNull(name), false);

function pieces(context: Context, regex: PythonRegex, subject: string, most: number): unknown {
  context.run.spend(1 + (subject.length >> 4));
  return guarded(() => regex.split(subject, most)).map((piece) => piece ?? null);
}

export const REGULAR_EXPRESSIONS = [
  define(
    'regex',
    'function',
    [text('pattern'), FLAG('ignoreCase'), FLAG('multiLine'), FLAG('dotAll')],
    (_context, pattern, ignoreCase, multiline, dotAll) =>
      new RegexValue(
        compiled(pattern, { ignoreCase: truthy(ignoreCase), multiline: truthy(multiline), dotAll: truthy(dotAll) }),
      ),
  ),
  define('isRegex', 'function', [any('value')], (_context, value) => value instanceof RegexValue),
  define('escapeRegex', 'function', [SUBJECT], (context, self) => {
    return context.run.text(self.replace(SPECIAL, (character) => `\\${character}`));
  }),
  define('matches', 'method', [REGEX, SUBJECT], (context, { regex }, self) => found(context, regex, self)),
  define('matches', 'method', [SUBJECT, text('regexp')], (context, self, pattern) => {
    return found(context, compiled(pattern), self);
  }),
  define('#operator_=~', 'function', [SUBJECT, text('pattern')], (context, self, pattern) => {
    return found(context, compiled(pattern), self);
  }),
  define('#operator_=~', 'function', [SUBJECT, REGEX], (context, self, { regex }) => found(context, regex, self)),
  define('#operator_!~', 'function', [SUBJECT, text('pattern')], (context, self, pattern) => {
    return !found(context, compiled(pattern), self);
  }),
  define('#operator_!~', 'function', [SUBJECT, REGEX], (context, self, { regex }) => !found(context, regex, self)),
  define('search', 'method', [REGEX, SUBJECT, SELECTOR], (context, { regex }, self, selector) => {
    context.run.spend(1 + (self.length >> 4));
    const match = guarded(() => regex.search(self));
    if (match === undefined) return null;
    return selector === null ? (match.groups[0] ?? '') : selected(context, match, selector);
  }),
  define('searchAll', 'method', [REGEX, SUBJECT, SELECTOR], (context, { regex }, self, selector) => {
    return lazy(searched(context, regex, self, selector));
  }),
  define('split', 'method', [REGEX, SUBJECT, optional(count('maxSplit'), 0)], (context, { regex }, self, most) => {
    return pieces(context, regex, self, most);
  }),
  define('split', 'method', [SUBJECT, REGEX, optional(count('maxSplit'), 0)], (context, self, { regex }, most) => {
    return pieces(context, regex, self, most);
  }),
  define('replace', 'method', [REGEX, SUBJECT, text('repl'), MOST], (context, { regex }, self, by, most) => {
    return replaced(context, regex, self, by, most);
  }),
  define('replace', 'method', [SUBJECT, REGEX, text('repl'), MOST], (context, self, { regex }, by, most) => {
    return replaced(context, regex, self, by, most);
  }),
  define('replaceBy', 'method', [REGEX, SUBJECT, lambda('repl'), MOST], (context, { regex }, self, by, most) => {
    return replaced(context, regex, self, replacement(context, by), most);
  }),
  define('replaceBy', 'method', [SUBJECT, REGEX, lambda('repl'), MOST], (context, self, { regex }, by, most) => {
    return replaced(context, regex, self, replacement(context, by), most);
  }),
];
