import { type ActionDefinition, type TestContext, testContext, type z } from 'petrel/sdk';

/** What became of a run, and everything it has said on the way. */
export interface ActionRun<Result> {
  readonly result: Result;
  readonly log: readonly string[];
  /** Values that the action has marked as secret. */
  readonly secrets: readonly string[];
}

/** Runs an action as its runner does, with the input through its schema and the result through its output schema, for at most 25 s. `keys` is the datastore before and afterwards. */
export async function runAction<Input extends z.ZodObject, Output extends z.ZodType>(
  action: ActionDefinition<Input, Output>,
  input: z.input<Input>,
  config: Readonly<Record<string, unknown>>,
  signal: AbortSignal = AbortSignal.timeout(25_000),
  keys: Map<string, string> = new Map(),
): Promise<ActionRun<z.output<Output>>> {
  const context = testContext({ input: action.input.parse(input), config, keys: Object.fromEntries(keys) });
  try {
    return await finish(action, context, signal);
  } finally {
    keys.clear();
    for (const [name, { value }] of context.keys) keys.set(name, value);
  }
}

async function finish<Input extends z.ZodObject, Output extends z.ZodType>(
  action: ActionDefinition<Input, Output>,
  context: TestContext<z.output<Input>>,
  signal: AbortSignal,
): Promise<ActionRun<z.output<Output>>> {
  const returned = await action.run({ ...context, signal });
  // an action without an output schema answers what it answers
  const result = (action.output === undefined ? returned : action.output.parse(returned)) as z.output<Output>;
  const log = context.logged.map(({ level, message }) => `${level}: ${message}`);
  return { result, log, secrets: [...context.secrets] };
}
