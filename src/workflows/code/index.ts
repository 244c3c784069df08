/**
 * Workflows written in TypeScript. Their code is an async function that lives in memory between decisions; what it asked for and what it
 * was told is in the journal, so that it can be brought to the same place again at any time by running it from the top.
 */
import type { JsonObject } from '../../model/index.ts';
import { TYPESCRIPT_WORKFLOW } from '../../packs/index.ts';
import type { Conductor, Decision } from '../conductor.ts';
import { decide, stepFunction } from './decide.ts';
import { type CodeEvent, history } from './journal.ts';
import { type CodeServices, createRuns } from './runs.ts';
import { type CodeState, fold, initial } from './state.ts';

export type { CodeServices, LoadedWorkflow } from './runs.ts';
export type { CodeState } from './state.ts';

/** What can be said of the language without running anything. */
export const CODE: Pick<Conductor<CodeState>, 'runnerType' | 'description' | 'parameters' | 'outputKey' | 'history'> = {
  runnerType: TYPESCRIPT_WORKFLOW,
  description: 'Runs a workflow written in TypeScript.',
  parameters: {},
  outputKey: 'result',
  // The journal holds what `decide` wrote and nothing else, here and below.
  history: (events) => history(events as readonly unknown[] as readonly CodeEvent[]),
};

export function createCode(services: CodeServices): Conductor<CodeState, Promise<Decision>> {
  const runs = createRuns(services);
  return {
    ...CODE,
    // The module loader reads the file.
    parse: () => ({}),
    initial,
    fold: (state, event: JsonObject) => fold(state, event as unknown as CodeEvent),
    decide: (state, input, environment) => decide(state, input, { environment, runs, now: services.now }),
    stepFunction: (state, child, environment) => stepFunction(state, child, { environment, runs, now: services.now }),
    forget: runs.drop,
  };
}
