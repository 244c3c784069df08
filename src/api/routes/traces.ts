import { z } from 'zod';
import { notFound } from '../errors.ts';
import { boundedPage, sendList } from '../listing.ts';
import { listQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { id, timestamp } from '../shapes/common.ts';
import { createTraces, idOfRoot, type Root, tagOf } from '../traces.ts';

const TAG = 'Traces';
/** Each trace is gathered from what it consists of: a page of them is kept short. */
const DEFAULT_LIMIT = 20;
/** How many of a rule's newest executions are looked at. */
const NEWEST = 200;

const member = z.strictObject({
  object_id: z.string(),
  ref: z.string(),
  updated_at: timestamp,
  caused_by: z.strictObject({ type: z.string().optional(), id: z.string().optional() }),
});
const trace = z
  .strictObject({
    id,
    uid: z.string(),
    trace_tag: z.string(),
    start_timestamp: timestamp,
    action_executions: z.array(member),
    rules: z.array(member),
    trigger_instances: z.array(member),
  })
  .meta({ id: 'Trace' });

const traceQuery = z.object({
  ...listQuery,
  trace_tag: z.string().optional(),
  execution: z.string().optional(),
  rule: z.string().optional(),
  trigger_instance: z.string().optional(),
  sort: z.string().optional(),
  sort_asc: z.string().optional(),
  sort_desc: z.string().optional(),
});

/** /traces: what followed from what. */
export function traceRoutes({ store, masker }: ApiServices): readonly Route[] {
  const traces = createTraces(store);

  const rootsOf = async (ids: readonly string[]): Promise<readonly Root[]> => {
    const roots = new Map<string, Root>();
    for (const of of ids) {
      const root = await traces.rootOf(of);
      if (root !== undefined) roots.set(idOfRoot(root), root);
    }
    return [...roots.values()];
  };

  /** The roots that a query asks for. */
  const find = async (query: z.output<typeof traceQuery>): Promise<readonly Root[]> => {
    const { execution, trigger_instance: instance, rule, trace_tag: tag } = query;
    const newest = { limit: NEWEST, offset: 0, uncounted: true };
    const one = execution ?? instance;
    let roots: readonly Root[];
    if (one !== undefined) roots = await rootsOf([one]);
    else if (rule !== undefined) {
      const { items } = await store.listExecutions({ ruleRef: rule }, newest);
      roots = await rootsOf(items.map((item) => item.id));
    } else if (tag !== undefined) {
      const { items } = await store.listTriggerInstances({ traceTag: tag }, newest);
      // Of a person's request.
      const tagged = await store.listExecutions({ traceTag: tag }, newest);
      roots = await rootsOf([...items, ...tagged.items].map((item) => item.id));
    } else {
      const { items } = await store.listTriggerInstances({}, newest);
      const requested = await store.listExecutions({ parentId: null }, newest);
      const first = requested.items.filter(({ triggerInstanceId }) => triggerInstanceId === undefined);
      roots = await rootsOf([...items, ...first].map((item) => item.id));
    }
    const begun = (root: Root) => (root.kind === 'execution' ? root.execution.createdAt : root.instance.occurrenceTime);
    const found = roots.filter((root) => tag === undefined || tagOf(root) === tag);
    const ascending = query.sort_asc !== undefined || /^[ +]?start_timestamp/.test(query.sort ?? '');
    return found.toSorted((left, right) => (ascending ? begun(left) - begun(right) : begun(right) - begun(left)));
  };

  return [
    route({
      method: 'GET',
      path: '/traces',
      tag: TAG,
      summary: 'Lists traces, newest first; without a filter, those of the newest events and requests',
      query: traceQuery,
      answer: z.array(trace),
      async handle({ query, request, reply }) {
        const page = boundedPage(request, query, DEFAULT_LIMIT);
        const roots = await find(query);
        const items: object[] = [];
        for (const root of roots.slice(page.offset, page.offset + page.limit)) {
          items.push(masker.maskJson(await traces.show(root)));
        }
        return sendList(reply, query, page, { items, total: roots.length });
      },
    }),
    route({
      method: 'GET',
      path: '/traces/:id',
      tag: TAG,
      summary: 'Shows the trace that an event, a request or anything that followed from it belongs to',
      answer: trace,
      async handle({ params }) {
        const root = await traces.rootOf(params.id ?? '');
        if (root === undefined) throw notFound('Trace', params.id ?? '');
        return masker.maskJson(await traces.show(root));
      },
    }),
  ];
}
