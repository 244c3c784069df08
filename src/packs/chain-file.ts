import { isJsonObject, type Json, type JsonObject } from '../model/index.ts';
import { type ActionMention, mentionOf } from './mention.ts';
import { didYouMean } from './problems.ts';
import { checkMapping, describe, type Fields, mappingOf, unknownKey } from './shape.ts';
import type { Source } from './source.ts';

const CHAIN: Fields = {
  chain: { kind: 'list', required: true },
  default: { kind: 'text' },
  vars: { kind: 'mapping' },
  // Ours.
  rollback: { kind: 'boolean' },
};

const BLOCK = { kind: 'mapping' } as const;

const TASK: Fields = {
  name: { kind: 'text', required: true },
  ref: { kind: 'text', required: true },
  parameters: { kind: 'mapping' },
  params: { kind: 'mapping' },
  'on-success': { kind: 'text' },
  'on-failure': { kind: 'text' },
  publish: { kind: 'mapping' },
  notify: { kind: 'mapping', fields: { 'on-complete': BLOCK, 'on-success': BLOCK, 'on-failure': BLOCK } },
  // Ours.
  compensate: { kind: 'mapping', fields: { action: { kind: 'text', required: true }, input: { kind: 'mapping' } } },
  // Not in StackStorm's schema, but in many chains: it checks no task but the first.
  description: { kind: 'text' },
};

/**
 * Checks an action-chain's file by the rules of action-chain.md, section 2, and answers the actions it mentions. What StackStorm
 * lets pass (it holds only the first task against its schema) is a warning: the key has no effect, the rest works.
 */
export function checkChain(source: Source): readonly ActionMention[] {
  const fields = checkMapping(source, [], source.value, CHAIN, { what: 'an action-chain', lenient: true });
  if (fields === undefined || !Array.isArray(fields.chain)) return [];
  const tasks: readonly Json[] = fields.chain;
  if (tasks.length === 0) source.error(['chain'], 'The chain has no task, so there is nothing to start with.');
  const mentions: ActionMention[] = [];
  const seen = new Map<string, number>();
  for (const [index, task] of tasks.entries()) {
    const path = ['chain', index];
    if (!isJsonObject(task)) {
      source.error(path, `A task must be a mapping with "name" and "ref", but it is ${describe(task)}.`);
      continue;
    }
    if (index === 0) checkMapping(source, path, task, TASK, { what: 'a task', lenient: true });
    else checkLaterTask(source, index, task);
    checkParameters(source, index, task);
    if (typeof task.name === 'string') {
      const first = seen.get(task.name);
      if (first === undefined) seen.set(task.name, index);
      else {
        const { line } = source.place(['chain', first]);
        source.warning(
          [...path, 'name'],
          `A task called "${task.name}" exists already (line ${line}); this one is never run.`,
        );
      }
    }
    if (typeof task.ref === 'string' && task.ref !== '') {
      const key = filled(task.parameters) ? 'parameters' : 'params';
      const action = {
        ref: task.ref,
        path: [...path, 'ref'],
        parameters: mappingOf(task, key),
        parametersPath: [...path, key],
      };
      mentions.push(mentionOf(source, 'this task', action));
    }
  }
  checkLinks(source, fields, tasks, seen);
  return mentions;
}

function checkLaterTask(source: Source, index: number, task: JsonObject): void {
  const path = ['chain', index];
  for (const key of Object.keys(task)) {
    if (!Object.hasOwn(TASK, key)) {
      source.warning([...path, key], `${unknownKey(key, 'a task', Object.keys(TASK))} It has no effect.`, 'key');
    }
  }
  for (const key of ['name', 'ref']) {
    if (typeof task[key] !== 'string') source.error(path, `The key "${key}" is missing; a task needs it.`);
  }
}

function filled(value: Json | undefined): boolean {
  return isJsonObject(value) && Object.keys(value).length > 0;
}

function checkParameters(source: Source, index: number, task: JsonObject): void {
  if (filled(task.params) && filled(task.parameters)) {
    source.error(
      ['chain', index, 'params'],
      'A task may have "parameters" or, as of old, "params", but not both.',
      'key',
    );
  }
}

function checkLinks(
  source: Source,
  fields: JsonObject,
  tasks: readonly Json[],
  names: ReadonlyMap<string, number>,
): void {
  const check = (target: Json | undefined, path: readonly (string | number)[], where: string) => {
    if (typeof target !== 'string' || target === '' || names.has(target)) return;
    // As StackStorm: a templated name is not checked, though it is never rendered either.
    if (target.includes('{{') || target.includes('{%')) {
      source.warning(path, `${where} is a template, but names of tasks are never rendered; write the name itself.`);
      return;
    }
    source.error(
      path,
      `${where} names the task "${target}", which this chain does not have.${didYouMean(target, names.keys())}`,
    );
  };
  for (const [index, task] of tasks.entries()) {
    if (!isJsonObject(task)) continue;
    const name = typeof task.name === 'string' ? task.name : `number ${index + 1}`;
    for (const link of ['on-success', 'on-failure']) {
      check(task[link], ['chain', index, link], `"${link}" of task "${name}"`);
    }
  }
  check(fields.default, ['default'], '"default"');
}
