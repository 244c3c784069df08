import { createJinja, type Jinja } from '../jinja/index.ts';
import { createYaql, type Yaql } from '../yaql/index.ts';
import { jinjaFilters, jinjaGlobals } from './jinja-functions.ts';
import { yaqlFunctions } from './yaql-functions.ts';

/** Both languages with Orquesta's and StackStorm's functions. */
export interface Languages {
  readonly jinja: Jinja;
  readonly yaql: Yaql;
}

export interface LanguageOptions {
  /** Epoch milliseconds, for YAQL's `now()` and dates that leave parts out. Default: no clock, both fail. */
  readonly now?: () => number;
  /** From 0 up to, not including, 1, for YAQL's `random()`. Default: it fails. */
  readonly random?: () => number;
  /** Whether the functions that StackStorm adds to Orquesta's are there. Default true. */
  readonly stackstorm?: boolean;
  /** How many steps one expression may take. Default 2,000,000. */
  readonly steps?: number;
}

/** Jinja here has Orquesta's environment: of StackStorm's filters, `to_complex` and `decrypt_kv` are not there. */
export function createLanguages({ now, random, stackstorm = true, steps }: LanguageOptions): Languages {
  const budget = steps === undefined ? {} : { budget: { steps } };
  return {
    jinja: createJinja({
      stackstorm: false,
      globals: jinjaGlobals(stackstorm),
      filters: jinjaFilters(stackstorm),
      ...budget,
    }),
    yaql: createYaql({
      functions: yaqlFunctions(stackstorm),
      ...(now && { now }),
      ...(random && { random }),
      ...budget,
    }),
  };
}
