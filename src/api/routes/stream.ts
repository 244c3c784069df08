import { z } from 'zod';
import { type Execution, type Id, isFinal } from '../../model/index.ts';
import { askAgain } from '../auth.ts';
import { outputView } from '../execution-view.ts';
import { names } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { OUTPUT_EVENT, streamFilter } from '../stream/filter.ts';
import type { Hub } from '../stream/hub.ts';
import { type MissedEnd, missedEnds } from '../stream/latecomers.ts';
import { type Place, placeText, readPlace } from '../stream/place.ts';
import { type EventResponse, openEvents } from '../stream/sse.ts';
import { createTree, type Tree } from '../stream/tree.ts';
import { createFinder } from './executions.ts';

const TAG = 'Event stream';
const PAGE = 500;
/** Milliseconds until the store is asked again when nothing is heard: another node may run the execution. */
const LOOK_AGAIN = 1000;

const streamQuery = z.object({
  events: names.optional().meta({ description: 'A comma list of names, with shell wildcards.' }),
  action_refs: names.optional(),
  execution_ids: names.optional(),
  tree_of: z.string().optional().meta({
    description: "Petrel's: an execution with everything that it starts; first comes how all of it stands.",
  }),
  end_event: z.string().optional(),
  end_execution_id: z.string().optional(),
  last_event_id: z
    .string()
    .optional()
    .meta({ description: "Petrel's: as the header Last-Event-ID, for those that cannot send one." }),
});

/** /stream, and the output of one execution as it comes (stackstorm-api.md section 6). */
export function streamRoutes(services: ApiServices, hub: Hub): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/stream',
      tag: TAG,
      summary: 'Server-sent events: executions, live actions, announcements; output lines when asked for',
      query: streamQuery,
      answer: { media: 'text/event-stream' },
      async handle({ query, user, request, reply }) {
        const last = query.last_event_id ?? String(request.headers['last-event-id'] ?? '');
        const root = query.tree_of === undefined ? undefined : await createFinder(services)(query.tree_of);
        const tree = root === undefined ? undefined : createTree(root.id, services);
        const leave = hub.enter(streamFilter(query).wantsOutput);
        try {
          const response = openEvents(reply, { ending: hub.ending, ask: () => askAgain(request, services) });
          response.signal.addEventListener('abort', () => hub.events.wake());
          const missed = () => missedEnds(query, user, services);
          void read(response, hub, { query, last, missed, ...(tree && { tree }) }).finally(leave);
        } catch (error) {
          leave();
          throw error;
        }
        return reply;
      },
    }),
    route({
      method: 'GET',
      path: '/executions/:id/output',
      tag: TAG,
      summary: 'Server-sent events: what an execution has printed and what it prints, then EOF',
      query: z.object({ output_type: z.enum(['all', 'stdout', 'stderr']).default('all') }),
      answer: { media: 'text/event-stream' },
      async handle({ params, query, request, reply }) {
        const execution = await createFinder(services)(params.id ?? '');
        const last = Number.parseInt(String(request.headers['last-event-id'] ?? ''), 10);
        const from = Number.isSafeInteger(last) && last >= 0 ? last + 1 : 0;
        const response = openEvents(reply, { ending: hub.ending, ask: () => askAgain(request, services) });
        void follow(response, execution, { from, type: query.output_type }, services);
        return reply;
      },
    }),
  ];
}

interface Reading {
  readonly query: z.output<typeof streamQuery>;
  /** The id of the last event that the reader has. */
  readonly last: string;
  missed(): Promise<readonly MissedEnd[]>;
  /** Of `tree_of`. */
  readonly tree?: Tree;
}

/** Sends one reader what it asked for until it goes, or the end event has come. */
async function read(response: EventResponse, hub: Hub, { query, last, missed, tree }: Reading): Promise<void> {
  const filter = streamFilter(query);
  const sendTree = async () => {
    if (tree === undefined) return;
    for await (const view of tree.views()) {
      if (!(await response.send({ name: 'st2.execution__update', data: JSON.stringify(view) }))) return;
    }
  };
  const here = hub.place();
  /** Announcements that were told already and may come once more. */
  const told = new Set<Id>();
  const catchUp = async (missed: number | null, from: Place | undefined, sequence: number) => {
    const now = hub.place(sequence);
    const announced = from === undefined ? [] : await hub.announcedSince(from.at).catch(() => []);
    for (const event of announced) {
      if (event.announcedBy !== undefined) told.add(event.announcedBy);
      if (!filter.matches(event)) continue;
      // With the epoch that the reader came with: should it go now, the rest is still missing.
      const id = placeText({ ...(from ?? now), at: event.at });
      await response.send({ name: event.name, data: await event.data(), id });
    }
    const data = JSON.stringify({ missed });
    await response.send({ name: 'petrel.stream__lost', data, id: placeText(now) });
  };

  let place = here.sequence + 1;
  let seen: Place | undefined = here;
  if (last === '') response.mark(placeText(here));
  else {
    seen = readPlace(last);
    if (seen?.epoch === here.epoch && seen.sequence <= here.sequence) place = seen.sequence + 1;
    else await catchUp(null, seen, here.sequence);
  }
  // Those that come back, and those that watch one execution, have their own way; without the store they hear what comes.
  const late = last === '' && tree === undefined ? await missed().catch(() => []) : [];
  for (const { facts, isLast, data } of late) {
    const body = filter.matches(facts) ? await data().catch(() => undefined) : undefined;
    if (body !== undefined) await response.send({ name: facts.name, data: body });
    if (isLast) return response.end();
  }
  await sendTree();
  while (!response.signal.aborted) {
    const next = hub.events.next(place);
    if (next.kind === 'none') {
      await hub.events.change();
      continue;
    }
    if (next.kind === 'lost') {
      place = next.sequence;
      await catchUp(next.missed, seen, place - 1);
      await sendTree();
      continue;
    }
    place = next.sequence + 1;
    const { item } = next;
    seen = hub.place(next.sequence, item.at);
    if (tree?.holds(item) === false || !filter.matches(item)) continue;
    if (item.announcedBy !== undefined && told.delete(item.announcedBy)) continue;
    const data = await item.data().catch(() => undefined);
    if (data === undefined) continue; // the store is in trouble; the next change tells what this one would have
    await response.send({ name: item.name, data, id: placeText(seen) });
    const isLast =
      query.end_event !== undefined &&
      item.name === query.end_event &&
      item.isEnd &&
      (query.end_execution_id === undefined || item.executionId === query.end_execution_id);
    if (isLast) break;
  }
  response.end();
}

async function follow(
  response: EventResponse,
  { id, actionRef, runnerType }: Execution,
  wanted: { readonly from: number; readonly type: 'all' | 'stdout' | 'stderr' },
  { store, executions, masker, log }: ApiServices,
): Promise<void> {
  let heard = () => {};
  const stop = executions.onChange((change) => {
    if ((change.type === 'output' ? change.line.executionId : change.execution.id) === id) heard();
  });
  try {
    for (let from = wanted.from; !response.signal.aborted; ) {
      const news = new Promise<void>((resolve) => {
        heard = resolve;
      });
      // Before the lines: those of an execution that has ended are all there.
      const status = (await store.getExecution(id))?.status ?? 'canceled';
      const lines = await store.listOutput(id, from, PAGE);
      for (const line of lines) {
        from = line.sequence + 1;
        if (wanted.type !== 'all' && wanted.type !== line.stream) continue;
        const data = JSON.stringify(masker.maskJson(outputView(line, { actionRef, runnerType })));
        if (!(await response.send({ name: OUTPUT_EVENT, data, id: String(line.sequence) }))) return;
      }
      if (lines.length === PAGE) continue;
      // As StackStorm: it also ends when a workflow begins to stop or to go on.
      if (isFinal(status) || status === 'pausing' || status === 'resuming') {
        await response.send({ name: 'EOF', data: "''" });
        return;
      }
      await Promise.race([news, pause(LOOK_AGAIN, response.signal)]);
    }
  } catch (error) {
    log.warn(`The output of execution ${id} could not be followed: ${String(error)}`);
  } finally {
    stop();
    response.end();
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
