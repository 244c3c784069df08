import { PetrelError } from '../../../model/index.ts';
import { Dict, PythonError, PythonObject, str, textRepr, truthy, typeError, typeName } from '../../python/index.ts';
import { compilePythonRegex, type PythonRegex, type RegexFlags, type RegexMatch } from '../../regex/index.ts';
import type { Context } from '../context.ts';
import { define } from '../definition.ts';
import type { Lambda } from '../lambda.ts';
import { any, booleanOrNull, instance, lambda, optional, size, text } from '../parameters.ts';
import { lazy, unpacked } from '../values/iteration.ts';

const FLAG_NAMES = [
  ['ignoreCase', 'IGNORECASE'],
  ['multiline', 'MULTILINE'],
  ['dotAll', 'DOTALL'],
] as const;

/** What `regex()` answers. */
export class RegexValue extends PythonObject {
  readonly typeName = 're.Pattern';
  readonly regex: PythonRegex;
  readonly #flags: string;

  constructor(regex: PythonRegex, flags: RegexFlags) {
    super();
    this.regex = regex;
    this.#flags = FLAG_NAMES.filter(([flag]) => flags[flag] === true)
      .map(([, name]) => `re.${name}`)
      .join('|');
  }

  override repr(): string {
    const pattern = textRepr(this.regex.pattern).slice(0, 200);
    return this.#flags === '' ? `re.compile(${pattern})` : `re.compile(${pattern}, ${this.#flags})`;
  }

  override equals(other: unknown): boolean {
    return other instanceof RegexValue && other.hash() === this.hash();
  }

  override hash(): string {
    return `${this.#flags}:${this.regex.pattern}`;
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

function matches(context: Context, regex: PythonRegex, subject: string): boolean {
  context.run.spend(1 + (subject.length >> 4));
  return guarded(() => regex.test(subject));
}

/** What a selector sees of a match: `$1` all of it, `$2` its first group, ... */
function publish(context: Context, regex: PythonRegex, match: RegexMatch): void {
  for (const [group, span] of match.spans.entries()) {
    context.set(String(group + 1), found(match.groups[group] ?? null, span));
  }
  // As the original: it takes the values of named groups, not the groups, for pairs of name and value. So most of them fail.
  for (const text of match.named.values()) {
    const [name, value] = unpacked(text ?? null, 2).map(str);
    const group = regex.groupNames.get(value ?? '');
    if (group === undefined) throw new PythonError('IndexError', 'no such group');
    context.set(name ?? '', found(value, match.spans[group]));
  }
}

function found(value: unknown, span: readonly [number, number] = [-1, -1]): Dict {
  return new Dict([
    ['value', value],
    ['start', span[0]],
    ['end', span[1]],
  ]);
}

function selected(context: Context, regex: PythonRegex, match: RegexMatch, selector: Lambda): unknown {
  const inner = context.child();
  publish(inner, regex, match);
  return selector.in(inner);
}

function* searched(context: Context, regex: PythonRegex, subject: string, selector: Lambda | null): Generator<unknown> {
  context.run.spend(1 + (subject.length >> 4));
  for (const match of guarded(() => regex.findAll(subject))) {
    context.run.spend(1);
    yield selector === null ? match.groups[0] : selected(context, regex, match, selector);
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

/** null stands for nothing. As Python: what else is no text is found when all pieces are put together. */
function replacedBy(context: Context, regex: PythonRegex, subject: string, by: Lambda, most: number): string {
  let pieces = 0;
  let last = 0;
  let failure: PythonError | undefined;
  const result = replaced(context, regex, subject, replacement, most);
  if (failure !== undefined) throw failure;
  return result;

  function replacement(match: RegexMatch): string {
    if (match.start > last) pieces += 1;
    last = match.end;
    const made = selected(context, regex, match, by);
    if (made === null) return '';
    if (typeof made !== 'string') {
      failure ??= typeError(`sequence item ${pieces}: expected str instance, ${typeName(made)} found`);
    }
    pieces += 1;
    return str(made);
  }
}

const SPECIAL = /[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g;

const REGEX = instance(RegexValue)('regexp');
const SUBJECT = text('string');
const SELECTOR = optional(lambda('selector'), null);
const MOST = optional(size('count'), 0);
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
    (_context, pattern, ignoreCase, multiline, dotAll) => {
      const flags = { ignoreCase: truthy(ignoreCase), multiline: truthy(multiline), dotAll: truthy(dotAll) };
      return new RegexValue(compiled(pattern, flags), flags);
    },
  ),
  define('isRegex', 'function', [any('value')], (_context, value) => value instanceof RegexValue),
  define('escapeRegex', 'function', [SUBJECT], (context, self) => {
    return context.run.text(self.replace(SPECIAL, (character) => `\\${character}`));
  }),
  define('matches', 'method', [REGEX, SUBJECT], (context, { regex }, self) => matches(context, regex, self)),
  define('matches', 'method', [SUBJECT, text('regexp')], (context, self, pattern) => {
    return matches(context, compiled(pattern), self);
  }),
  define('#operator_=~', 'function', [SUBJECT, text('pattern')], (context, self, pattern) => {
    return matches(context, compiled(pattern), self);
  }),
  define('#operator_=~', 'function', [SUBJECT, REGEX], (context, self, { regex }) => matches(context, regex, self)),
  define('#operator_!~', 'function', [SUBJECT, text('pattern')], (context, self, pattern) => {
    return !matches(context, compiled(pattern), self);
  }),
  define('#operator_!~', 'function', [SUBJECT, REGEX], (context, self, { regex }) => !matches(context, regex, self)),
  define('search', 'method', [REGEX, SUBJECT, SELECTOR], (context, { regex }, self, selector) => {
    context.run.spend(1 + (self.length >> 4));
    const match = guarded(() => regex.search(self));
    if (match === undefined) return null;
    return selector === null ? (match.groups[0] ?? '') : selected(context, regex, match, selector);
  }),
  define('searchAll', 'method', [REGEX, SUBJECT, SELECTOR], (context, { regex }, self, selector) => {
    return lazy(searched(context, regex, self, selector));
  }),
  define('split', 'method', [REGEX, SUBJECT, optional(size('maxSplit'), 0)], (context, { regex }, self, most) => {
    return pieces(context, regex, self, most);
  }),
  define('split', 'method', [SUBJECT, REGEX, optional(size('maxSplit'), 0)], (context, self, { regex }, most) => {
    return pieces(context, regex, self, most);
  }),
  define('replace', 'method', [REGEX, SUBJECT, text('repl'), MOST], (context, { regex }, self, by, most) => {
    return replaced(context, regex, self, by, most);
  }),
  define('replace', 'method', [SUBJECT, REGEX, text('repl'), MOST], (context, self, { regex }, by, most) => {
    return replaced(context, regex, self, by, most);
  }),
  define('replaceBy', 'method', [REGEX, SUBJECT, lambda('repl'), MOST], (context, { regex }, self, by, most) => {
    return replacedBy(context, regex, self, by, most);
  }),
  define('replaceBy', 'method', [SUBJECT, REGEX, lambda('repl'), MOST], (context, self, { regex }, by, most) => {
    return replacedBy(context, regex, self, by, most);
  }),
];
