import type { Json, JsonObject } from '../../model/index.ts';
import { describeIssues, storable } from '../../runners/index.ts';
import type { WorkflowDefinition } from '../../sdk/index.ts';

/** What a workflow failed of. */
export interface Failure {
  readonly error: string;
  readonly traceback: string;
}

/** The result of a workflow that did not succeed: StackStorm's fields of a failure, and what was rolled back. */
export function failedResult({ error, traceback }: Failure, rollback?: JsonObject): JsonObject {
  return { result: null, error, traceback, ...(rollback && { rollback }) };
}

/** What the code returned as it is stored. Throws an `Error` when it does not fit the output schema or is no JSON. */
export async function storedOutput({ output }: WorkflowDefinition, value: unknown, ref: string): Promise<Json> {
  if (output === undefined) return storedAsJson(value, ref);
  const checked = await output.safeParseAsync(value);
  if (checked.success) return storedAsJson(checked.data, ref);
  throw new Error(`What ${ref} answered does not fit its output: ${describeIssues(checked.error)}`);
}

function storedAsJson(value: unknown, ref: string): Json {
  try {
    return storable(value);
  } catch (error) {
    throw new Error(`What ${ref} answered cannot be stored as JSON: ${error instanceof Error ? error.message : error}`);
  }
}
