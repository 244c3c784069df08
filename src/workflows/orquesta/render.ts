import { sequenceItems } from '../../expressions/index.ts';
import type { TaskDefinition } from './definition.ts';
import { ConductError, evaluate, type Language, type Moment } from './expressions.ts';
import type { State, Variables } from './state.ts';

/** One action that a task wants to be run. */
export interface ActionRequest {
  readonly action: unknown;
  readonly input: unknown;
  /** Index of the item, of a task that has several. */
  readonly item?: number;
}

export interface Rendered {
  readonly actions: readonly ActionRequest[];
  /** Seconds. */
  readonly delay: number | undefined;
  /** Undefined for a task without items. */
  readonly items: { readonly count: number; readonly concurrency: number | undefined } | undefined;
}

export interface Rendering {
  readonly variables: Variables;
  readonly task: { readonly id: string; readonly route: number };
  readonly state: State;
  readonly language: Language;
}

/**
 * A task's action or actions (orquesta.md, sections 5 and 6). `wanted` says of an item, once the list is known, whether its action is
 * needed: the original renders all of them at every request, which a list of a thousand pays for a thousand times. Throws what
 * an expression throws, and ConductError.
 */
export function renderTask(
  task: TaskDefinition,
  rendering: Rendering,
  wanted: (item: number, count: number, concurrency: () => number | undefined) => boolean = () => true,
): Rendered {
  const value = (statement: unknown, moment: Moment = {}): unknown => {
    const { variables, state, language } = rendering;
    return evaluate(statement, variables, { task: rendering.task, ...moment }, state, language);
  };
  const action = (moment: Moment): ActionRequest => ({
    action: task.action === undefined ? null : value(task.action, moment),
    input: task.input === undefined ? null : value(task.input, moment),
  });
  if (task.with === undefined) {
    const actions = [action({})];
    return { actions, delay: delayOf(task, value), items: undefined };
  }
  const items = itemsOf(task.with.items, value);
  const { concurrency } = task.with;
  const actions: ActionRequest[] = [];
  for (const [index, item] of items.entries()) {
    if (wanted(index, items.length, () => concurrencyOf(concurrency, value)))
      actions.push({ ...action({ item: { value: item } }), item: index });
  }
  const delay = delayOf(task, value);
  return { actions, delay, items: { count: items.length, concurrency: concurrencyOf(concurrency, value) } };
}

/** The item of that index. Throws as `renderTask`. */
export function itemOf(
  task: TaskDefinition,
  { variables, task: about, state, language }: Rendering,
  index: number,
): unknown {
  const value = (statement: unknown) => evaluate(statement, variables, { task: about }, state, language);
  return itemsOf(task.with?.items ?? '', value)[index];
}

function delayOf({ delay }: TaskDefinition, value: (statement: unknown) => unknown): number | undefined {
  if (delay === undefined || delay === 0) return undefined;
  const seconds = value(delay);
  if (typeof seconds === 'boolean') return Number(seconds);
  if (typeof seconds === 'number' && Number.isSafeInteger(seconds)) return seconds;
  throw new ConductError('TypeError', 'The value of task delay is not type of integer.');
}

const NAMED_ITEMS = /^\s*((?:\w+,\s?)*\w+)\s+in\s+(.*)$/s;

/** The list of `a, b in <expression>` or `<expression>`, each item with its names. */
function itemsOf(statement: string, value: (statement: unknown) => unknown): readonly unknown[] {
  const [, names, expression = statement] = NAMED_ITEMS.exec(statement) ?? [];
  const list = value(expression);
  if (!Array.isArray(list)) {
    throw new ConductError('TypeError', `The value of "${expression}" is not type of list.`);
  }
  if (names === undefined) return list;
  const keys = names.split(',').map((name) => name.trim());
  return list.map((item) => named(item, keys));
}

function named(item: unknown, keys: readonly string[]): unknown {
  const parts = sequenceItems(item);
  const [key = ''] = keys;
  if (parts === undefined) return keys.length === 1 ? { [key]: item } : item;
  return Object.fromEntries(keys.slice(0, parts.length).map((name, index) => [name, parts[index]]));
}

function concurrencyOf(statement: unknown, value: (statement: unknown) => unknown): number | undefined {
  const concurrency = statement === undefined ? null : value(statement);
  if (concurrency === null) return undefined;
  if (typeof concurrency !== 'number') {
    throw new ConductError('TypeError', 'The value of concurrency is not a number.');
  }
  return concurrency <= 0 ? 1 : concurrency;
}
