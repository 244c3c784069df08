import { PetrelError, putRecent } from '../../model/index.ts';
import type { Budget, Environment, Filter } from './environment.ts';
import { failure, syntaxFailure } from './failure.ts';
import { BUILTIN_FILTERS, withPlainText } from './filters/index.ts';
import { decryptFilter, STACKSTORM_FILTERS } from './filters/stackstorm.ts';
import { GLOBALS } from './globals.ts';
import { normalized } from './lexer.ts';
import { TemplateSyntaxError } from './syntax-error.ts';
import { type CompiledExpression, compileBareExpression, compileTemplate, type Template } from './template.ts';
import { BUILTIN_TESTS } from './tests.ts';

export interface JinjaOptions {
  /** What `decrypt_kv` calls. Default: the filter fails. */
  readonly decrypt?: (ciphertext: string) => string;
  /** What using an undefined value does: fail (default), or be empty. */
  readonly undefined?: 'strict' | 'lenient';
  /** Whether StackStorm's own filters are there. Default true. */
  readonly stackstorm?: boolean;
  /** Bounds of one rendering. Default 2,000,000 steps, 100 nested calls. */
  readonly budget?: Partial<Budget>;
  /** More global functions and values; they go before Jinja's own. */
  readonly globals?: Iterable<readonly [string, unknown]>;
  /** More filters; they go before Jinja's and StackStorm's own. */
  readonly filters?: Iterable<readonly [string, Filter]>;
}

/** A template language with its settings. Holds a bounded cache of what it compiled. */
export interface Jinja {
  /** Compiles a template, or takes it from the cache. Throws `PetrelError` (`expression`) with line, column and reason. */
  compile(text: string): Template;
  /** The same for a bare expression, without delimiters. */
  compileExpression(text: string): CompiledExpression;
}

const CACHED = 1000;
/** Longer texts are compiled each time: a thousand of them would be too much to keep. */
const CACHED_LENGTH = 20_000;
const MAX_LENGTH = 1_000_000;

/** Makes the language. See the options for what differs; everything else is as StackStorm's environment. */
export function createJinja(options: JinjaOptions = {}): Jinja {
  const environment = environmentOf(options);
  const templates = new Map<string, Template>();
  const expressions = new Map<string, CompiledExpression>();
  return {
    compile: (text) => cached(templates, text, () => compileTemplate(text, environment)),
    compileExpression: (text) => cached(expressions, text, () => compileBareExpression(text, environment)),
  };
}

function cached<T>(cache: Map<string, T>, text: string, compile: () => T): T {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const compiled = compiling(text, compile);
  if (text.length <= CACHED_LENGTH) putRecent(cache, text, compiled, CACHED);
  return compiled;
}

function compiling<T>(text: string, compile: () => T): T {
  if (text.length > MAX_LENGTH) {
    throw failure(text, 0, 'TemplateSyntaxError', `the template has more than ${MAX_LENGTH} characters`);
  }
  try {
    return compile();
  } catch (error) {
    if (error instanceof TemplateSyntaxError) throw syntaxFailure(normalized(text), error);
    if (error instanceof RangeError && /call stack/i.test(error.message)) {
      throw failure(text, 0, 'TemplateSyntaxError', 'too many nested expressions or blocks');
    }
    throw error;
  }
}

function environmentOf(options: JinjaOptions): Environment {
  const decrypt =
    options.decrypt ??
    (() => {
      throw new PetrelError('invalid', 'There is no key to decrypt with here.');
    });
  const filters = new Map(BUILTIN_FILTERS);
  if (options.stackstorm !== false) {
    for (const [name, filter] of Object.entries(STACKSTORM_FILTERS)) filters.set(name, withPlainText(filter));
    filters.set('decrypt_kv', withPlainText(decryptFilter(decrypt)));
  }
  for (const [name, filter] of options.filters ?? []) filters.set(name, withPlainText(filter));
  return {
    strict: options.undefined !== 'lenient',
    filters,
    tests: BUILTIN_TESTS,
    globals: new Map([...GLOBALS, ...(options.globals ?? [])]),
    budget: { steps: 2_000_000, depth: 100, ...options.budget },
  };
}
