import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { type JsonObject, parseTraceparent } from '../model/index.ts';
import { createRequestMetrics } from './request-metrics.ts';
import type { ApiServices, RequestLogEntry } from './services.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** W3C trace id, 32 hex digits: the caller's, that of what the request has begun, or one of its own. */
    traceId: string;
    /** `trace_context` of what the request begins; undefined: its caller has no trace. */
    traceContext: JsonObject | undefined;
  }
}

/** A line in the log for each answer, with the ids by which it is found again; and it is counted. */
export function logRequests(app: FastifyInstance, { requestLog, metrics }: ApiServices): void {
  const count = createRequestMetrics(metrics);
  app.decorateRequest('traceId', '');
  app.decorateRequest('traceContext', undefined);
  app.addHook('onRequest', async (request) => {
    const { traceparent = '' } = request.headers;
    const caller = parseTraceparent(traceparent);
    request.traceId = caller?.traceId ?? randomBytes(16).toString('hex');
    request.traceContext = caller && { traceparent };
  });
  app.addHook('onResponse', async (request, reply) => {
    const entry: RequestLogEntry = {
      request_id: request.id,
      trace_id: request.traceId,
      method: request.method,
      route: request.routeOptions.url ?? '',
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime * 10) / 10,
      user: request.requester?.user ?? '',
      address: request.ip,
    };
    requestLog(entry);
    count(entry);
  });
}
