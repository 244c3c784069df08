import { type Id, PetrelError, putRecent } from '../../model/index.ts';
import { describeIssues, inputOf, withStrayRejections } from '../../runners/index.ts';
import type { Logger, WorkflowDefinition } from '../../sdk/index.ts';
import type { WorkflowEnvironment } from '../conductor.ts';
import { answerOf } from './answers.ts';
import { replay } from './replay.ts';
import { type CodeRun, createRun } from './run.ts';
import type { CodeState } from './state.ts';

/** A workflow's code as it is now. */
export interface LoadedWorkflow {
  readonly definition: WorkflowDefinition;
  /** Relative to the pack's folder. */
  readonly file: string;
  /** Changes when the file, or what it imports from its pack, changes. */
  readonly fingerprint: string;
}

export interface CodeServices {
  /** The code of an action; rejects with the place of what is wrong with it. */
  load(actionRef: string): Promise<LoadedWorkflow>;
  /** Epoch milliseconds. */
  now(): number;
  readonly log: Pick<Logger, 'error'>;
}

export interface LiveRun {
  readonly run: CodeRun;
  readonly definition: WorkflowDefinition;
}

/** The runs in memory. */
export interface Runs {
  /** The run that is where the state is: the one in memory, or one that is replayed. May throw `MissingInput`, before any code runs. */
  of(state: CodeState, environment: WorkflowEnvironment): Promise<LiveRun>;
  /** A run that has not begun. Throws `PetrelError` (`invalid`) when the parameters are not what the code wants. */
  create(
    loaded: LoadedWorkflow,
    state: CodeState,
    start: Pick<CodeState, 'parameters' | 'context' | 'config' | 'startedAt'>,
    environment: WorkflowEnvironment,
  ): Promise<LiveRun>;
  load(actionRef: string): Promise<LoadedWorkflow>;
  drop(workflow: Id): void;
}

/** Runs kept in memory; a workflow beyond that is replayed when its turn comes. */
const MAX_RUNS = 10_000;

export function createRuns({ load, log }: CodeServices): Runs {
  /** A run fits the very state it was made for: a state that was folded anew may be another one. */
  const live = new Map<Id, LiveRun & { readonly state: CodeState }>();
  let letGo: (() => void) | undefined;

  /** While code is in memory, a promise it forgot to await must not take the process down. */
  const watch = () => {
    if (live.size === 0) {
      letGo?.();
      letGo = undefined;
    } else if (letGo === undefined) {
      const report = (message: string) => log.error(`A workflow written in TypeScript: ${message}`);
      void withStrayRejections(report, () => new Promise<void>((resolve) => (letGo = resolve)));
    }
  };

  const create: Runs['create'] = async ({ definition }, state, start, environment) => {
    const { actionRef, executionId: id } = environment;
    // The code may change what it gets; what is written to the journal must not change with it.
    const given = inputOf(definition.input, structuredClone(start.parameters));
    const parsed = await definition.input.safeParseAsync(given);
    if (!parsed.success) {
      throw new PetrelError('invalid', `The parameters of ${actionRef} are not valid: ${describeIssues(parsed.error)}`);
    }
    const user = typeof start.context.user === 'string' ? start.context.user : '';
    const run = createRun({
      definition,
      input: parsed.data as Parameters<typeof createRun>[0]['input'], // what the definition's own schema gave
      config: structuredClone(start.config),
      execution: { id, user },
      startedAt: start.startedAt,
    });
    putRecent(live, id, { run, definition, state }, MAX_RUNS);
    watch();
    return { run, definition };
  };

  const drop = (workflow: Id) => {
    live.delete(workflow);
    watch();
  };

  return {
    load,
    create,
    async of(state, environment) {
      const known = live.get(environment.executionId);
      if (known?.state === state) return known;
      const answers = state.delivered.map((outcome) => answerOf(outcome, state.calls[outcome.call], environment));
      const loaded = await load(environment.actionRef);
      const made = await create(loaded, state, state, environment);
      try {
        await replay(made.run, state, answers, loaded.fingerprint);
      } catch (error) {
        drop(environment.executionId);
        throw error;
      }
      return made;
    },
    drop,
  };
}
