import { castParameter } from '../../expressions/index.ts';
import { type JsonObject, messageOf, PetrelError } from '../../model/index.ts';
import type { WorkflowEnvironment } from '../conductor.ts';
import type { Templates } from '../templates.ts';
import { findTask } from './definition.ts';
import { RenderFailure, renderValues } from './render.ts';
import type { ChainState, Undo } from './state.ts';
import { publishVariables } from './variables.ts';

/**
 * Compensation, an extension of ours: when a chain with `rollback: true` fails, what its tasks did is undone by their `compensate` actions,
 * one after the other. Every run of a task that succeeded is undone, what ended last first.
 */
export function undosOf({ chain, entries }: ChainState): readonly Undo[] {
  if (!chain.rollback) return [];
  return entries
    .filter(({ task, status }) => status === 'succeeded' && findTask(chain, task)?.compensate !== undefined)
    .map(({ task, executionId }) => ({ task, execution_id: executionId }))
    .toReversed();
}

/**
 * The action that undoes a run of a task; `{{ task.result }}` is what that run answered. Answers why not when its input cannot be
 * rendered, or there is no such action.
 */
export function renderUndo(
  state: ChainState,
  { task, execution_id: executionId }: Undo,
  environment: WorkflowEnvironment,
  templates: Templates,
): { readonly actionRef: string; readonly parameters: JsonObject } | { readonly why: string } {
  const compensate = findTask(state.chain, task)?.compensate;
  if (compensate === undefined) return { why: `The task "${task}" cannot be undone.` };
  const { action: actionRef, input } = compensate;
  const schemas = environment.actionParameters(actionRef);
  if (schemas === undefined) return { why: `Action with reference "${actionRef}" doesn't exist.` };
  try {
    const entry = { task, executionId, status: 'succeeded' } as const;
    const rendered = renderValues(input, () => publishVariables(state, entry, environment, templates), templates);
    const cast = Object.entries(rendered).map(([name, value = null]) => [
      name,
      castParameter(name, Object.hasOwn(schemas, name) ? schemas[name] : undefined, value),
    ]);
    return { actionRef, parameters: Object.fromEntries(cast) };
  } catch (error) {
    if (error instanceof RenderFailure) {
      return { why: `Failed rendering value for "${error.key}" (template string=${error.source}): ${error.reason}` };
    }
    if (error instanceof PetrelError) return { why: messageOf(error) };
    throw error;
  }
}
