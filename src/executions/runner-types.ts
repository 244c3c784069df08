import type { KnownRunner } from '../packs/index.ts';
import type { Runner } from '../runners/index.ts';
import type { WorkflowKind } from '../workflows/index.ts';

/** What an action may name as its runner type: runners, and workflow languages, which run as their conductor says. */
export function runnerTypes(
  runners: ReadonlyMap<string, Runner>,
  kinds: ReadonlyMap<string, WorkflowKind>,
): readonly KnownRunner[] {
  return [
    ...[...runners.values()].map(({ name, parameters }) => ({ name, parameters })),
    ...[...kinds.values()].map(({ runnerType, parameters }) => ({ name: runnerType, parameters })),
  ];
}
