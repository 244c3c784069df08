import { closest } from '../closest.ts';
import {
  Dict,
  dictEntries,
  dictGet,
  dictKeys,
  getItem,
  isDict,
  type JsonRecord,
  LateDict,
  ordered,
  PythonError,
  sequenceItems,
  str,
  truthy,
} from '../python/index.ts';

/** What StackStorm adds to Orquesta; the host of a workflow implements it. Its functions may throw `MissingInput`. */
export interface StackStormHost {
  /** Stored text of a datastore key; undefined when there is none. User keys are those of the workflow's user. */
  key(scope: 'system' | 'user', name: string): string | undefined;
  /** The text of a secret key's stored text. */
  decrypt(ciphertext: string): string;
  /** The record of the latest execution of a task on a route; undefined when there is none. */
  task(id: string, route: number): JsonRecord | undefined;
}

export type ContextVariables = JsonRecord | Dict;

/** Names that begin so belong to the engine: `__current_task`, `__current_item`, `__state`. */
export const INTERNAL = '__';

export const ENGINE_NAMES: readonly string[] = ['__state', '__current_task', '__current_item'];

function isInternal(name: unknown): boolean {
  return typeof name === 'string' && name.startsWith(INTERNAL);
}

function hasInternal(variables: ContextVariables): boolean {
  for (const name of dictKeys(variables)) if (isInternal(name)) return true;
  return false;
}

function withoutInternal(variables: ContextVariables): Dict {
  if (variables instanceof LateDict) return variables.without(isInternal);
  return new Dict([...dictEntries(variables)].filter(([name]) => !isInternal(name)));
}

/** Status of a task that has none; a text, as in the original. */
export const UNSET = 'null';
const COMPLETED = new Set(['succeeded', 'failed', 'timeout', 'abandoned', 'canceled']);

export function evaluationError(message: string): PythonError {
  return new PythonError('ExpressionEvaluationException', message);
}

/** Whether a key that was given to `ctx` or `item` means all of it. */
export function isNothing(key: unknown): boolean {
  return key === undefined || !truthy(key);
}

/**
 * The variables of one evaluation and what Orquesta's functions say of them. Answers are the variables' own data: each language
 * converts it to its needs.
 */
export class Scope {
  readonly variables: ContextVariables;
  readonly host: StackStormHost | undefined;
  #visible: ContextVariables | undefined;

  constructor(variables: ContextVariables, host: StackStormHost | undefined) {
    this.variables = variables;
    this.host = host;
  }

  /** Throws VariableUndefinedError, VariableInaccessibleError. */
  variable(name: unknown): unknown {
    const value = dictGet(this.variables, name);
    const shown = str(name);
    if (value === undefined) {
      const hint = closest(shown, this.names());
      throw new PythonError('VariableUndefinedError', `The variable "${shown}" is undefined.`, hint);
    }
    if (shown.startsWith(INTERNAL)) {
      const message = `The variable "${shown}" is for internal use and inaccessible.`;
      throw new PythonError('VariableInaccessibleError', message);
    }
    return value;
  }

  /** Names of the variables an expression may use. */
  names(): string[] {
    return [...dictKeys(this.variables)].filter(
      (name): name is string => typeof name === 'string' && !isInternal(name),
    );
  }

  /** All variables an expression may use. */
  visible(): ContextVariables {
    this.#visible ??= hasInternal(this.variables) ? withoutInternal(this.variables) : this.variables;
    return this.#visible;
  }

  /** What the engine's names are to expressions: `__vars` is all variables. Undefined for any other name. */
  engineName(name: string): unknown {
    if (name === '__vars') return this.variables;
    return ENGINE_NAMES.includes(name) ? (dictGet(this.variables, name) ?? null) : undefined;
  }

  /** One of the engine's own. null when it is not set. */
  internal(name: 'state' | 'current_task' | 'current_item'): unknown {
    return dictGet(this.variables, INTERNAL + name) ?? null;
  }

  /** The current item, or one key of it. */
  item(key: unknown): unknown {
    const item = this.internal('current_item');
    if (isNothing(key)) return item;
    if (!isDict(item)) throw evaluationError('Item is not type of collections.abc.Mapping.');
    const value = dictGet(item, key);
    if (value === undefined) throw evaluationError(`Item does not have key "${str(key)}".`);
    return value;
  }

  currentTask(): ContextVariables {
    const task = this.internal('current_task');
    if (isDict(task) && [...dictKeys(task)].length > 0) return task;
    throw evaluationError('The current task is not set in the context.');
  }

  result(): unknown {
    return dictGet(this.currentTask(), 'result') ?? null;
  }

  /** Status of the current task. */
  currentStatus(): string {
    const task = this.currentTask();
    return this.taskStatus(dictGet(task, 'id'), dictGet(task, 'route'));
  }

  isCompleted(): boolean {
    return COMPLETED.has(this.currentStatus());
  }

  taskStatus(id: unknown, route: unknown): string {
    const status = dictGet(this.taskEntry(str(id), this.routeOr(route)) ?? EMPTY, 'status');
    return status === undefined ? UNSET : str(status);
  }

  /** The route given, else the current task's, else the first. */
  routeOr(route: unknown): unknown {
    if (route !== null && route !== undefined) return route;
    const task = this.internal('current_task');
    return isDict(task) ? (dictGet(task, 'route') ?? 0) : 0;
  }

  /**
   * The latest entry of a task on a route, else on the nearest earlier route all of whose references the route has too.
   * Undefined when the task has not run there. Throws TypeError for a route that is no number, IndexError for one there is not.
   */
  taskEntry(id: string, route: unknown): ContextVariables | undefined {
    const current = this.internal('state');
    const state = isDict(current) ? current : EMPTY;
    const pointers = dictGet(state, 'tasks');
    for (let at: unknown = route; ; ) {
      const index = isDict(pointers) ? dictGet(pointers, `${id}__r${str(at)}`) : undefined;
      if (typeof index === 'number') {
        const entry = (sequenceItems(dictGet(state, 'sequence')) ?? [])[index];
        return isDict(entry) ? entry : undefined;
      }
      if (!ordered('>', at, 0)) return undefined;
      const routes = sequenceItems(dictGet(state, 'routes'));
      if (routes === undefined) throw new PythonError('KeyError', "'routes'");
      at = nearestWithin(routes, at);
      if (at === undefined) return undefined;
    }
  }
}

const EMPTY: ContextVariables = {};

function nearestWithin(routes: readonly unknown[], route: unknown): number | undefined {
  const own = new Set(sequenceItems(getItem(routes, route)) ?? []);
  for (let index = Number(route) - 1; index >= 0; index -= 1) {
    if ((sequenceItems(routes[index]) ?? []).every((reference) => own.has(reference))) return index;
  }
  return undefined;
}
