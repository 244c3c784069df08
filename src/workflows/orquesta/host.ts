import type { StackStormHost } from '../../expressions/index.ts';
import type { WorkflowEnvironment } from '../conductor.ts';
import type { LiveWorkflow } from './live.ts';
import { keyOf, latestEntry } from './state.ts';

/** What StackStorm's functions read: `st2kv` of the datastore, `task` of the children. */
export function hostOf(workflow: LiveWorkflow, environment: WorkflowEnvironment): StackStormHost {
  return {
    key: (scope, name) => environment.key(scope, name),
    decrypt: (ciphertext) => environment.decrypt(ciphertext),
    task(id, route) {
      const child = workflow.latest.get(keyOf(id, route));
      const entry = latestEntry(workflow.state, id, route);
      if (child === undefined || entry === undefined) return undefined;
      const { createdAt, updatedAt } = environment.times(child);
      const hasNone = workflow.children.has(child) || workflow.refused.has(child);
      const result = hasNone ? null : environment.result(child);
      return {
        task_execution_id: child,
        workflow_execution_id: environment.executionId,
        task_name: id,
        task_id: id,
        route,
        result,
        status: entry.status ?? null,
        start_timestamp: new Date(createdAt).toISOString(),
        end_timestamp: new Date(updatedAt).toISOString(),
      };
    },
  };
}
