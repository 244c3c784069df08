import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { maskParameters, maskValues } from '../../datastore/index.ts';
import { findInquiry } from '../../executions/index.ts';
import {
  type Id,
  isJsonObject,
  type Json,
  type JsonObject,
  type ParameterSchemas,
  PetrelError,
} from '../../model/index.ts';
import { requesterOf } from '../auth.ts';
import { pageOf, sendList } from '../listing.ts';
import type { ApiServices } from '../services.ts';
import { filterOf } from './executions.ts';

const responseBody = z.object({ id: z.string().nullish(), response: z.record(z.string(), z.json()) });

type WithId = { Params: { id: string } };

const DEFAULT_LIMIT = 20;

/** /inquiries (stackstorm-api.md section 3): executions that wait for an answer. */
export function inquiryRoutes(api: FastifyInstance, services: ApiServices): void {
  const { store, executions, masker } = services;

  const view = (id: Id, result: Json | undefined): JsonObject => {
    const { route = '', ttl = 0, users = [], roles = [], schema = {} } = isJsonObject(result) ? result : {};
    return masker.maskJson(maskValues({ id, route, ttl, users, roles, schema }));
  };

  /** Those that wait; the filters are those of executions. */
  api.get('/inquiries', async (request, reply) => {
    const page = pageOf(request.query, DEFAULT_LIMIT);
    const filter = { ...filterOf(request.query), runnerType: 'inquirer', statuses: ['pending'] as const };
    const { items, total } = await store.listExecutions(filter, page);
    const results = await store.getResults(items.map(({ id }) => id));
    return sendList(reply, request.query, page, { items: items.map(({ id }) => view(id, results.get(id))), total });
  });

  api.get<WithId>('/inquiries/:id', async (request) => {
    const { execution, result } = await findInquiry(store, request.params.id);
    return view(execution.id, result);
  });

  api.put<WithId>('/inquiries/:id', async (request) => {
    const { id } = request.params;
    const body = responseBody.safeParse(request.body);
    if (!body.success) throw new PetrelError('invalid', `The request is not valid: ${z.prettifyError(body.error)}`);
    const { result } = await findInquiry(store, id);
    const response = body.data.response as JsonObject; // z.json() is JSON
    const { user, roles } = requesterOf(request);
    await executions.respond(id, response, { user, roles: roles.map(({ name }) => name) });
    const properties =
      isJsonObject(result.schema) && isJsonObject(result.schema.properties) ? result.schema.properties : {};
    // A schema's properties are schemas.
    return { id, response: masker.maskJson(maskParameters(response, properties as ParameterSchemas)) };
  });
}
