import { variablesOf } from './contexts.ts';
import { messageOfFailure } from './expressions.ts';
import { byCode } from './graph.ts';
import { type ActionRequest, renderTask } from './render.ts';
import { change, fail, logError, type Run } from './run.ts';
import { readyToRun, type Staged } from './state.ts';
import { isActive, isConducting, type Status } from './statuses.ts';

/** A task that is to be run now. */
export interface NextTask {
  readonly id: string;
  readonly route: number;
  /** One action, or those of the items whose turn it is. */
  readonly actions: readonly ActionRequest[];
  /** Seconds to wait before. */
  readonly delay: number | undefined;
  /** Of a task with items. `concurrency` undefined: no limit. */
  readonly items: { readonly count: number; readonly concurrency: number | undefined } | undefined;
}

/**
 * The tasks that are to be run now, sorted by name and route. A task stays staged until an event of it is posted, so asking
 * twice answers it twice. When one cannot be rendered, the error is logged, the workflow has failed, and nothing is answered.
 */
export function nextTasks(run: Run): NextTask[] {
  const { state } = run;
  const ready = readyToRun(state).filter(
    ({ runOnFail }) => isConducting(state.status) || (state.status === 'failed' && runOnFail),
  );
  const found: NextTask[] = [];
  let failed = false;
  for (const staged of ready) {
    try {
      const next = nextOf(run, staged);
      if (next !== undefined) found.push(next);
    } catch (error) {
      failed = true;
      logError(run, messageOfFailure(error), { task_id: staged.id, route: staged.route });
    }
  }
  if (failed) {
    fail(run);
    return [];
  }
  return found.sort((left, right) => byCode(left.id, right.id) || left.route - right.route);
}

function nextOf(run: Run, staged: Staged): NextTask | undefined {
  const { definition, state, language } = run;
  const { id, route } = staged;
  const task = definition.tasks.get(id);
  if (task === undefined) return undefined;
  const variables = variablesOf(state, staged.context);
  const turns = turnsOf(staged);
  const { actions, delay, items } = renderTask(task, { variables, task: { id, route }, state, language }, turns.render);
  const wait = staged.retry === undefined ? delay : (staged.retry.delay ?? 0);
  if (items === undefined) return { id, route, actions, delay: wait, items };
  if (staged.items === undefined) {
    change(run, { do: 'stage', staged: { ...staged, items: Array.from({ length: items.count }, () => undefined) } });
  }
  const free = freeOf(staged.items ?? [], items.count, items.concurrency);
  const waiting = actions.filter(({ item = 0 }) => staged.items?.[item] === undefined).slice(0, free);
  if (waiting.length === 0 && items.count > 0) return undefined;
  return { id, route, actions: waiting, delay: wait, items };
}

/** How many more items may run. */
function freeOf(statuses: readonly (Status | undefined)[], count: number, concurrency: number | undefined): number {
  return concurrency === undefined ? count : Math.max(0, concurrency - statuses.filter(isActive).length);
}

/** Which items are rendered: all of them at first, so that a mistake in any is found before one runs; then those whose turn it is. */
function turnsOf({ items }: Staged): {
  render(item: number, count: number, concurrency: () => number | undefined): boolean;
} {
  let left: number | undefined;
  return {
    render(item, count, concurrency) {
      if (items === undefined) return true;
      left ??= freeOf(items, count, concurrency());
      if (items[item] !== undefined || left === 0) return false;
      left -= 1;
      return true;
    },
  };
}
