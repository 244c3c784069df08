import { z } from 'zod';
import { maskParameters, maskValues } from '../../datastore/index.ts';
import { findInquiry } from '../../executions/index.ts';
import { type Id, isJsonObject, type Json, type JsonObject, type ParameterSchemas } from '../../model/index.ts';
import { requesterOf } from '../auth.ts';
import { executionFilter, executionQuery } from '../execution-query.ts';
import { boundedPage, sendList } from '../listing.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { id as identifier, jsonObject, object } from '../shapes/common.ts';

const TAG = 'Inquiries';
const DEFAULT_LIMIT = 20;

const inquiry = z
  .strictObject({
    id: identifier,
    route: z.string(),
    ttl: z.number(),
    users: z.array(z.unknown()),
    roles: z.array(z.unknown()),
    schema: object,
  })
  .meta({ id: 'Inquiry' });

/** /inquiries (stackstorm-api.md section 3): executions that wait for an answer. */
export function inquiryRoutes(services: ApiServices): readonly Route[] {
  const { store, executions, masker } = services;

  const view = (id: Id, result: Json | undefined): JsonObject => {
    const { route = '', ttl = 0, users = [], roles = [], schema = {} } = isJsonObject(result) ? result : {};
    return masker.maskJson(maskValues({ id, route, ttl, users, roles, schema }));
  };

  return [
    route({
      method: 'GET',
      path: '/inquiries',
      tag: TAG,
      summary: 'Lists the inquiries that wait; the filters are those of executions',
      query: executionQuery,
      answer: z.array(inquiry),
      async handle({ query, request, reply }) {
        const page = boundedPage(request, query, DEFAULT_LIMIT);
        const filter = { ...executionFilter(query), runnerType: 'inquirer', statuses: ['pending'] as const };
        const { items, total } = await store.listExecutions(filter, page);
        const results = await store.getResults(items.map(({ id }) => id));
        return sendList(reply, query, page, { items: items.map(({ id }) => view(id, results.get(id))), total });
      },
    }),
    route({
      method: 'GET',
      path: '/inquiries/:id',
      tag: TAG,
      summary: 'Shows an inquiry that waits',
      answer: inquiry,
      async handle({ params }) {
        const { execution, result } = await findInquiry(store, params.id ?? '');
        return view(execution.id, result);
      },
    }),
    route({
      method: 'PUT',
      path: '/inquiries/:id',
      tag: TAG,
      summary: 'Answers an inquiry',
      body: z.looseObject({ id: z.string().nullish(), response: jsonObject }),
      answer: z.strictObject({ id: identifier, response: object }),
      errors: [403, 409],
      async handle({ params, body, user, request }) {
        const id = params.id ?? '';
        const { result } = await findInquiry(store, id);
        const response = body.response as JsonObject; // z.json() is JSON
        await executions.respond(id, response, { user, roles: requesterOf(request).roles.map(({ name }) => name) });
        const properties =
          isJsonObject(result.schema) && isJsonObject(result.schema.properties) ? result.schema.properties : {};
        // A schema's properties are schemas.
        return { id, response: masker.maskJson(maskParameters(response, properties as ParameterSchemas)) };
      },
    }),
  ];
}
