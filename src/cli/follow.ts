import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Execution } from '../client/index.ts';
import { type FinalStatus, isFinal } from '../model/index.ts';
import type { Progress } from './progress.ts';
import { descendantsOf, watchTree } from './tree-watch.ts';

/** Seconds that the first request waits for the end: it soon tells whether the execution stands still. Then those behind it. */
const FIRST_WAIT = 1;
const WAIT = 30;

/** What the shell is told: as `timeout` says 124, and 128 + SIGINT for what was canceled. */
export const EXIT_CODES: Readonly<Record<FinalStatus, number>> = {
  succeeded: 0,
  failed: 1,
  abandoned: 1,
  timeout: 124,
  canceled: 130,
};

/**
 * Resolves with the execution when it has ended. The end is told by a request that the server answers in that moment; how the tasks of a
 * workflow stand meanwhile is heard on the event stream. `say` is told what somebody has to do so that it goes on.
 */
export async function followToEnd(
  client: Client,
  requested: Execution,
  progress: Progress,
  say: (hint: string) => void,
): Promise<Execution & { readonly status: FinalStatus }> {
  const { id, liveaction } = requested;
  const leave = new AbortController();
  let told = '';
  const tell = (execution: Execution) => {
    const hint = whatItWaitsFor(execution);
    if (hint !== '' && hint !== told) say(hint);
    told = hint;
  };
  const watching = liveaction.action_is_workflow
    ? watchTree(client, requested, leave.signal, ({ root, tasks }) => {
        progress.show(root, tasks);
        tell(root);
      })
    : undefined;
  try {
    for (let wait = FIRST_WAIT; ; wait = WAIT) {
      const execution = await client.call('GET /executions/{id}', { path: { id }, query: { wait } });
      const { status } = execution;
      if (isFinal(status)) {
        leave.abort();
        await watching;
        // The last picture is whole, whatever was heard before.
        if (watching !== undefined) progress.show(execution, await descendantsOf(client, id));
        return { ...execution, status };
      }
      tell(execution);
      await sleep(100);
    }
  } finally {
    leave.abort();
    await watching;
  }
}

/** What somebody has to do so that it goes on; empty while it runs. */
function whatItWaitsFor({ id, status }: Execution): string {
  if (status === 'pending') return `${id} waits for an answer: petrel inquiry respond ${id}`;
  if (status !== 'paused') return '';
  return `${id} stands still: answer what it asks (petrel inquiry list), or petrel execution resume ${id}`;
}
