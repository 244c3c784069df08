import { defineAction, type StepContext, z } from '../sdk/index.ts';
import type { Runner } from './runner.ts';
import { runDefinition } from './typescript-script.ts';

/** The function of a workflow's step. */
export interface StepFunction {
  run(context: StepContext): unknown;
  /** Seconds; default 600. */
  readonly timeout?: number;
}

export interface StepSettings {
  /** The function that an execution of `core.step` stands for; rejects with the reason when there is none. */
  findStep?(executionId: string): Promise<StepFunction>;
  /** As that of `typescript-script`. */
  readonly grace?: number;
}

/** Runs the function of a step of a TypeScript workflow inside this process. Its result has typescript-script's shape. */
export function workflowStep(settings: StepSettings): Runner {
  return {
    name: 'workflow-step',
    description: 'Runs a step of a workflow written in TypeScript; nothing else can be run with it.',
    parameters: {},
    outputKey: 'result',
    run: (run) =>
      runDefinition(
        async () => {
          if (settings.findStep === undefined) throw new Error('Steps of workflows run within a server only.');
          const step = await settings.findStep(run.execution.id);
          return defineAction({
            input: z.object({}),
            ...(step.timeout !== undefined && { timeout: step.timeout }),
            run: async (context) => step.run(context),
          });
        },
        run,
        settings.grace,
      ),
  };
}
