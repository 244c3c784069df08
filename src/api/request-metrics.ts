import { Counter, Histogram, type Registry } from 'prom-client';
import { STREAM } from './paths.ts';
import type { RequestLogEntry } from './services.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** Registers the metrics of requests; what it answers counts one. */
export function createRequestMetrics(registry: Registry): (entry: RequestLogEntry) => void {
  const registers = [registry];
  const requests = new Counter({
    name: 'petrel_http_requests_total',
    help: 'Requests that were answered, by route and status; the route is empty where there is none.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'petrel_http_request_duration_seconds',
    help: 'Time to answer a request, but for event streams, which last as long as somebody listens.',
    labelNames: ['method', 'route'],
    buckets: SECONDS,
    registers,
  });
  return ({ method, route, status, milliseconds }) => {
    requests.inc({ method, route, status });
    if (!route.startsWith(STREAM)) durations.observe({ method, route }, milliseconds / 1000);
  };
}
