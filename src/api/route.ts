import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PetrelError } from '../model/index.ts';
import { userOf } from './auth.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** An answer that is not JSON. */
interface MediaAnswer {
  readonly media: string;
}

/**
 * One route: what it takes and answers, said once, for validation and for the OpenAPI document (openapi.ts). Paths are below the
 * prefix of the group that the route is registered with.
 */
interface RouteDefinition<Q extends z.ZodType, B extends z.ZodType> {
  readonly method: Method;
  /** As the router writes it: `/rules/:ref`, `/keys/*`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly query?: Q;
  readonly body?: B;
  /** A body may be left out altogether. */
  readonly bodyOptional?: boolean;
  /** The handler reads the body itself, such as one that is signed byte by byte; `body` says what is in it, and validates nothing. */
  readonly readsBody?: true;
  /** Bytes of a body that are taken, where it is less than elsewhere. */
  readonly bodyLimit?: number;
  /** Default 200. */
  readonly status?: number;
  /** Absent: there is no body. */
  readonly answer?: z.ZodType | MediaAnswer;
  /** What else it may answer with, beside 400 (where it takes anything), 401, 403 and 404 (where its path names something). */
  readonly errors?: readonly number[];
  /** What it answers is sent as JSON with `status`; the reply itself: it was sent. */
  handle(call: Call<z.output<Q>, z.output<B>>): unknown;
}

export interface Call<Q, B> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  readonly user: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A route whose types were checked where it was defined. */
export type Route = RouteDefinition<z.ZodType, z.ZodType>;

/** Defines a route; the types of `query` and `body` in `handle` are those of the schemas. */
export function route<Q extends z.ZodType = z.ZodUnknown, B extends z.ZodType = z.ZodUnknown>(
  definition: RouteDefinition<Q, B>,
): Route {
  return definition as unknown as Route; // a handler is only ever called with what its own schemas gave
}

/** Registers routes: each request is held against its route's schemas before the handler sees it. */
export function registerRoutes(api: FastifyInstance, routes: readonly Route[]): void {
  for (const definition of routes) {
    api.route({
      method: definition.method,
      url: definition.path,
      ...(definition.bodyLimit !== undefined && { bodyLimit: definition.bodyLimit }),
      handler: async (request, reply) => {
        const answer = await definition.handle({
          params: request.params as Record<string, string>, // the router's parameters are texts
          query: checked(definition.query, request.query, 'query'),
          body: bodyOf(definition, request),
          // Asked for by routes alone that only somebody who is known can call.
          get user() {
            return userOf(request);
          },
          request,
          reply,
        });
        if (reply.sent || answer === reply) return reply;
        reply.code(definition.status ?? 200);
        if (answer === undefined) return reply.send();
        if (typeof answer === 'object' && answer !== null) return reply.send(answer);
        return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer));
      },
    });
  }
}

function bodyOf({ body, bodyOptional, readsBody }: Route, request: FastifyRequest): unknown {
  if (readsBody === true) return undefined;
  return checked(body, request.body ?? (bodyOptional === true ? {} : undefined), 'body');
}

function checked(schema: z.ZodType | undefined, value: unknown, where: 'query' | 'body'): unknown {
  if (schema === undefined) return value;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const what = where === 'query' ? 'The query' : 'The request';
  throw new PetrelError('invalid', `${what} is not valid: ${z.prettifyError(parsed.error)}`);
}
