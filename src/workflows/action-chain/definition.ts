import { isJsonObject, type Json, type JsonObject } from '../../model/index.ts';

/** A chain file, read: every key is there, and `params` and `parameters` are still apart, as in StackStorm's task context. */
export interface Chain {
  readonly vars: JsonObject;
  /** Name of the first task; empty: found by `startOf`. */
  readonly default: string;
  readonly tasks: readonly ChainTask[];
  /** Our extension: when the chain fails, its tasks are undone. */
  readonly rollback: boolean;
}

/** Field names as in the `chain` entry of a child's context. A task after the first may lack `name` and `ref`. */
export interface ChainTask {
  readonly name: string | null;
  readonly ref: string | null;
  readonly params: JsonObject;
  readonly parameters: JsonObject;
  /** Name of the next task; empty: the chain ends. */
  readonly on_success: string;
  readonly on_failure: string;
  readonly publish: JsonObject;
  readonly notify: JsonObject | null;
  /** Our extension: what undoes the task. */
  readonly compensate?: { readonly action: string; readonly input: JsonObject };
}

/** The chain in the form it is journaled in. */
export function chainDocument(chain: Chain): JsonObject {
  const { vars, default: first, tasks, rollback } = chain;
  return { vars, default: first, tasks: tasks.map(taskDocument), ...(rollback && { rollback }) };
}

export function taskDocument(task: ChainTask): JsonObject {
  return { ...task };
}

/** Reads what `chainDocument` wrote. Keys of later releases are left out, missing ones are empty. */
export function chainOf(document: JsonObject): Chain {
  const { vars, tasks } = document;
  return {
    vars: mapping(vars),
    default: text(document.default),
    tasks: Array.isArray(tasks) ? tasks.filter(isJsonObject).map(taskOf) : [],
    rollback: document.rollback === true,
  };
}

function taskOf(document: JsonObject): ChainTask {
  return {
    name: typeof document.name === 'string' ? document.name : null,
    ref: typeof document.ref === 'string' ? document.ref : null,
    params: mapping(document.params),
    parameters: mapping(document.parameters),
    on_success: text(document.on_success),
    on_failure: text(document.on_failure),
    publish: mapping(document.publish),
    notify: isJsonObject(document.notify) ? document.notify : null,
    ...compensateOf(document),
  };
}

/** A task's `compensate`, as a file has it too. */
export function compensateOf({ compensate }: JsonObject): Pick<ChainTask, 'compensate'> {
  if (!isJsonObject(compensate)) return {};
  return { compensate: { action: text(compensate.action), input: mapping(compensate.input) } };
}

/** The task of that name; of several the first, as StackStorm. */
export function findTask(chain: Chain, name: string): ChainTask | undefined {
  return chain.tasks.find((task) => task.name === name);
}

/** Where the chain begins: its default, else the first task no other points at, else the first task. */
export function startOf(chain: Chain): string | undefined {
  if (chain.default !== '') return chain.default;
  const targets = new Set(chain.tasks.flatMap((task) => [task.on_success, task.on_failure]));
  const start = chain.tasks.find((task) => task.name !== null && !targets.has(task.name)) ?? chain.tasks[0];
  return start?.name ?? undefined;
}

/** `parameters`, unless it is empty: then the older `params`. */
export function parametersOf(task: ChainTask): JsonObject {
  return Object.keys(task.parameters).length > 0 ? task.parameters : task.params;
}

function mapping(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
