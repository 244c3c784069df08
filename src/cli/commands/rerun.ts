import { connect } from '../client.ts';
import { namesIn } from '../output.ts';
import { attend, type HowOptions, parametersOf, settingsOf } from './run.ts';

interface RerunOptions extends HowOptions {
  readonly tasks?: readonly string[];
  /** Of `--no-reset`; true: nothing was said. */
  readonly reset: readonly string[] | true;
}

/**
 * The same again, with other parameters where they are given, or a workflow from some of its tasks. As st2: of a task with items all of them
 * run again, but for those that --no-reset names, of which only what failed does. The exit code is that of `run`.
 */
export async function rerun(id: string, words: readonly string[], options: RerunOptions): Promise<number> {
  const client = await connect(options);
  const { action } = await client.call('GET /executions/{id}', {
    path: { id },
    query: { exclude_attributes: 'result' },
  });
  const parameters = await parametersOf(client, action.ref, words, options);
  const tasks = namesIn(options.tasks ?? []);
  const kept = options.reset === true ? [] : namesIn(options.reset);
  const requested = await client.call('POST /executions/{id}/re_run', {
    path: { id },
    body: {
      ...settingsOf(options),
      ...(Object.keys(parameters).length > 0 && { parameters }),
      ...(tasks.length > 0 && { tasks, reset: tasks.filter((task) => !kept.includes(task)) }),
    },
  });
  return await attend(client, requested, options);
}
