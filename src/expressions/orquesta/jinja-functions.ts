import type { Filter } from '../jinja/index.ts';
import { type Arguments, bind, isDict, PythonError, PythonFunction, truthy, typeError } from '../python/index.ts';
import { parseJson, storedKey, taskRecord, zip } from './functions.ts';
import { evaluationError, INTERNAL, isNothing, Scope, UNSET } from './scope.ts';
import { STACKSTORM_FUNCTIONS } from './stackstorm-functions.ts';

/** A function that reads the variables of the workflow. */
interface ContextFunction {
  readonly parameters: readonly string[];
  /** How many of them must be given. Default 0. */
  readonly required?: number;
  /** One of the engine's names that the original reads even of what is no context; it fails where that is not there. */
  readonly reads?: string;
  /** Added by StackStorm. */
  readonly stackstorm?: boolean;
  run(scope: Scope, ...given: unknown[]): unknown;
}

const CONTEXT_FUNCTIONS: ReadonlyMap<string, ContextFunction> = new Map<string, ContextFunction>([
  [
    'ctx',
    {
      parameters: ['key'],
      reads: '__vars',
      run: (scope, key) => (isNothing(key) ? scope.visible() : scope.variable(key)),
    },
  ],
  ['item', { parameters: ['key'], reads: '__current_item', run: (scope, key) => scope.item(key) }],
  ['result', { parameters: [], run: (scope) => scope.result() }],
  ['succeeded', { parameters: [], run: (scope) => scope.currentStatus() === 'succeeded' }],
  ['failed', { parameters: [], run: (scope) => scope.currentStatus() === 'failed' }],
  ['completed', { parameters: [], run: (scope) => scope.isCompleted() }],
  [
    'task_status',
    { parameters: ['task_id', 'route'], required: 1, run: (scope, id, route) => scope.taskStatus(id, route) },
  ],
  [
    'st2kv',
    {
      parameters: ['key', 'decrypt', 'default'],
      required: 1,
      stackstorm: true,
      run: (scope, key, decrypt, otherwise) =>
        storedKey(scope, key, { decrypt, ...(otherwise !== undefined && { otherwise: { value: otherwise } }) }),
    },
  ],
  [
    'task',
    { parameters: ['task_id', 'route'], stackstorm: true, run: (scope, id, route) => taskRecord(scope, id, route) },
  ],
]);

function call(name: string, { parameters, required, run }: ContextFunction, scope: Scope, given: Arguments): unknown {
  return run(scope, ...bind(name, given, parameters, required));
}

/**
 * Such a function as a filter. The original takes the value left of `|` for the context, which it is not: a mapping lacks the
 * engine's names, anything else cannot even be asked.
 */
function asFilter(name: string, of: ContextFunction): Filter {
  return (_run, value, given) => {
    bind(name, given, of.parameters, of.required);
    if (!truthy(value) && name !== 'ctx') {
      if (name === 'task_status') return UNSET;
      throw evaluationError('The context is not set.');
    }
    if (!isDict(value)) throw typeError(`${name} is a function and no filter: write ${name}(...)`);
    if (of.reads !== undefined) throw new PythonError('KeyError', `'${of.reads}'`);
    return call(name, of, new Scope(value, undefined), given);
  };
}

const json: Filter = (_run, value, given) => {
  bind('json', given, []);
  return parseJson(value);
};

const zipped: Filter = (run, value, { positional, keywords }) => {
  return zip([value, ...positional], keywords?.get('pad') ?? null, (steps) => run.spend(steps));
};

/** What every expression can call without the variables of a workflow. */
export function jinjaGlobals(stackstorm: boolean): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([...ORQUESTA_GLOBALS, ...(stackstorm ? STACKSTORM_GLOBALS : [])]);
}

const ORQUESTA_GLOBALS: readonly (readonly [string, unknown])[] = [
  ['json', new PythonFunction('json', (given) => parseJson(bind('json', given, ['s'], 1)[0]))],
  [
    'zip',
    new PythonFunction('zip', ({ positional, keywords }) => zip(positional, keywords?.get('pad') ?? null, uncounted)),
  ],
];

const STACKSTORM_GLOBALS = [...STACKSTORM_FUNCTIONS].map(
  ([name, compute]) =>
    [
      name,
      new PythonFunction(name, ({ positional: [value = null, ...rest], keywords }) =>
        compute({ spend: uncounted }, value, { positional: rest, keywords }),
      ),
    ] as const,
);

/** The call itself and the size of its result are accounted for by the caller. */
function uncounted(): void {}

/** Orquesta's functions are filters as well. */
export function jinjaFilters(stackstorm: boolean): ReadonlyMap<string, Filter> {
  return new Map<string, Filter>([
    ['json', json],
    ['zip', zipped],
    ...(stackstorm ? STACKSTORM_FUNCTIONS : []),
    ...[...CONTEXT_FUNCTIONS]
      .filter(([, of]) => stackstorm || of.stackstorm !== true)
      .map(([name, of]): [string, Filter] => [name, asFilter(name, of)]),
  ]);
}

/** The functions and names of one evaluation. Each is made when the expression asks for it. */
export class ScopeFunctions extends Map<string, unknown> {
  readonly #scope: Scope;
  readonly #stackstorm: boolean;
  #hint: string | undefined;

  constructor(scope: Scope, stackstorm: boolean) {
    super();
    this.#scope = scope;
    this.#stackstorm = stackstorm;
  }

  override get(name: string): unknown {
    const of = CONTEXT_FUNCTIONS.get(name);
    if (of !== undefined && (this.#stackstorm || of.stackstorm !== true)) {
      return new PythonFunction(name, (given) => call(name, of, this.#scope, given));
    }
    return name.startsWith(INTERNAL) ? this.#scope.engineName(name) : undefined;
  }

  /** What may help where values turned out undefined. */
  get hint(): string | undefined {
    return this.#hint;
  }

  noteHint(hint: string): void {
    if (hint !== '') this.#hint ??= hint.trim();
  }

  /** For a name that templates cannot see although the workflow has a variable of that name. */
  hintFor(name: string): string | undefined {
    return this.#scope.names().includes(name) ? `Variables are reached through ctx: write ctx().${name}.` : undefined;
  }

  override keys(): MapIterator<string> {
    return CONTEXT_FUNCTIONS.keys() as MapIterator<string>; // both are a Map's own iterators
  }
}
