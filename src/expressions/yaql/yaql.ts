import { putRecent } from '../../model/index.ts';
import { underAllowance } from '../python/index.ts';
import { compileNode } from './compile.ts';
import { Context } from './context.ts';
import type { Definition } from './definition.ts';
import { evaluationFailure, parseFailure, yaqlFailure } from './failure.ts';
import type { Evaluate } from './lambda.ts';
import { Library } from './levels.ts';
import { STANDARD_LIBRARY } from './library/index.ts';
import { finalized } from './output.ts';
import { type Budget, Run, type Surroundings } from './run.ts';
import { parseYaql } from './syntax/parser.ts';
import { fromData } from './values/frozen.ts';

export interface YaqlOptions {
  /** More functions; they go before those of the standard library. */
  readonly functions?: readonly Definition[];
  /** Bounds of one evaluation. Default 2,000,000 steps, 150 nested calls. */
  readonly budget?: Partial<Budget>;
  /** Epoch milliseconds, for `now()` and dates that leave parts out. Default: no clock, both fail. */
  readonly now?: () => number;
  /** From 0 up to, not including, 1, for `random()`. Default: it fails. */
  readonly random?: () => number;
}

/** The language with its settings. Holds a bounded cache of what it compiled. */
export interface Yaql {
  /** Compiles an expression (without delimiters), or takes it from the cache. Throws `PetrelError` (`expression`). */
  compile(text: string): YaqlExpression;
  /** Names of all functions that can be called as `name(...)`. */
  readonly functionNames: ReadonlySet<string>;
}

export interface YaqlExpression {
  readonly source: string;
  /**
   * The value, in the values of src/expressions/python: lists are arrays, dicts `Dict`. `$` is `data` (default null); `names` are
   * further variables, `$name`. Data is only read. Throws `PetrelError` (`expression`), and whatever functions of the host throw.
   */
  evaluate(given?: Given): unknown;
}

export interface Given {
  readonly data?: unknown;
  readonly names?: ReadonlyMap<string, unknown>;
  /** For functions that were added to the library: `context.run.host`. */
  readonly host?: unknown;
}

const CACHED = 1000;
/** Longer texts are compiled each time: a thousand of them would be too much to keep. */
const CACHED_LENGTH = 20_000;
const MAX_LENGTH = 200_000;

/** Makes the language: the standard library Orquesta enables, and the functions given. */
export function createYaql(options: YaqlOptions = {}): Yaql {
  const library = new Library([options.functions ?? [], STANDARD_LIBRARY]);
  const budget: Budget = { steps: 2_000_000, depth: 150, ...options.budget };
  const surroundings: Surroundings = {
    now: options.now ?? missing('clock'),
    random: options.random ?? missing('source of random numbers'),
  };
  const cache = new Map<string, YaqlExpression>();
  const start = (host: unknown) => new Run(library, budget, surroundings, host);

  return {
    functionNames: new Set(library.names('function')),
    compile(text) {
      const known = cache.get(text);
      if (known !== undefined) return known;
      const compiled = new Compiled(text, compile(text, library), library, start);
      if (text.length <= CACHED_LENGTH) putRecent(cache, text, compiled, CACHED);
      return compiled;
    },
  };
}

function missing(what: string): () => never {
  return () => {
    throw new Error(`This evaluator was made without a ${what}.`);
  };
}

function compile(text: string, library: Library): Evaluate {
  if (text.length > MAX_LENGTH) {
    throw yaqlFailure(text, 0, 'YaqlGrammarException', `the expression has more than ${MAX_LENGTH} characters`);
  }
  try {
    return compileNode(parseYaql(text), library);
  } catch (error) {
    throw parseFailure(text, error);
  }
}

/** About a second of printing, comparing and searching. */
const ALLOWED_NODES = 5_000_000;

class Compiled implements YaqlExpression {
  readonly source: string;
  readonly #evaluate: Evaluate;
  readonly #library: Library;
  readonly #start: (host: unknown) => Run;

  constructor(source: string, evaluate: Evaluate, library: Library, start: (host: unknown) => Run) {
    this.source = source;
    this.#evaluate = evaluate;
    this.#library = library;
    this.#start = start;
  }

  evaluate(given: Given = {}): unknown {
    const run = this.#start(given.host);
    const context = new Context(run, undefined);
    try {
      if (given.data !== undefined) context.set('1', fromData(given.data));
      for (const [name, value] of given.names ?? []) context.set(name, fromData(value));
      return underAllowance({ nodes: ALLOWED_NODES }, () => finalized(run, this.#evaluate(context)));
    } catch (error) {
      throw evaluationFailure(this.source, error, context, this.#library);
    }
  }
}
