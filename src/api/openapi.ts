import { z } from 'zod';
import type { JsonObject } from '../model/index.ts';
import { accessOf } from './auth-table.ts';
import { type API, type AUTH, STREAM } from './paths.ts';
import type { Route } from './route.ts';
import { fault } from './shapes/common.ts';

/** Routes and the prefix below which they are registered. */
export interface RouteGroup {
  readonly prefix: typeof API | typeof STREAM | typeof AUTH;
  readonly routes: readonly Route[];
}

/** Headers of lists. */
const LIST_HEADERS = {
  'X-Total-Count': { description: 'How many there are without paging.', schema: { type: 'integer' } },
  'X-Limit': {
    description: 'The greatest number of items in the answer; absent: unlimited.',
    schema: { type: 'integer' },
  },
};

const ERRORS: Readonly<Record<number, string>> = {
  400: 'The request is not valid',
  401: 'No credentials, or wrong ones',
  403: 'Not permitted',
  404: 'There is no such thing',
  409: 'In conflict with what is there; `conflict-id` names it',
  429: 'Too many attempts; `Retry-After` says in how many seconds there may be another',
  503: 'Something that Petrel needs does not answer',
};

/** The OpenAPI 3.1 document of the routes: generated from the schemas that validate requests, so that it cannot say anything else. */
export function createOpenApi(groups: readonly RouteGroup[], version: string): JsonObject {
  const components: Record<string, unknown> = {};
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { prefix, routes } of groups) {
    for (const route of routes) {
      const { path, parameters } = pathOf(route.path);
      const item = paths[prefix + path] ?? {};
      paths[prefix + path] = item;
      item[route.method.toLowerCase()] = operation(route, prefix, parameters, components);
    }
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Petrel',
      version,
      description: "StackStorm's HTTP API and event stream, and what Petrel adds to it.",
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { apiKey: [] }, { bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' },
        apiKey: { type: 'apiKey', in: 'header', name: 'St2-Api-Key' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
      schemas: Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
  return JSON.parse(JSON.stringify(document)) as JsonObject; // JSON, and nothing that could be changed behind our back
}

function operation(
  route: Route,
  prefix: string,
  pathParameters: readonly string[],
  components: Record<string, unknown>,
): object {
  const { query, body, answer, status = 200, tag, summary } = route;
  const isList = answer instanceof z.ZodArray && query instanceof z.ZodObject && 'limit' in query.shape;
  const failures = [400, 401, 403, ...(pathParameters.length > 0 ? [404] : []), ...(route.errors ?? []), 503];
  const responses: Record<string, unknown> = {
    [status]: {
      description: 'Done',
      ...(isList && { headers: LIST_HEADERS }),
      ...(answer !== undefined && { content: contentOf(answer, components) }),
    },
  };
  for (const code of new Set(failures)) {
    responses[code] = {
      description: ERRORS[code] ?? 'It failed',
      content: { 'application/json': { schema: schemaOf(fault, 'output', components) } },
    };
  }
  return {
    operationId: operationId(route, prefix),
    tags: [tag],
    summary,
    // No credential is asked for; signing in takes what it takes in its own way.
    ...(accessOf(route.method, prefix + route.path)?.kind === 'public' && { security: [] }),
    parameters: [
      ...pathParameters.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...queryParameters(query, components),
    ],
    ...(body !== undefined && {
      requestBody: {
        required: route.bodyOptional !== true,
        content: {
          'application/json': { schema: schemaOf(body, 'input', components) },
          ...(body instanceof z.ZodUnion && acceptsText(body) && { 'text/plain': { schema: { type: 'string' } } }),
        },
      },
    }),
    responses,
  };
}

function acceptsText(body: z.ZodUnion): boolean {
  return body.options.some((option) => option instanceof z.ZodString);
}

/** `/executions/:id` as `/executions/{id}`; the rest of a path is called `path`. */
function pathOf(written: string): { path: string; parameters: readonly string[] } {
  const parameters: string[] = [];
  const path = written
    .split('/')
    .map((segment) => {
      if (!segment.startsWith(':') && segment !== '*') return segment;
      const name = segment === '*' ? 'path' : segment.slice(1);
      parameters.push(name);
      return `{${name}}`;
    })
    .join('/');
  return { path, parameters };
}

function queryParameters(query: z.ZodType | undefined, components: Record<string, unknown>): object[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input', components) as {
    properties?: Record<string, Record<string, unknown>>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
}

function contentOf(answer: NonNullable<Route['answer']>, components: Record<string, unknown>): object {
  if ('media' in answer) return { [answer.media]: { schema: { type: 'string' } } };
  return { 'application/json': { schema: schemaOf(answer, 'output', components) } };
}

/** A schema with what it names moved to the document's components. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Record<string, unknown>): object {
  const text = JSON.stringify(z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }));
  const {
    $schema,
    $defs = {},
    ...rest
  } = JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as {
    $schema?: string;
    $defs?: Record<string, Record<string, unknown>>;
    id?: string;
  };
  for (const [name, { id, ...definition }] of Object.entries($defs)) components[name] = definition;
  const { id, ...own } = rest;
  if (typeof id !== 'string') return own;
  components[id] = own;
  return { $ref: `#/components/schemas/${id}` };
}

/** `getExecutionsIdChildren` */
function operationId({ method, path }: Route, prefix: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  const rest = path.endsWith('*') ? 'Path' : '';
  return `${method.toLowerCase()}${prefix === STREAM ? 'Stream' : ''}${name}${rest}`;
}
