import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import { maskValues } from '../../datastore/index.ts';
import { type Execution, PetrelError } from '../../model/index.ts';
import { workflowKinds } from '../../workflows/index.ts';
import { attributesOf } from '../attributes.ts';
import { revealsSecrets } from '../auth.ts';
import { descendantsOf } from '../descendants.ts';
import { executionViews, showExecution } from '../execution-view.ts';
import { timestamp } from '../forms.ts';
import { pageOf, sendList } from '../listing.ts';
import { attributeQuery, flag, integer, listQuery, names, secretsQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { timestamp as stamp } from '../shapes/common.ts';
import { execution } from '../shapes/executions.ts';
import { createFinder } from './executions.ts';

const compressed = promisify(gzip);
const TAG = 'Executions';
const OUTPUT_PAGE = 1000;
const ATTRIBUTES = ['result', 'status', 'trigger_instance'];
const FILTERS = ['action', 'status', 'rule', 'runner', 'trigger', 'trigger_type', 'user'];

/** What belongs to one execution, and what executions can be filtered by. */
export function executionDetailRoutes(services: ApiServices): readonly Route[] {
  const { store, masker } = services;
  const find = createFinder(services);

  return [
    route({
      method: 'GET',
      path: '/executions/:id/children',
      tag: TAG,
      summary: 'Lists what an execution has started, its own children first',
      query: z.object({
        ...listQuery,
        depth: integer.min(-1).default(-1).meta({ description: 'How many levels; -1: all.' }),
        result_fmt: z.string().optional().meta({ description: 'sorted: in the order of their starts.' }),
        ...secretsQuery,
      }),
      answer: z.array(execution),
      async handle({ params, query, request, reply }) {
        const { id } = await find(params.id ?? '');
        const attributes = attributesOf(query);
        const page = pageOf(query, -1);
        const all = await descendantsOf(store, id, query.depth);
        const started = ({ startedAt, createdAt }: Execution) => startedAt ?? createdAt;
        const ordered =
          query.result_fmt === 'sorted' ? all.toSorted((left, right) => started(left) - started(right)) : all;
        const chosen = ordered.slice(page.offset, page.offset + page.limit);
        const items = await executionViews(chosen, services, { attributes, reveal: revealsSecrets(request) });
        return sendList(reply, {}, page, { items, total: all.length });
      },
    }),
    route({
      method: 'GET',
      path: '/executions/:id/history',
      tag: TAG,
      summary: "Petrel's: a workflow's journal, a line for each event",
      answer: z.array(z.strictObject({ sequence: z.number(), timestamp: stamp, event: z.string() })),
      async handle({ params }) {
        const { id, runnerType } = await find(params.id ?? '');
        const journal = await store.readJournal(id);
        const lines = workflowKinds.get(runnerType)?.history(journal.map(({ event }) => event)) ?? [];
        const history = journal.map(({ sequence, timestamp: at }, index) => ({
          sequence,
          timestamp: timestamp(at),
          event: lines[index] ?? '',
        }));
        return masker.maskJson(maskValues(history));
      },
    }),
    route({
      method: 'GET',
      path: '/executions/:id/attribute/:name',
      tag: TAG,
      summary: `Shows one attribute of an execution: ${ATTRIBUTES.join(', ')}`,
      answer: z.unknown(),
      async handle({ params }) {
        const { id = '', name = '' } = params;
        const found = await find(id);
        if (!ATTRIBUTES.includes(name)) throw new PetrelError('invalid', `Invalid attribute "${name}" specified.`);
        const view = await showExecution(found, services, { attributes: attributesOf({ include_attributes: name }) });
        return view[name] ?? null;
      },
    }),
    route({
      method: 'GET',
      path: '/executions/:id/result',
      tag: TAG,
      summary: 'The result alone',
      query: z.object({
        download: flag.optional(),
        compress: flag.optional(),
        pretty_format: flag.optional(),
      }),
      answer: { media: 'text/json' },
      async handle({ params, query, reply }) {
        const { id } = await find(params.id ?? '');
        const result = masker.maskJson(maskValues((await store.getResult(id)) ?? null));
        const text = JSON.stringify(result, null, query.pretty_format === true ? 2 : 0);
        if (query.download === true) {
          const name = `execution_${id}_result.json${query.compress === true ? '.gz' : ''}`;
          reply.header('Content-Disposition', `attachment; filename=${name}`);
        }
        if (query.compress === true) return reply.type('application/x-gzip').send(await compressed(text));
        return reply.type('text/json; charset=utf-8').send(text);
      },
    }),
    route({
      method: 'GET',
      path: '/executions/:id/output',
      tag: TAG,
      summary: 'What an execution has printed so far',
      query: z.object({
        output_type: z.enum(['all', 'stdout', 'stderr']).default('all'),
        output_format: z.string().optional(),
        existing_only: flag.optional(),
      }),
      answer: { media: 'text/plain' },
      async handle({ params, query, reply }) {
        const { id } = await find(params.id ?? '');
        const wanted = query.output_type;
        reply.type('text/plain; charset=utf-8');
        const parts: string[] = [];
        for (let from = 0; ; ) {
          const lines = await store.listOutput(id, from, OUTPUT_PAGE);
          for (const { stream, data } of lines) if (wanted === 'all' || wanted === stream) parts.push(data);
          const last = lines.at(-1);
          if (last === undefined) return reply.send(parts.join(''));
          from = last.sequence + 1;
        }
      },
    }),
    route({
      method: 'GET',
      path: '/executions/views/filters',
      tag: TAG,
      summary: 'The values that executions can be filtered by',
      query: z.object({ ...attributeQuery, types: names.optional() }),
      answer: z.partialRecord(z.enum(FILTERS), z.array(z.string())),
      async handle({ query }) {
        const values = await store.listExecutionValues();
        const filters: Readonly<Record<string, readonly string[]>> = {
          action: values.actions,
          status: values.statuses,
          rule: values.rules,
          runner: values.runners,
          trigger: values.triggers,
          trigger_type: values.triggers,
          user: values.users,
        };
        const wanted = query.types ?? FILTERS;
        return Object.fromEntries(Object.entries(filters).filter(([name]) => wanted.includes(name)));
      },
    }),
  ];
}
