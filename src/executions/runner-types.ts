import type { KnownRunner } from '../packs/index.ts';
import type { Runner } from '../runners/index.ts';
import type { WorkflowKind } from '../workflows/index.ts';

/** What an action may name as its runner type: runners, and workflow languages, which run as their conductor says. */
export function runnerTypes(
  runners: ReadonlyMap<string, Runner>,
  kinds: ReadonlyMap<string, WorkflowKind>,
): readonly KnownRunner[] {
  return [
    ...[...runners.values()].map(({ name, parameters, dropped }) => ({
      name,
      parameters,
      ...(dropped !== undefined && { dropped }),
    })),
    ...[...kinds.values()].map(({ runnerType, parameters }) => ({ name: runnerType, parameters })),
  ];
}

/** A runner type as it is shown. */
export interface RunnerType extends KnownRunner {
  readonly description: string;
  /** The key of the result that an action's output schema describes. */
  readonly outputKey?: string;
  readonly isWorkflow: boolean;
}

/** Runner types by name. */
export function describeRunners(
  runners: ReadonlyMap<string, Runner>,
  kinds: ReadonlyMap<string, WorkflowKind>,
): ReadonlyMap<string, RunnerType> {
  const types: RunnerType[] = [...runners.values()].map(({ name, description, parameters, outputKey }) => ({
    name,
    description,
    parameters,
    isWorkflow: false,
    ...(outputKey !== undefined && { outputKey }),
  }));
  for (const { runnerType, description, parameters, outputKey } of kinds.values()) {
    const output = outputKey === undefined ? {} : { outputKey };
    types.push({ name: runnerType, description, parameters, isWorkflow: true, ...output });
  }
  return new Map(types.map((type) => [type.name, type]));
}
