import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Execution } from '../client/index.ts';
import { isFinal, isJsonObject, type Json } from '../model/index.ts';

/** Milliseconds between two pictures: what changes within is drawn at once. */
const BREATH = 40;
/** Milliseconds between two looks where the stream cannot be heard. */
const LOOK_AGAIN = 500;
/** One look in so many milliseconds for each task: a tree of thousands is not asked for twice a second. */
const MILLISECONDS_FOR_TASK = 5;

export interface TreePicture {
  readonly root: Execution;
  /** Everything that it has started, what started others before those. */
  readonly tasks: readonly Execution[];
}

/**
 * Tells how an execution and everything that it has started stand, whenever that changes, until `signal` aborts: by the event stream, and
 * where that cannot be heard (a proxy in between, a permission that is missing) by looking again and again. Never throws: that the server is
 * gone is told by whoever waits for the end.
 */
export async function watchTree(
  client: Client,
  requested: Execution,
  signal: AbortSignal,
  changed: (picture: TreePicture) => void,
): Promise<void> {
  const parts = new Map<string, Execution>([[requested.id, requested]]);
  let isHeard = false;
  let drawing: NodeJS.Timeout | undefined;
  const draw = () => {
    drawing = undefined;
    const [root = requested, ...tasks] = parts.values();
    changed({ root, tasks });
  };
  const learn = (part: Execution) => {
    const before = parts.get(part.id);
    // What has ended stays so: an event that was on its way before the first picture is of the past.
    if (before !== undefined && isFinal(before.status) && !isFinal(part.status)) return;
    parts.set(part.id, part);
    drawing ??= setTimeout(draw, BREATH);
  };

  const listen = async () => {
    try {
      for await (const { data } of client.events({ events: ['st2.execution__*'], tree_of: requested.id }, { signal })) {
        isHeard = true;
        if (isPart(data, parts)) learn(data);
      }
    } catch {
      isHeard = false;
    }
  };
  const look = async () => {
    for (;;) {
      const pause = Math.max(LOOK_AGAIN, parts.size * MILLISECONDS_FOR_TASK);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      if (isHeard) continue;
      const found = await Promise.all([
        client.call('GET /executions/{id}', { path: { id: requested.id } }),
        descendantsOf(client, requested.id),
      ]).catch(() => undefined);
      if (found === undefined) continue;
      const [root, tasks] = found;
      for (const part of [root, ...tasks]) learn(part);
    }
  };
  await Promise.all([listen(), look()]);
  clearTimeout(drawing);
}

/** Also a server that knows no trees, and sends what others do, is understood. */
function isPart(data: Json, parts: ReadonlyMap<string, Execution>): data is Json & Execution {
  if (!isJsonObject(data)) return false;
  return parts.has(String(data.id)) || parts.has(String(data.parent));
}

/** Everything an execution has started, without results. */
export async function descendantsOf(client: Client, id: string): Promise<readonly Execution[]> {
  const query = { exclude_attributes: 'result', limit: -1 };
  return await client.call('GET /executions/{id}/children', { path: { id }, query });
}
