import type { JsonObject } from '../../model/index.ts';
import { rollbackResult } from '../rollback-result.ts';
import { variablesOf } from './contexts.ts';
import { ConductError, evaluate } from './expressions.ts';
import { type ActionRequest, itemOf } from './render.ts';
import { change, type Run } from './run.ts';
import { type State, type Undo, undoName } from './state.ts';
import { isAbended } from './statuses.ts';

/**
 * Compensation, an extension of ours: when a workflow with `rollback: true` fails, what its tasks did is undone by their `compensate`
 * actions, one after the other. Every action that succeeded is undone, what ended last first, so that nothing is taken away from under
 * what was built on it.
 *
 * This says whether the workflow has failed and is to be undone; it ends when that is done.
 */
export function isToBeUndone({ definition, state }: Run): boolean {
  return definition.rollback && isAbended(state.status);
}

/** What is to be undone next; undefined when there is nothing more. */
export function nextUndo({ rollback }: State): Undo | undefined {
  return rollback?.steps.slice(0, rollback.until)[rollback.results.length];
}

/** What is not being undone already is left as it is. */
export function stopRollback(run: Run, isUndoing: boolean): void {
  const { rollback } = run.state;
  if (rollback === undefined) return;
  change(run, { do: 'stop-rollback', until: rollback.results.length + (isUndoing ? 1 : 0) });
}

/** The action that undoes it. It sees what the task saw, its result and its item. Throws what an expression throws, and ConductError. */
export function renderUndo({ definition, state, language }: Run, undo: Undo, result: () => unknown): ActionRequest {
  const task = definition.tasks.get(undo.task);
  if (task?.compensate === undefined) throw new ConductError('InvalidTask', `Task "${undo.task}" cannot be undone.`);
  const variables = variablesOf(state, undo.context);
  const about = { id: undo.task, route: undo.route };
  const { item } = undo;
  const moment = {
    task: { ...about, result },
    ...(item !== undefined && { item: { value: itemOf(task, { variables, task: about, state, language }, item) } }),
  };
  const value = (statement: unknown) => evaluate(statement, variables, moment, state, language);
  return { action: value(task.compensate.action), input: value(task.compensate.input ?? null) };
}

/** The rollback as the workflow's result shows it; undefined when there was none. */
export function rollbackOf({ rollback }: State): JsonObject | undefined {
  return rollback && rollbackResult(rollback.results, rollback.steps.slice(rollback.results.length).map(undoName));
}
