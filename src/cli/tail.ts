import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Execution, OutputEvent } from '../client/index.ts';
import { isFinal } from '../model/index.ts';
import { descendantsOf } from './tree-watch.ts';

/** Milliseconds between two looks at what is not followed yet. */
const LOOK_AGAIN = 300;
/** Outputs that are read at one time; each is a connection. */
const MOST_READERS = 16;

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
