import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Execution, OutputEvent } from '../client/index.ts';
import { type FinalStatus, isFinal } from '../model/index.ts';
import type { Progress } from './progress.ts';

/** Seconds that one request waits for the end of an action, and of a workflow, whose tasks are shown meanwhile. */
const WAIT = { action: 30, workflow: 0.5 };
/** Seconds that the first request waits: it soon tells whether the execution stands still. */
const FIRST_WAIT = 1;
/** A workflow is looked at once in so many seconds for each of its tasks: a tree of thousands is not asked for twice a second. */
const SECONDS_FOR_TASK = 0.005;
/** Milliseconds between two looks at what is not followed yet. */
const LOOK_AGAIN = 300;
/** Outputs that are read at one time; each is a connection. */
const MOST_READERS = 16;

/** What the shell is told: as `timeout` says 124, and 128 + SIGINT for what was canceled. */
export const EXIT_CODES: Readonly<Record<FinalStatus, number>> = {
  succeeded: 0,
  failed: 1,
  abandoned: 1,
  timeout: 124,
  canceled: 130,
};

/** Resolves with the execution when it has ended. `say` is told what somebody has to do so that it goes on. */
export async function followToEnd(
  client: Client,
  { id, liveaction }: Execution,
  progress: Progress,
  say: (hint: string) => void,
): Promise<Execution & { readonly status: FinalStatus }> {
  const isWorkflow = liveaction.action_is_workflow;
  let told = '';
  for (let wait = isWorkflow ? WAIT.workflow : FIRST_WAIT; ; ) {
    const execution = await client.call('GET /executions/{id}', { path: { id }, query: { wait } });
    wait = WAIT.action;
    if (isWorkflow) {
      const tasks = await descendantsOf(client, id);
      progress.show(execution, tasks);
      wait = Math.max(WAIT.workflow, tasks.length * SECONDS_FOR_TASK);
    }
    const { status } = execution;
    if (isFinal(status)) return { ...execution, status };
    const hint = whatItWaitsFor(execution);
    if (hint !== '' && hint !== told) say(hint);
    told = hint;
    await sleep(100);
  }
}

/** Everything an execution has started, without results. */
export async function descendantsOf(client: Client, id: string): Promise<readonly Execution[]> {
  const query = { exclude_attributes: 'result', limit: -1 };
  return await client.call('GET /executions/{id}/children', { path: { id }, query });
}

/** What somebody has to do so that it goes on; empty while it runs. */
function whatItWaitsFor({ id, status }: Execution): string {
  if (status === 'pending') return `${id} waits for an answer: petrel inquiry respond ${id}`;
  if (status !== 'paused') return '';
  return `${id} stands still: answer what it asks (petrel inquiry list), or petrel execution resume ${id}`;
}

/** Hands on what an execution prints, and what the tasks of a workflow print, until it has ended. */
export async function tail(
  client: Client,
  { id, liveaction }: Execution,
  write: (line: OutputEvent) => void,
  begin: (task: Execution) => void,
): Promise<void> {
  if (!liveaction.action_is_workflow) return await readOutput(client, id, write);
  const begun = new Set<string>();
  const reading = new Set<Promise<void>>();
  for (;;) {
    // Before the tasks: those of a workflow that has ended are all there.
    const { status } = await client.call('GET /executions/{id}', { path: { id } });
    const waiting = (await descendantsOf(client, id)).filter(
      (task) => !begun.has(task.id) && !task.liveaction.action_is_workflow,
    );
    for (const task of waiting.slice(0, MOST_READERS - reading.size)) {
      begun.add(task.id);
      begin(task);
      const one: Promise<void> = readOutput(client, task.id, write).finally(() => reading.delete(one));
      reading.add(one);
      // What has ended is there at once, and comes before what began behind it.
      if (isFinal(task.status)) await one;
    }
    if (isFinal(status) && waiting.every((task) => begun.has(task.id))) break;
    await Promise.race([sleep(LOOK_AGAIN), ...(reading.size >= MOST_READERS ? reading : [])]);
  }
  await Promise.all(reading);
}

/** The stream also ends when an execution begins to pause; there is more to come then. */
async function readOutput(client: Client, id: string, write: (line: OutputEvent) => void): Promise<void> {
  for (let last: string | undefined; ; ) {
    for await (const line of client.output(id, last === undefined ? {} : { lastEventId: last })) {
      write(line);
      last = line.id;
    }
    if (isFinal((await client.call('GET /executions/{id}', { path: { id } })).status)) return;
    await sleep(LOOK_AGAIN);
  }
}
