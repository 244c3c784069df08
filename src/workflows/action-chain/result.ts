import type { Json, JsonObject } from '../../model/index.ts';
import { millisecondsOf } from '../../model/index.ts';
import type { WorkflowEnvironment } from '../conductor.ts';
import { partOf } from '../references.ts';
import { rollbackResult } from '../rollback-result.ts';
import type { ChainState, Entry, Rollback } from './state.ts';
import { resultOf } from './variables.ts';

/**
 * The chain's result document (action-chain.md, section 5). StackStorm loses the tasks when an error ends the chain outside
 * of its loop; here they are always in.
 */
export function chainResult(state: ChainState, environment: WorkflowEnvironment, error?: string): JsonObject {
  return {
    tasks: state.entries.map((entry) => taskEntry(entry, environment)),
    ...(state.displayPublished ? { published: publishedOf(state, environment) } : {}),
    ...(error === undefined ? {} : { error, traceback: '' }),
    ...(state.rollback && { rollback: rollbackOf(state.rollback) }),
  };
}

function rollbackOf({ steps, results }: Rollback): JsonObject {
  return rollbackResult(
    results,
    steps.slice(results.length).map(({ task }) => task),
  );
}

function publishedOf({ published, references }: ChainState, environment: WorkflowEnvironment): JsonObject {
  const late = [...references].map(([name, reference]) => [name, partOf(environment.result(reference[0]), reference)]);
  return { ...published, ...Object.fromEntries(late) };
}

function taskEntry(entry: Entry, environment: WorkflowEnvironment): Json {
  const isRefused = entry.refusal !== undefined;
  const requestedAt = millisecondsOf(entry.executionId);
  const times = isRefused ? { createdAt: requestedAt, updatedAt: requestedAt } : environment.times(entry.executionId);
  return {
    id: entry.task,
    name: entry.task,
    execution_id: isRefused ? null : entry.executionId,
    liveaction_id: isRefused ? null : entry.executionId,
    workflow: null,
    created_at: isoTime(times.createdAt),
    updated_at: isoTime(times.updatedAt),
    state: entry.status,
    result: resultOf(entry, environment),
  };
}

/** As Python's isoformat of an aware time: microseconds and offset. */
function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000+00:00');
}
