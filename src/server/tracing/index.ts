/**
 * Traces for OpenTelemetry, when its variables ask for them. Spans are made of the records, when an event was accepted and when an
 * execution has ended, by the node that stored that (see src/model/trace.ts for their ids); nothing is instrumented, and nothing is
 * kept while work goes on. Sending is best effort: what a process had not sent when it died is lost.
 */
import { hostname } from 'node:os';
import type { Registry } from 'prom-client';
import { type Masker, maskValues } from '../../datastore/index.ts';
import type { EventTracer } from '../../events/index.ts';
import { type Execution, formatTraceparent, spanIdOf, traceOf, traceOfEvent } from '../../model/index.ts';
import type { Logger } from '../../sdk/index.ts';
import type { Store } from '../../store/index.ts';
import { reasonOf } from '../../workflows/index.ts';
import { createSpanExporter } from './exporter.ts';
import { predecessorOf, spanOfExecution, spansOfEvent } from './records.ts';
import { readTraceSettings, type Variables } from './settings.ts';
import type { Span } from './span.ts';

export interface Tracing {
  readonly event: EventTracer;
  /** Told of each execution that has ended. */
  ended(execution: Execution): void;
  /** For what an execution calls: the header and variable by which others go on with the trace. */
  traceparent(execution: Execution): string;
  close(): Promise<void>;
}

export interface TracingServices {
  readonly store: Pick<Store, 'getExecution' | 'getResult'>;
  readonly masker: Masker;
  readonly metrics: Registry;
  readonly log: Logger;
  readonly now: () => number;
  readonly version: string;
}

const LONGEST_REASON = 1000;
/** Headers that authenticate. Others, such as the name of a tenant, are no secrets, and may be words of everyday texts. */
const SECRET_HEADER = /auth|key|token|secret|password|cookie|team/i;

/** Undefined: the variables ask for no traces. What is wrong with them is logged. */
export function openTracing(variables: Variables, services: TracingServices): Tracing | undefined {
  const { settings, problems } = readTraceSettings(variables);
  const { store, masker, log, now, version } = services;
  for (const problem of problems) log.warn(problem);
  if (settings === undefined) return undefined;
  for (const secret of secretsOf(settings.headers)) masker.add(secret);
  const exporter = createSpanExporter(settings, {
    ...services,
    resource: {
      'service.name': 'petrel',
      'service.version': version,
      'host.name': hostname(),
      'process.pid': process.pid,
      ...settings.resource,
    },
  });
  const { sample } = settings;
  const looking = new Set<Promise<void>>();

  const add = (span: Span) => exporter.add(maskSpan(span, masker));

  const send = async (execution: Execution): Promise<void> => {
    const trace = traceOf(execution);
    const span = spanOfExecution(trace, execution);
    const error = await errorOf(execution);
    const before = predecessorOf(execution);
    const predecessor = before && (await store.getExecution(before.id));
    const links =
      before && predecessor
        ? [
            {
              traceId: traceOf(predecessor).id,
              spanId: spanIdOf(predecessor.id),
              attributes: { 'petrel.link': before.as, 'petrel.execution.id': predecessor.id },
            },
          ]
        : [];
    add({ ...span, links, ...(error !== undefined && { error }) });
  };

  /** Somebody's wish to cancel is no failure. */
  const errorOf = async ({ id, status }: Execution): Promise<string | undefined> => {
    if (status !== 'failed' && status !== 'timeout' && status !== 'abandoned') return undefined;
    const result = await store.getResult(id);
    return result === undefined ? status : reasonOf(maskValues(result));
  };

  return {
    event(event, instance, enforcements) {
      const trace = traceOfEvent(instance.id, event.traceContext);
      if (sample(trace)) spansOfEvent(trace, event, instance, enforcements, now()).forEach(add);
    },
    ended(execution) {
      if (!sample(traceOf(execution))) return;
      const look = send(execution)
        // The store is in trouble, and says so elsewhere: the span does without what it does not answer.
        .catch(() => add(spanOfExecution(traceOf(execution), execution)))
        .finally(() => looking.delete(look));
      looking.add(look);
    },
    traceparent(execution) {
      const trace = traceOf(execution);
      return formatTraceparent({ traceId: trace.id, spanId: spanIdOf(execution.id), sampled: sample(trace) });
    },
    async close() {
      await Promise.all(looking);
      await exporter.close();
    },
  };
}

/** What authenticates, with and without the scheme before it. */
function secretsOf(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    SECRET_HEADER.test(name) ? [value, value.replace(/^\w+ /, '')] : [],
  );
}

function maskSpan(span: Span, masker: Masker): Span {
  return {
    ...span,
    attributes: masker.maskJson(span.attributes),
    ...(span.error !== undefined && { error: masker.mask(span.error).slice(0, LONGEST_REASON) }),
  };
}
