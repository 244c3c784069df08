import type { ActionContext, ActionDefinition, z } from 'petrel/sdk';

/** What became of a run, and everything it has said on the way. */
export interface ActionRun<Result> {
  readonly result: Result;
  readonly log: readonly string[];
  /** Values that the action has marked as secret. */
  readonly secrets: readonly string[];
}

/**
 * Runs an action as its runner does: input through its schema, result through its output schema. There is no cluster and no
 * datastore; an action that asks for one fails.
 */
export async function runAction<Input extends z.ZodObject, Output extends z.ZodType>(
  action: ActionDefinition<Input, Output>,
  input: z.input<Input>,
  config: Readonly<Record<string, unknown>>,
  signal: AbortSignal = AbortSignal.timeout(25_000),
): Promise<ActionRun<z.output<Output>>> {
  const log: string[] = [];
  const secrets: string[] = [];
  const line = (level: string) => (message: string) => {
    log.push(`${level}: ${message}`);
  };
  const context: ActionContext<z.output<Input>> = {
    input: action.input.parse(input),
    logger: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    get datastore(): never {
      throw new Error('this run has no datastore');
    },
    config,
    signal,
    execution: { id: '0123456789abcdef01234567', attempt: 1, user: 'test' },
    get kubernetes(): never {
      throw new Error('this run has no cluster');
    },
    secret(value) {
      secrets.push(value);
      return value;
    },
  };
  const returned = await action.run(context);
  // an action without an output schema answers what it answers
  const result = (action.output === undefined ? returned : action.output.parse(returned)) as z.output<Output>;
  return { result, log, secrets };
}
