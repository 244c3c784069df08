import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { maskValues } from '../../datastore/index.ts';
import {
  EXECUTION_STATUSES,
  type ExecutionStatus,
  isJsonObject,
  type JsonObject,
  PetrelError,
} from '../../model/index.ts';
import type { ExecutionFilter } from '../../store/index.ts';
import { workflowKinds } from '../../workflows/index.ts';
import { userOf } from '../auth.ts';
import { notFound } from '../errors.ts';
import { pageOf, sendList } from '../listing.ts';
import type { ApiServices } from '../services.ts';
import { executionView, timestamp } from '../views.ts';

const notification = z.strictObject({
  message: z.string().nullish(),
  data: z.record(z.string(), z.json()).nullish(),
  routes: z.array(z.string()).nullish(),
  channels: z.array(z.string()).nullish(),
});

const requestBody = z.object({
  action: z.string(),
  parameters: z.record(z.string(), z.json()).nullish(),
  user: z.string().nullish(),
  delay: z.number().int().min(0).nullish(),
  context: z.record(z.string(), z.json()).nullish(),
  notify: z
    .strictObject({
      'on-complete': notification.optional(),
      'on-success': notification.optional(),
      'on-failure': notification.optional(),
    })
    .nullish(),
});

const rerunBody = z.object({
  parameters: z.record(z.string(), z.json()).nullish(),
  tasks: z.array(z.string()).nullish(),
  reset: z.array(z.string()).nullish(),
  delay: z.number().int().min(0).nullish(),
});

/** What a client may ask for with a status, as StackStorm's clients do. */
const REQUESTS: Readonly<Record<string, 'cancel' | 'pause' | 'resume'>> = {
  canceling: 'cancel',
  canceled: 'cancel',
  pausing: 'pause',
  paused: 'pause',
  resuming: 'resume',
  running: 'resume',
};

type WithId = { Params: { id: string } };

/** Longest time a `wait` may hold a request, seconds. */
const MAX_WAIT = 60;
const OUTPUT_PAGE = 1000;

/** /executions (stackstorm-api.md section 3). */
export function executionRoutes(api: FastifyInstance, services: ApiServices): void {
  const { store, executions } = services;

  const find = async (id: string) => {
    const execution =
      id === 'last' ? (await store.listExecutions({}, { limit: 1, offset: 0 })).items[0] : await store.getExecution(id);
    if (execution === undefined) throw notFound('Execution', id);
    return execution;
  };
  const view = async (id: string): Promise<JsonObject> => {
    const execution = await find(id);
    return executionView(execution, await store.getResult(execution.id), services);
  };

  api.get('/executions', async (request, reply) => {
    const page = pageOf(request.query);
    const listed = await store.listExecutions(filterOf(request.query), page);
    const withoutResults = excludesResult(request.query);
    const results = withoutResults ? new Map() : await store.getResults(listed.items.map(({ id }) => id));
    const items = listed.items.map((execution) => executionView(execution, results.get(execution.id), services));
    return sendList(reply, request.query, page, { items, total: listed.total });
  });

  api.post('/executions', async (request, reply) => {
    const body = requestBody.safeParse(request.body);
    if (!body.success) throw new PetrelError('invalid', `The request is not valid: ${z.prettifyError(body.error)}`);
    const { action, parameters, user, delay, context, notify } = body.data;
    const execution = await executions.request({
      actionRef: action,
      parameters: (parameters ?? {}) as JsonObject, // z.json() is JSON
      // Another one only for administrators: the guard has seen to it.
      user: user ?? userOf(request),
      ...(typeof delay === 'number' && { delay }),
      ...(context && { context: context as JsonObject }), // likewise
      ...(notify && { notify: notify as JsonObject }), // likewise
    });
    return reply.code(201).send(executionView(execution, undefined, services));
  });

  /** `wait` (seconds, Petrel's extension): answers when the execution has ended or the time is over. */
  api.get<WithId>('/executions/:id', async (request) => {
    const wait = Math.min(Number((request.query as JsonObject).wait ?? 0), MAX_WAIT);
    if (!(wait > 0)) return await view(request.params.id);
    const { id } = await find(request.params.id);
    await executions.wait(id, AbortSignal.timeout(wait * 1000)).catch(() => undefined);
    return await view(id);
  });

  api.delete<WithId>('/executions/:id', async (request) => {
    const { id, status } = await find(request.params.id);
    if (status !== 'canceled') await executions.cancel(id, userOf(request));
    return await view(id);
  });

  api.put<WithId>('/executions/:id', async (request) => {
    const { id } = await find(request.params.id);
    const status = isJsonObject(request.body) ? request.body.status : undefined;
    const wish = typeof status === 'string' && Object.hasOwn(REQUESTS, status) ? REQUESTS[status] : undefined;
    if (wish === undefined) {
      const known = Object.keys(REQUESTS).join(', ');
      throw new PetrelError('invalid', `Status "${String(status)}" cannot be requested; these can: ${known}.`);
    }
    await executions[wish](id, userOf(request));
    return await view(id);
  });

  api.post<WithId>('/executions/:id/re_run', async (request, reply) => {
    const { id } = await find(request.params.id);
    const body = rerunBody.safeParse(request.body ?? {});
    if (!body.success) throw new PetrelError('invalid', `The request is not valid: ${z.prettifyError(body.error)}`);
    const { parameters, tasks, reset, delay } = body.data;
    const again = await executions.rerun(id, {
      user: userOf(request),
      merge: !/^(?:true|1)$/i.test(String((request.query as JsonObject).no_merge ?? '')),
      ...(parameters && { parameters: parameters as JsonObject }), // z.json() is JSON
      ...(tasks && { tasks }),
      ...(reset && { reset }),
      ...(typeof delay === 'number' && { delay }),
    });
    return reply.code(201).send(executionView(again, undefined, services));
  });

  /** Oldest first; all of them, unless a page is asked for. */
  api.get<WithId>('/executions/:id/children', async (request, reply) => {
    const { id } = await find(request.params.id);
    const page = pageOf(request.query, -1);
    const { items, total } = await store.listExecutions({ parentId: id, order: 'oldest' }, page);
    const results = excludesResult(request.query) ? new Map() : await store.getResults(items.map((child) => child.id));
    const views = items.map((child) => executionView(child, results.get(child.id), services));
    return sendList(reply, request.query, page, { items: views, total });
  });

  /** Petrel's extension: a workflow's journal, a line for each event; empty for an execution of another kind. */
  api.get<WithId>('/executions/:id/history', async (request) => {
    const { id, runnerType } = await find(request.params.id);
    const journal = await store.readJournal(id);
    const lines = workflowKinds.get(runnerType)?.history(journal.map(({ event }) => event)) ?? [];
    const history = journal.map(({ sequence, timestamp: at }, index) => ({
      sequence,
      timestamp: timestamp(at),
      event: lines[index] ?? '',
    }));
    return services.masker.maskJson(maskValues(history));
  });

  api.get<WithId & { Params: { name: string } }>('/executions/:id/attribute/:name', async (request) => {
    const { name } = request.params;
    const execution = await view(request.params.id);
    if (!['result', 'status', 'trigger_instance'].includes(name)) {
      throw new PetrelError('invalid', `Invalid attribute "${name}" specified.`);
    }
    return execution[name] ?? null;
  });

  api.get<WithId>('/executions/:id/result', async (request, reply) => {
    const { id } = await find(request.params.id);
    const result = services.masker.maskJson(maskValues((await store.getResult(id)) ?? null));
    return reply.type('text/json; charset=utf-8').send(JSON.stringify(result));
  });

  api.get<WithId>('/executions/:id/output', async (request, reply) => {
    const { id } = await find(request.params.id);
    const wanted = (request.query as JsonObject).output_type ?? 'all';
    reply.type('text/plain; charset=utf-8');
    let text = '';
    for (let from = 0; ; ) {
      const lines = await store.listOutput(id, from, OUTPUT_PAGE);
      text += lines
        .filter(({ stream }) => wanted === 'all' || wanted === stream)
        .reduce((sum, { data }) => sum + data, '');
      const last = lines.at(-1);
      if (last === undefined) return reply.send(text);
      from = last.sequence + 1;
    }
  });
}

export function filterOf(query: unknown): ExecutionFilter {
  const text = query as Record<string, string | undefined>; // fastify's query object
  const statuses = text.status?.split(',').map((status) => {
    if (!(EXECUTION_STATUSES as readonly string[]).includes(status)) {
      throw new PetrelError(
        'invalid',
        `There is no execution status "${status}". Statuses: ${EXECUTION_STATUSES.join(', ')}.`,
      );
    }
    return status as ExecutionStatus; // checked in the line above
  });
  return {
    ...(text.id !== undefined && { ids: text.id.split(',') }),
    ...(text.action !== undefined && { actionRef: text.action }),
    ...(statuses && { statuses }),
    ...(text.runner !== undefined && { runnerType: text.runner }),
    ...(text.parent !== undefined && { parentId: text.parent === 'null' ? null : text.parent }),
    ...(text.rule !== undefined && { ruleRef: text.rule }),
    ...(text.trigger_instance !== undefined && { triggerInstanceId: text.trigger_instance }),
    ...(text.timestamp_gt !== undefined && { after: milliseconds(text.timestamp_gt) }),
    ...(text.timestamp_lt !== undefined && { before: milliseconds(text.timestamp_lt) }),
    ...(text.sort_asc !== undefined && { order: 'oldest' as const }),
  };
}

/** Epoch milliseconds of a time stamp in a query. Throws `PetrelError` (`invalid`). */
export function milliseconds(text: string): number {
  const value = Date.parse(text);
  if (Number.isNaN(value))
    throw new PetrelError('invalid', `"${text}" is not a time stamp; write e.g. 2024-05-01T12:00:00Z.`);
  return value;
}

/** Results may be large: who does not want them should not wait for them. */
function excludesResult(query: unknown): boolean {
  const { exclude_attributes: excluded } = query as JsonObject; // fastify's query object
  return String(excluded ?? '')
    .split(',')
    .includes('result');
}
