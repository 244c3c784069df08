import type { Filter } from '../jinja/index.ts';
import { type Arguments, bind, PythonFunction } from '../python/index.ts';
import { contextFilter, parseJson, storedKey, taskRecord, zip } from './functions.ts';
import { INTERNAL, isNothing, type Scope } from './scope.ts';
import { STACKSTORM_FUNCTIONS } from './stackstorm-functions.ts';

/** A function that reads the variables of the workflow. */
type ContextFunction = (scope: Scope, given: Arguments) => unknown;

const CONTEXT_FUNCTIONS: ReadonlyMap<string, ContextFunction> = new Map<string, ContextFunction>([
  [
    'ctx',
    (scope, given) => {
      const [key] = bind('ctx', given, ['key']);
      return isNothing(key) ? scope.visible() : scope.variable(key);
    },
  ],
  ['item', (scope, given) => scope.item(bind('item', given, ['key'])[0])],
  ['result', (scope, given) => nothing('result', given) ?? scope.result()],
  ['succeeded', (scope, given) => nothing('succeeded', given) ?? scope.currentStatus() === 'succeeded'],
  ['failed', (scope, given) => nothing('failed', given) ?? scope.currentStatus() === 'failed'],
  ['completed', (scope, given) => nothing('completed', given) ?? scope.isCompleted()],
  [
    'task_status',
    (scope, given) => {
      const [id, route] = bind('task_status', given, ['task_id', 'route'], 1);
      return scope.taskStatus(id, route);
    },
  ],
  [
    'st2kv',
    (scope, given) => {
      const [key, decrypt, otherwise] = bind('st2kv', given, ['key', 'decrypt', 'default'], 1);
      return storedKey(scope, key, { decrypt, ...(otherwise !== undefined && { otherwise: { value: otherwise } }) });
    },
  ],
  [
    'task',
    (scope, given) => {
      const [id, route] = bind('task', given, ['task_id', 'route']);
      return taskRecord(scope, id, route);
    },
  ],
]);

function nothing(name: string, given: Arguments): undefined {
  bind(name, given, []);
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
    ...[...CONTEXT_FUNCTIONS.keys()]
      .filter((name) => stackstorm || !STACKSTORM_NAMES.has(name))
      .map((name): [string, Filter] => [name, (_run, value) => contextFilter(name, value)]),
  ]);
}

/** Of the functions of the context, those that StackStorm adds. */
const STACKSTORM_NAMES: ReadonlySet<string> = new Set(['st2kv', 'task']);

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
    const compute = CONTEXT_FUNCTIONS.get(name);
    if (compute !== undefined && (this.#stackstorm || !STACKSTORM_NAMES.has(name)))
      return new PythonFunction(name, (given) => compute(this.#scope, given));
    return name.startsWith(INTERNAL) ? this.#scope.engineName(name) : undefined;
  }

  /** What may help where values turned out undefined. */
  get hint(): string | undefined {
    return this.#hint;
  }

  noteHint(hint: string): void {
    if (hint !== '') this.#hint ??= hint;
  }

  /** For a name that templates cannot see although the workflow has a variable of that name. */
  hintFor(name: string): string | undefined {
    return this.#scope.names().includes(name) ? `Variables are reached through ctx: write ctx().${name}.` : undefined;
  }

  override keys(): MapIterator<string> {
    return CONTEXT_FUNCTIONS.keys() as MapIterator<string>; // both are a Map's own iterators
  }
}
