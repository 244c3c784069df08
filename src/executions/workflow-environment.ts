import { openParameters } from '../datastore/index.ts';
import type { Action, Execution, Id, Json, JsonObject, ParameterSchemas } from '../model/index.ts';
import { PetrelError } from '../model/index.ts';
import type { WorkflowEnvironment } from '../workflows/index.ts';
import { mergeSchemas, renderFinal } from './parameters/index.ts';
import { findAction, type Preparation, packConfig, runnerParametersOf } from './prepare.ts';

/** Undefined when there is none; whether there is one must be known to go on. */
function providedAction({ inputs }: Preparation, ref: string): Action | undefined {
  try {
    return inputs.action(ref);
  } catch (error) {
    if (error instanceof PetrelError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** What a conductor may look at, of one workflow and one state of everything else. */
export function environment(workflow: Execution, preparation: Preparation, nextId: () => Id): WorkflowEnvironment {
  const { registry, inputs, cipher, masker, apiUrl } = preparation;
  const user = typeof workflow.context.user === 'string' ? workflow.context.user : '';
  const action = findAction(preparation, workflow.actionRef);
  return {
    actionRef: workflow.actionRef,
    executionId: workflow.id,
    ...(apiUrl !== undefined && { apiUrl }),
    config: packConfig(preparation, action.pack, user),
    inspectsActions: true,
    actionParameters(ref): ParameterSchemas | undefined {
      const target = registry.actions.get(ref) ?? providedAction(preparation, ref);
      return target && mergeSchemas(runnerParametersOf(preparation, target), target.parameters);
    },
    key: inputs.key,
    decrypt(ciphertext) {
      const plain = cipher.decrypt(ciphertext);
      masker.add(plain);
      return plain;
    },
    result: (id): Json => inputs.result(id),
    times(id) {
      const { createdAt, startedAt, endedAt } = inputs.execution(id);
      return { createdAt, updatedAt: endedAt ?? startedAt ?? createdAt };
    },
    newId: nextId,
  };
}

/** The parameters that a workflow starts with. Throws `MissingInput`, `PetrelError`. */
export function finalParameters(preparation: Preparation, workflow: Execution): JsonObject {
  const action = findAction(preparation, workflow.actionRef);
  const user = typeof workflow.context.user === 'string' ? workflow.context.user : '';
  const schemas = runnerParametersOf(preparation, action);
  const { cipher, masker } = preparation;
  const { runnerParameters, actionParameters } = renderFinal({
    runnerParameters: schemas,
    actionParameters: action.parameters,
    values: openParameters(workflow.parameters, mergeSchemas(schemas, action.parameters), cipher, masker),
    variables: {},
    actionContext: workflow.context,
    config: () => packConfig(preparation, action.pack, user),
    jinja: preparation.jinja,
    key: preparation.inputs.key,
  });
  return { ...runnerParameters, ...actionParameters };
}
