import { type Context, type Definition, define, defineRest, fromData, PartialDict, parameters } from '../yaql/index.ts';
import { parseJson, storedKey, taskRecord, zip } from './functions.ts';
import { INTERNAL, isNothing, Scope } from './scope.ts';
import { STACKSTORM_FUNCTIONS } from './stackstorm-functions.ts';

const { any, optional } = parameters;

function scopeOf(context: Context): Scope {
  const { host } = context.run;
  if (host instanceof Scope) return host;
  throw new Error("Orquesta's functions were called without the variables of a workflow.");
}

const NOT_GIVEN = Symbol('not given');
const KEY = optional(any('key'), null);
const ROUTE = optional(any('route'), null);

const ORQUESTA: readonly Definition[] = [
  define('ctx', 'function', [KEY], (context, key) => {
    const scope = scopeOf(context);
    return isNothing(key) ? new PartialDict(scope.variables, INTERNAL) : fromData(scope.variable(key));
  }),
  define('item', 'function', [KEY], (context, key) => fromData(scopeOf(context).item(key))),
  define('result', 'function', [], (context) => fromData(scopeOf(context).result())),
  define('succeeded', 'function', [], (context) => scopeOf(context).currentStatus() === 'succeeded'),
  define('failed', 'function', [], (context) => scopeOf(context).currentStatus() === 'failed'),
  define('completed', 'function', [], (context) => scopeOf(context).isCompleted()),
  define('task_status', 'function', [any('taskId'), ROUTE], (context, id, route) => {
    return scopeOf(context).taskStatus(id, route);
  }),
  define('json', 'function', [any('s')], (_context, value) => parseJson(value)),
  defineRest(
    'zip',
    'function',
    [],
    any('args'),
    (context, _given, lists, keywords) => zip(lists, keywords.get('pad') ?? null, (steps) => context.run.spend(steps)),
    { keywords: any('kwargs') },
  ),
];

/** `sortKeys` as `sort_keys`: YAQL writes names of parameters in camel case. */
function underscored(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const STACKSTORM: readonly Definition[] = [
  define(
    'st2kv',
    'function',
    [any('key'), optional(any('decrypt'), undefined), optional(any('default'), NOT_GIVEN)],
    (context, key, decrypt, otherwise) =>
      storedKey(scopeOf(context), key, {
        decrypt,
        ...(otherwise !== NOT_GIVEN && { otherwise: { value: otherwise } }),
      }),
  ),
  define('task', 'function', [optional(any('taskId'), null), ROUTE], (context, id, route) => {
    return fromData(taskRecord(scopeOf(context), id, route));
  }),
  ...[...STACKSTORM_FUNCTIONS].map(([name, compute]) =>
    defineRest(
      name,
      'function',
      [any('value')],
      any('args'),
      ({ run }, [value], positional, keywords) =>
        compute(run, value, {
          positional,
          keywords: new Map([...keywords].map(([key, given]) => [underscored(key), given] as const)),
        }),
      { keywords: any('kwargs') },
    ),
  ),
];

/** Orquesta's functions, with or without those that StackStorm adds. */
export function yaqlFunctions(stackstorm: boolean): readonly Definition[] {
  return stackstorm ? [...ORQUESTA, ...STACKSTORM] : ORQUESTA;
}
