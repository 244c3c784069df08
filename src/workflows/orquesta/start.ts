import { merged, terminalVariables } from './contexts.ts';
import { evaluate, messageOfFailure } from './expressions.ts';
import { change, fail, logError, type Run } from './run.ts';
import type { Staged, Variables } from './state.ts';
import { isCompleted } from './statuses.ts';

/** Renders inputs and variables, and stages the first tasks. Errors are logged, and the workflow has failed then. */
export function start(run: Run, inputs: Variables, parent: Variables): void {
  const { definition, graph, state } = run;
  let variables = parent;
  const render = (name: string, value: unknown): void => {
    try {
      variables = new Map(variables).set(name, evaluate(value, variables, {}, state, run.language));
    } catch (error) {
      logError(run, messageOfFailure(error));
    }
  };
  for (const [name, otherwise] of definition.input) {
    // The original evaluates what it is given, too.
    if (!inputs.has(name)) render(name, otherwise ?? null);
    else if (run.language.reevaluateData === true) render(name, inputs.get(name));
    else variables = new Map(variables).set(name, inputs.get(name));
  }
  for (const [name, value] of definition.vars) render(name, value);
  if (state.errors.length > 0) {
    fail(run);
    return;
  }
  change(run, { do: 'context', base: undefined, variables });
  change(run, { do: 'route', references: [] });
  for (const id of graph.roots) stage(run, { id, route: 0, context: 0, previous: {}, ready: true });
}

/** Puts a task where `nextTasks` finds it. */
export function stage(
  run: Run,
  given: Pick<Staged, 'id' | 'route' | 'context' | 'previous' | 'ready'> & Partial<Staged>,
): Staged {
  const staged: Staged = { items: undefined, completed: false, runOnFail: false, retry: undefined, ...given };
  change(run, { do: 'stage', staged });
  return staged;
}

/**
 * Renders the output of a workflow that has ended, once (again when nothing was rendered). What fails is logged, and a workflow that
 * had succeeded has failed then.
 */
export function renderOutput(run: Run): void {
  const { definition, state } = run;
  if (!isCompleted(state.status) || state.output !== undefined) return;
  let variables = terminalVariables(state);
  const output = new Map<string, unknown>();
  let failed = false;
  for (const [name, value] of definition.output) {
    try {
      const rendered = evaluate(value, variables, {}, state, run.language);
      output.set(name, rendered);
      variables = merged(variables, new Map([[name, rendered]]));
    } catch (error) {
      failed = true;
      logError(run, messageOfFailure(error));
    }
  }
  if (output.size > 0) change(run, { do: 'output', output });
  if (failed && state.status === 'succeeded') fail(run);
}
