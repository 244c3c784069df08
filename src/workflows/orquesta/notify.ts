import type { Json, JsonObject } from '../../model/index.ts';
import type { WorkflowInput } from '../conductor.ts';
import { definitionOf } from './definition.ts';
import { decode } from './journal.ts';
import type { Notification } from './live.ts';

type Start = WorkflowInput & { type: 'start' };

/** What the runner parameter `notify` and the workflow's own settings make of its tasks. */
export function notificationOf({ parameters, notify = {} }: Start): Notification | undefined {
  return Array.isArray(parameters.notify) ? { tasks: tasksOf(parameters), settings: notify } : undefined;
}

/** The result of a workflow whose parameter `notify` names what is no task of it (orquesta.md, section 12). */
export function unknownTasks({ definition, parameters }: Start): Json | undefined {
  const tasks = tasksOf(parameters);
  if (tasks.length === 0) return undefined;
  const known = definitionOf(decode(definition)).tasks;
  const unknown = tasks.filter((task) => !known.has(task));
  if (unknown.length === 0) return undefined;
  const names = unknown.map((task) => `"${task}"`).join(', ');
  const message = `The parameter "notify" names what is no task of the workflow: ${names}; it may name ${[...known.keys()].join(', ')}.`;
  return { errors: [{ type: 'content', message, spec_path: null, schema_path: null }], output: null };
}

function tasksOf({ notify }: JsonObject): readonly string[] {
  return Array.isArray(notify) ? notify.filter((name) => typeof name === 'string') : [];
}
