import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createRequestMetrics } from './request-metrics.ts';
import type { ApiServices, RequestLogEntry } from './services.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** W3C trace id, 32 hex digits. */
    traceId: string;
  }
}

/** A line in the log for each answer, with the ids by which it is found again; and it is counted. */
export function logRequests(app: FastifyInstance, { requestLog, metrics }: ApiServices): void {
  const count = createRequestMetrics(metrics);
  app.decorateRequest('traceId', '');
  app.addHook('onRequest', async (request) => {
    request.traceId = traceIdOf(request);
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

function traceIdOf({ headers }: FastifyRequest): string {
  const { traceparent } = headers;
  const given =
    typeof traceparent === 'string' ? /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-/.exec(traceparent)?.[1] : undefined;
  return given !== undefined && !/^0+$/.test(given) ? given : randomBytes(16).toString('hex');
}
