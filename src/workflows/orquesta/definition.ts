import { Dict, dictEntries, isDict } from '../../expressions/index.ts';
import { PetrelError } from '../../model/index.ts';
import { type Parameter, parseCall, parseShorthand } from './shorthand.ts';

/**
 * A workflow in the form it is conducted in: shorthand is expanded, what may be written in several ways has one form, and what may
 * be left out is there. Values are those of src/expressions (plain JSON is one of them), not yet evaluated.
 */
export interface Definition {
  /** In order; the default is undefined where only a name is given. */
  readonly input: readonly Parameter[];
  readonly vars: readonly Parameter[];
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  readonly output: readonly Parameter[];
  /** Our extension: when the workflow fails, its tasks are undone. */
  readonly rollback: boolean;
}

export interface TaskDefinition {
  readonly name: string;
  /** Without its inline parameters. Undefined: the task succeeds at once. */
  readonly action: string | undefined;
  /** A mapping, or a text that is to give one. The inline parameters of the action replace it. */
  readonly input: unknown;
  readonly with: WithItems | undefined;
  /** Seconds, or a text that is to give them. Undefined: none. */
  readonly delay: unknown;
  readonly retry: TaskRetry | undefined;
  readonly join: 'all' | number | undefined;
  readonly next: readonly Transition[];
  /** Our extension: what undoes the task. */
  readonly compensate: CompensationDefinition | undefined;
}

export interface CompensationDefinition {
  readonly action: string;
  readonly input: unknown;
}

export interface WithItems {
  /** `a, b in <expression>`, or the expression alone. */
  readonly items: string;
  readonly concurrency: unknown;
}

export interface TaskRetry {
  readonly when: string | undefined;
  readonly count: unknown;
  /** Seconds, or a text that is to give them. */
  readonly delay: unknown;
}

export interface Transition {
  /** Undefined: always. */
  readonly when: string | undefined;
  readonly publish: readonly Parameter[];
  readonly do: readonly string[];
}

/**
 * The normal form of a definition that inspection found nothing wrong with. What it would have complained about is refused here
 * with less to say: throws `PetrelError` (`invalid`).
 */
export function definitionOf(raw: unknown): Definition {
  const given = fieldsOf(raw, 'The workflow definition');
  const tasks = new Map<string, TaskDefinition>();
  for (const [name, task] of fieldsOf(given.get('tasks'), '"tasks"')) tasks.set(name, taskOf(name, task));
  return {
    input: entriesOf(given.get('input'), 'input', true),
    vars: entriesOf(given.get('vars'), 'vars'),
    tasks,
    output: entriesOf(given.get('output'), 'output'),
    rollback: booleanOf(given.get('rollback'), 'rollback'),
  };
}

function taskOf(name: string, raw: unknown): TaskDefinition {
  const path = `tasks.${name}`;
  const given = fieldsOf(raw, `"${path}"`);
  const { action, input } = callOf(given.get('action'), given.get('input'), path);
  const join = given.get('join') ?? undefined;
  if (join !== undefined && join !== 'all' && typeof join !== 'number')
    throw wrong(`${path}.join`, '"all" or a number');
  const next = given.get('next') ?? [];
  if (!Array.isArray(next)) throw wrong(`${path}.next`, 'a list');
  return {
    name,
    action,
    input,
    with: withOf(given.get('with') ?? undefined, path),
    delay: given.get('delay') ?? undefined,
    retry: retryOf(given.get('retry') ?? undefined, path),
    join,
    next: next.map((transition, index) => transitionOf(transition, `${path}.next[${index}]`)),
    compensate: compensationOf(given.get('compensate') ?? undefined, `${path}.compensate`),
  };
}

function compensationOf(raw: unknown, path: string): CompensationDefinition | undefined {
  if (raw === undefined) return undefined;
  const given = fieldsOf(raw, `"${path}"`);
  const { action, input } = callOf(given.get('action'), given.get('input'), path);
  if (action === undefined) throw wrong(`${path}.action`, 'the action that undoes the task');
  return { action, input };
}

function booleanOf(raw: unknown, path: string): boolean {
  if (raw === undefined || raw === null) return false;
  if (typeof raw !== 'boolean') throw wrong(path, 'true or false');
  return raw;
}

/** An action and what it is given. */
function callOf(action: unknown, input: unknown, path: string): Pick<TaskDefinition, 'action' | 'input'> {
  const text = textOrNone(action, `${path}.action`);
  const call = text === undefined ? undefined : parseCall(text);
  if (call === undefined) return { action: text, input: input ?? undefined };
  if (call.action === undefined) throw wrong(`${path}.action`, 'an action, a space and then its parameters');
  return { action: call.action, input: new Dict(call.parameters) };
}

function withOf(raw: unknown, path: string): WithItems | undefined {
  if (raw === undefined) return undefined;
  if (typeof raw === 'string') return { items: raw, concurrency: undefined };
  const given = fieldsOf(raw, `"${path}.with"`);
  const items = textOrNone(given.get('items'), `${path}.with.items`);
  // Orquesta lets `with` without items pass inspection and fails when the task is to run: an empty text does so here.
  return { items: items ?? '', concurrency: given.get('concurrency') ?? undefined };
}

function retryOf(raw: unknown, path: string): TaskRetry | undefined {
  if (raw === undefined) return undefined;
  const given = fieldsOf(raw, `"${path}.retry"`);
  return {
    when: textOrNone(given.get('when'), `${path}.retry.when`),
    count: given.get('count') ?? undefined,
    delay: given.get('delay') ?? undefined,
  };
}

function transitionOf(raw: unknown, path: string): Transition {
  const given = fieldsOf(raw, `"${path}"`);
  const publish = given.get('publish') ?? undefined;
  return {
    when: textOrNone(given.get('when'), `${path}.when`),
    publish: typeof publish === 'string' ? parseShorthand(publish) : entriesOf(publish, `${path}.publish`),
    do: targetsOf(given.get('do'), `${path}.do`),
  };
}

/** The names in `do`. */
function targetsOf(raw: unknown, path: string): string[] {
  if (raw === undefined || raw === null || raw === '' || (Array.isArray(raw) && raw.length === 0)) return ['continue'];
  if (typeof raw === 'string') return raw.split(',').map((name) => name.trim());
  if (!Array.isArray(raw)) throw wrong(path, 'text, or a list of texts');
  return raw.map((name: unknown) => {
    if (typeof name !== 'string') throw wrong(path, 'text, or a list of texts');
    return name;
  });
}

/** A list of mappings of one key each; where names may stand alone, a text is one without a value. */
function entriesOf(raw: unknown, path: string, namesAlone = false): Parameter[] {
  if (raw === undefined || raw === null) return [];
  if (!Array.isArray(raw)) throw wrong(path, 'a list');
  return raw.map((entry: unknown, index) => {
    if (namesAlone && typeof entry === 'string') return [entry, undefined] as const;
    const [first, second] = fieldsOf(entry, `"${path}[${index}]"`);
    if (first === undefined || second !== undefined) throw wrong(`${path}[${index}]`, 'a mapping of exactly one key');
    return first;
  });
}

function fieldsOf(raw: unknown, what: string): Map<string, unknown> {
  if (!isDict(raw)) throw new PetrelError('invalid', `${what} must be a mapping.`);
  const fields = new Map<string, unknown>();
  for (const [key, value] of dictEntries(raw)) {
    if (typeof key !== 'string') throw new PetrelError('invalid', `${what} must have texts as keys.`);
    fields.set(key, value);
  }
  return fields;
}

function textOrNone(raw: unknown, path: string): string | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (typeof raw !== 'string') throw wrong(path, 'text');
  return raw;
}

function wrong(path: string, expected: string): PetrelError {
  return new PetrelError('invalid', `"${path}" must be ${expected}.`, { details: { path } });
}
