import { compilePythonRegex, Dict, dictEntries, dictGet, isDict, truthy } from '../../../expressions/index.ts';
import { PetrelError } from '../../../model/index.ts';
import { parseCall, parseShorthand } from '../shorthand.ts';

/**
 * A definition as Orquesta's own objects hold it while they inspect it: shorthand is expanded, but values that break the schema are
 * still there, because the other inspections go on in spite of them. Values are undefined where a property is missing.
 */
export interface Spec {
  /** The whole, with `with: text` as `with: {items: text}`: what the schema is held against. */
  readonly raw: Dict;
  readonly input: unknown;
  readonly vars: unknown;
  readonly output: unknown;
  readonly tasks: ReadonlyMap<string, TaskSpec>;
}

export interface TaskSpec {
  readonly action: unknown;
  readonly input: unknown;
  readonly delay: unknown;
  readonly join: unknown;
  /** Undefined when empty. */
  readonly with: Fields | undefined;
  /** Whether there is a `with`, be it empty. */
  readonly hasItems: boolean;
  readonly retry: Fields | undefined;
  readonly next: readonly TransitionSpec[];
  /** Our extension; undefined when empty. */
  readonly compensate: Fields | undefined;
}

export interface TransitionSpec {
  readonly when: unknown;
  /** Shorthand is a list of mappings. */
  readonly publish: unknown;
  /** Names, whatever they are. */
  readonly targets: readonly unknown[];
  /** The same as written. */
  readonly do: unknown;
}

/** Properties by name. */
export type Fields = ReadonlyMap<string, unknown>;

const TASK_NAME = compilePythonRegex('^\\w+$');

/** Throws `PetrelError` (`invalid`) for the shapes that Orquesta does not survive (orquesta.md, end of section 11). */
export function specOf(given: unknown): Spec {
  if (!isDict(given) || !truthy(given)) throw refused('', 'A definition is a mapping with "tasks" in it');
  const raw = new Dict(dictEntries(given));
  const rawTasks = dictGet(given, 'tasks');
  const tasks = new Map<string, TaskSpec>();
  if (truthy(rawTasks ?? null)) {
    if (!isDict(rawTasks)) throw refused('tasks', 'must be a mapping of tasks');
    const expanded = new Dict();
    for (const [name, task] of dictEntries(rawTasks)) {
      if (typeof name !== 'string' || !TASK_NAME.test(name)) {
        throw refused(`tasks.${String(name)}`, 'is no name for a task; use letters, digits and underscores');
      }
      const path = `tasks.${name}`;
      if (!isDict(task) || !truthy(task)) throw refused(path, 'must be a mapping that is not empty');
      const full = withItems(task);
      expanded.set(name, full);
      tasks.set(name, taskOf(full, path));
    }
    raw.set('tasks', expanded);
  }
  for (const key of ['input', 'vars', 'output']) checkEntryNames(dictGet(given, key), key);
  return { raw, input: dictGet(given, 'input'), vars: dictGet(given, 'vars'), output: dictGet(given, 'output'), tasks };
}

/** `with: text` stands for its items. */
function withItems(task: Parameters<typeof dictEntries>[0]): Dict {
  const full = new Dict(dictEntries(task));
  const items = full.get('with');
  if (typeof items === 'string') full.set('with', new Dict([['items', items]]));
  return full;
}

function taskOf(task: Dict, path: string): TaskSpec {
  const next = task.get('next');
  if (truthy(next ?? null) && !Array.isArray(next)) throw refused(`${path}.next`, 'must be a list of transitions');
  const transitions: readonly unknown[] = Array.isArray(next) ? next : [];
  const input = task.get('input');
  if (isDict(input)) checkNames(input, `${path}.input`);
  return {
    ...callOf(task.get('action'), input, path),
    delay: task.get('delay'),
    join: task.get('join'),
    with: fieldsOf(task.get('with'), `${path}.with`),
    hasItems: (task.get('with') ?? null) !== null,
    retry: fieldsOf(task.get('retry'), `${path}.retry`),
    next: transitions.map((transition, index) => transitionOf(transition, `${path}.next[${index}]`)),
    compensate: fieldsOf(task.get('compensate'), `${path}.compensate`),
  };
}

function callOf(action: unknown, input: unknown, path: string): { action: unknown; input: unknown } {
  const call = typeof action === 'string' ? parseCall(action) : undefined;
  if (call === undefined) return { action, input };
  if (call.action === undefined)
    throw refused(`${path}.action`, 'must have an action and a space before its parameters');
  return { action: call.action, input: new Dict(call.parameters) };
}

function transitionOf(given: unknown, path: string): TransitionSpec {
  if (!isDict(given) || !truthy(given)) throw refused(path, 'must be a mapping that is not empty');
  const publish = dictGet(given, 'publish');
  checkEntryNames(publish, `${path}.publish`);
  const written = dictGet(given, 'do');
  const to = truthy(written ?? null) ? written : 'continue';
  return {
    when: dictGet(given, 'when'),
    publish: typeof publish === 'string' && publish !== '' ? entries(publish) : publish,
    targets: targetsOf(to, `${path}.do`),
    do: to,
  };
}

function entries(shorthand: string): Dict[] {
  return parseShorthand(shorthand).map((parameter) => new Dict([parameter]));
}

function targetsOf(to: unknown, path: string): readonly unknown[] {
  if (typeof to === 'string') return to.split(',').map((name) => name.trim());
  if (Array.isArray(to)) return to;
  if (isDict(to)) return [...dictEntries(to)].map(([name]) => name);
  throw refused(path, 'must be text or a list of texts');
}

function fieldsOf(given: unknown, path: string): Fields | undefined {
  if (!truthy(given ?? null)) return undefined;
  if (!isDict(given)) throw refused(path, 'must be a mapping');
  return new Map([...dictEntries(given)].map(([key, value]) => [String(key), value]));
}

/** Of names that are no texts the schema cannot speak. */
function checkEntryNames(given: unknown, path: string): void {
  if (!Array.isArray(given)) return;
  for (const [index, entry] of given.entries()) if (isDict(entry)) checkNames(entry, `${path}[${index}]`);
}

function checkNames(given: Parameters<typeof dictEntries>[0], path: string): void {
  for (const [name] of dictEntries(given))
    if (typeof name !== 'string') throw refused(path, 'must have texts as names');
}

function refused(path: string, why: string): PetrelError {
  const what = path === '' ? why : `"${path}" ${why}`;
  return new PetrelError('invalid', `${what}.`, { details: path === '' ? {} : { path } });
}
