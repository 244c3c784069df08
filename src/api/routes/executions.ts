import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Execution,
  isFinal,
  isJsonObject,
  type Json,
  type JsonObject,
  PetrelError,
  traceOf,
} from '../../model/index.ts';
import { attributesOf } from '../attributes.ts';
import { askAgain, demand, revealsSecrets } from '../auth.ts';
import { executionResource } from '../auth-resources.ts';
import { notFound } from '../errors.ts';
import { executionFilter, executionQuery } from '../execution-query.ts';
import { executionViews, showExecution } from '../execution-view.ts';
import { boundedPage, sendList } from '../listing.ts';
import { attributeQuery, flag, secretsQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import type { jsonObject } from '../shapes/common.ts';
import { execution, executionRequest, rerunRequest } from '../shapes/executions.ts';

/** What a client may ask for with a status, as StackStorm's clients do. */
const REQUESTS: Readonly<Record<string, 'cancel' | 'pause' | 'resume'>> = {
  canceling: 'cancel',
  canceled: 'cancel',
  pausing: 'pause',
  paused: 'pause',
  resuming: 'resume',
  running: 'resume',
};

/** As what an action may be ended by a client that knows. */
const ENDS = ['succeeded', 'failed', 'timeout', 'abandoned'] as const;

/** Longest time a `wait` may hold a request, seconds. */
const MAX_WAIT = 60;
/** What StackStorm lets a list leave out. */
const EXCLUDABLE = ['result', 'trigger_instance', 'status'];

const TAG = 'Executions';

/** Finds an execution, or the newest one as `last`. Throws `not_found`. */
export function createFinder({ store }: Pick<ApiServices, 'store'>): (id: string) => Promise<Execution> {
  return async (id) => {
    const newest = { limit: 1, offset: 0, uncounted: true };
    const found = id === 'last' ? (await store.listExecutions({}, newest)).items[0] : await store.getExecution(id);
    if (found === undefined) throw notFound('Execution', id);
    return found;
  };
}

/** /executions (stackstorm-api.md section 3): list, request, show, change. */
export function executionRoutes(services: ApiServices): readonly Route[] {
  const { store, executions } = services;
  const find = createFinder(services);
  const show = async (id: string, request: FastifyRequest) =>
    showExecution(await find(id), services, { reveal: revealsSecrets(request) });
  /** As StackStorm: the context may name the execution that it belongs to. It must be one that whoever requests it may see. */
  const parentOf = async (context: JsonObject | undefined, request: FastifyRequest): Promise<Execution | undefined> => {
    const { parent } = context ?? {};
    const id = isJsonObject(parent) ? parent.execution_id : undefined;
    if (typeof id !== 'string') return undefined;
    const resource = await executionResource(id, services);
    if (resource === undefined) return undefined;
    demand(request, 'execution_view', resource);
    return await store.getExecution(id);
  };

  return [
    route({
      method: 'GET',
      path: '/executions',
      tag: TAG,
      summary: 'Lists executions, newest first',
      query: executionQuery,
      answer: z.array(execution),
      async handle({ query, request, reply }) {
        const page = boundedPage(request, query);
        const attributes = attributesOf(query, EXCLUDABLE);
        const listed = await store.listExecutions(executionFilter(query), page);
        const { max_result_size: maxResultSize } = query;
        const reveal = revealsSecrets(request);
        const options = { attributes, reveal, ...(maxResultSize !== undefined && { maxResultSize }) };
        const items = await executionViews(listed.items, services, options);
        return sendList(reply, {}, page, { items, total: listed.total });
      },
    }),
    route({
      method: 'POST',
      path: '/executions',
      tag: TAG,
      summary: 'Requests an execution',
      query: z.object(secretsQuery),
      body: executionRequest,
      status: 201,
      answer: execution,
      async handle({ body, user, request }) {
        const { action, parameters, delay, notify } = body;
        const context = contextOf(body.context, request);
        const parent = await parentOf(context, request);
        const requested = await executions
          .request({
            actionRef: action,
            parameters: (parameters ?? {}) as JsonObject, // z.json() is JSON
            user: body.user ?? user,
            ...(typeof delay === 'number' && { delay }),
            ...(context && { context }),
            ...(parent && { parent }),
            ...(notify && { notify: notify as JsonObject }), // likewise
          })
          .catch((error: unknown) => {
            // As StackStorm: the route exists, it is the request that is wrong.
            if (error instanceof PetrelError && error.code === 'not_found')
              throw new PetrelError('invalid', error.message, { cause: error });
            throw error;
          });
        request.traceId = traceOf(requested).id;
        return await showExecution(requested, services, { reveal: revealsSecrets(request) });
      },
    }),
    route({
      method: 'GET',
      path: '/executions/:id',
      tag: TAG,
      summary: 'Shows an execution; "last" is the newest',
      query: z.object({
        ...attributeQuery,
        ...secretsQuery,
        max_result_size: z.coerce.number().int().min(0).optional().meta({ description: 'Bytes.' }),
        wait: z.coerce
          .number()
          .optional()
          .meta({ description: "Petrel's: answers when the execution has ended, or after so many seconds." }),
      }),
      answer: execution,
      async handle({ params, query, request }) {
        const attributes = attributesOf(query);
        const found = await find(params.id ?? '');
        const wait = Math.min(query.wait ?? 0, MAX_WAIT);
        if (wait > 0 && !isFinal(found.status)) {
          await executions.wait(found.id, AbortSignal.timeout(Math.ceil(wait * 1000))).catch(() => undefined);
          await askAgain(request, services);
        }
        const { max_result_size: maxResultSize } = query;
        const reveal = revealsSecrets(request);
        const options = { attributes, reveal, ...(maxResultSize !== undefined && { maxResultSize }) };
        return await showExecution(wait > 0 ? await find(found.id) : found, services, options);
      },
    }),
    route({
      method: 'PUT',
      path: '/executions/:id',
      tag: TAG,
      summary: 'Cancels, pauses or resumes an execution, or ends an action with a result',
      query: z.object(secretsQuery),
      body: z.looseObject({
        status: z.string(),
        result: z
          .json()
          .optional()
          .meta({ description: 'Of an action that is ended: succeeded, failed, timeout, abandoned.' }),
      }),
      answer: execution,
      async handle({ params, body, user, request }) {
        const { id } = await find(params.id ?? '');
        const wish = Object.hasOwn(REQUESTS, body.status) ? REQUESTS[body.status] : undefined;
        const status = ENDS.find((end) => end === body.status);
        const { result = {} } = body as { readonly result?: Json }; // z.json() is JSON
        if (wish !== undefined) await executions[wish](id, user).catch(badRequest);
        else if (status !== undefined) await executions.end(id, { status, result }, user).catch(badRequest);
        else {
          const known = [...Object.keys(REQUESTS), ...ENDS].join(', ');
          throw new PetrelError('invalid', `Status "${body.status}" cannot be requested; these can: ${known}.`);
        }
        return await show(id, request);
      },
    }),
    route({
      method: 'DELETE',
      path: '/executions/:id',
      tag: TAG,
      summary: 'Cancels an execution',
      query: z.object(secretsQuery),
      answer: z.union([execution, z.strictObject({ faultstring: z.string() })]),
      async handle({ params, user, request }) {
        const { id, status } = await find(params.id ?? '');
        if (status === 'canceled') return await show(id, request);
        try {
          await executions.cancel(id, user);
        } catch (error) {
          // As StackStorm: what cannot be canceled is told with status 200.
          if (error instanceof PetrelError && error.code === 'conflict') return { faultstring: error.message };
          throw error;
        }
        return await show(id, request);
      },
    }),
    route({
      method: 'POST',
      path: '/executions/:id/re_run',
      tag: TAG,
      summary: 'Requests the same again, or lets a workflow go on from its tasks',
      query: z.object({ no_merge: flag.optional(), ...secretsQuery }),
      body: rerunRequest,
      bodyOptional: true,
      status: 201,
      answer: execution,
      errors: [409],
      async handle({ params, query, body, user, request }) {
        const { id } = await find(params.id ?? '');
        const { parameters, tasks, reset, delay } = body;
        const again = await executions.rerun(id, {
          user: body.user ?? user,
          merge: query.no_merge !== true,
          ...(parameters && { parameters: parameters as JsonObject }), // z.json() is JSON
          ...(tasks && { tasks }),
          ...(reset && { reset }),
          ...(typeof delay === 'number' && { delay }),
          ...(request.traceContext && { traceContext: request.traceContext }),
        });
        request.traceId = traceOf(again).id;
        return await showExecution(again, services, { reveal: revealsSecrets(request) });
      },
    }),
  ];
}

/** As StackStorm: a status that cannot be reached from the present one is a bad request. */
function badRequest(error: unknown): never {
  if (error instanceof PetrelError && error.code === 'conflict') {
    throw new PetrelError('invalid', error.message, { cause: error });
  }
  throw error;
}

/**
 * The context of a request: of its body, of the header `st2-context` (a JSON object), and with the caller's trace and a trace tag, unless
 * it says which trace it belongs to.
 */
function contextOf(
  given: z.output<typeof jsonObject> | null | undefined,
  { headers, traceContext }: FastifyRequest,
): JsonObject | undefined {
  const context = { ...given, ...headerContext(headers['st2-context']) } as JsonObject; // z.json() is JSON
  const tag = headers['st2-trace-tag'];
  const trace: JsonObject = { ...traceContext, ...(typeof tag === 'string' && tag !== '' && { trace_tag: tag }) };
  if (Object.keys(trace).length > 0 && context.trace_context === undefined) return { ...context, trace_context: trace };
  return Object.keys(context).length === 0 ? undefined : context;
}

function headerContext(header: string | readonly string[] | undefined): JsonObject {
  if (header === undefined || header === '') return {};
  try {
    const value: unknown = JSON.parse(String(header));
    if (isJsonObject(value)) return value;
  } catch {
    // Said below.
  }
  throw new PetrelError('invalid', 'The header st2-context must be a JSON object.');
}
