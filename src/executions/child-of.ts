import { type Execution, type JsonObject, PetrelError } from '../model/index.ts';
import type { TaskRequest } from '../workflows/index.ts';
import { type Preparation, prepareExecution } from './prepare.ts';

/** The child execution, or why it was refused. */
export async function childOf(
  workflow: Execution,
  request: TaskRequest,
  preparation: Preparation,
): Promise<Execution | string> {
  const user = typeof workflow.context.user === 'string' ? workflow.context.user : '';
  try {
    return await preparation.inputs.evaluate(() =>
      prepareExecution(preparation, {
        id: request.executionId,
        actionRef: request.actionRef,
        parameters: request.parameters,
        literal: !reevaluatesData(workflow, preparation),
        user,
        context: { ...request.context, parent: parentContext(workflow) },
        parent: workflow,
        taskName: request.task,
        ...(request.notify !== undefined && { notify: request.notify }),
        ...(request.delay !== undefined && { delay: request.delay }),
      }),
    );
  } catch (error) {
    if (error instanceof PetrelError) return error.message;
    throw error;
  }
}

/**
 * Whether the workflow's pack has `reevaluate_data: true` in its configuration: then what a task hands on is rendered once more
 * when the child is requested, as StackStorm does to all data (st2#5956).
 */
function reevaluatesData(workflow: Execution, { registry }: Preparation): boolean {
  const action = registry.actions.get(workflow.actionRef);
  return action !== undefined && registry.packs.get(action.pack)?.config.reevaluate_data === true;
}

/** `context.parent` of a child, as StackStorm has it; the grandparent's is kept inside. */
function parentContext(workflow: Execution): JsonObject {
  const { chain: _, ...context } = workflow.context;
  return { ...context, execution_id: workflow.id };
}
