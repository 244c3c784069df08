import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Counter, type Registry } from 'prom-client';
import { messageOf } from '../../model/index.ts';
import type { Logger } from '../../sdk/index.ts';
import type { TraceSettings } from './settings.ts';
import { type Attributes, encodeSpans, type Span } from './span.ts';

export interface SpanExporter {
  /** Never waits: when too many wait already, the span is lost. */
  add(span: Span): void;
  /** Sends what waits, in a few seconds, and with one try when there is trouble: a collector never keeps a process from stopping. */
  close(): Promise<void>;
}

/** Milliseconds. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
const CLOSING = 3000;
const CLOSING_IN_TROUBLE = 500;
/** What OTLP/HTTP says is worth another try. */
const PASSING = [429, 502, 503, 504];

/**
 * Sends spans to a collector, in batches of OTLP/HTTP as JSON, one request at a time. While the collector cannot be had, spans wait as far
 * as there is room; that, and that it is over, is logged once.
 */
export function createSpanExporter(
  settings: TraceSettings,
  options: {
    readonly resource: Attributes;
    readonly version: string;
    readonly log: Logger;
    readonly metrics: Registry;
    readonly firstPause?: number;
  },
): SpanExporter {
  const { endpoint, queue: room, batch: most, delay } = settings;
  const { log, firstPause = FIRST_PAUSE } = options;
  const spans = new Counter({
    name: 'petrel_trace_spans_total',
    help: 'Spans of traces, by what became of them: sent to the collector, or lost.',
    labelNames: ['outcome'],
    registers: [options.metrics],
  });
  const waiting: Span[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  let trouble: string | undefined;
  let lost = 0;
  let closed = false;
  /** There is no more time to close. */
  let over = false;
  let request = new AbortController();

  const lose = (count: number, reason: string) => {
    lost += count;
    spans.inc({ outcome: 'lost' }, count);
    complain(reason);
  };
  const complain = (reason: string) => {
    if (trouble !== undefined) return;
    trouble = reason;
    log.warn(`Traces cannot be sent to ${endpoint}: ${reason}. Work goes on; ${room} spans are kept, others are lost.`);
  };
  const recover = () => {
    if (trouble === undefined) return;
    trouble = undefined;
    log.info(`Traces are sent to ${endpoint} again; ${lost} spans were lost.`);
    lost = 0;
  };

  /** A number: milliseconds after which the same is to be tried again, 0 for any. */
  const send = async (batch: readonly Span[]): Promise<'taken' | 'refused' | number> => {
    const json = JSON.stringify(encodeSpans(batch, options));
    request = new AbortController();
    const { signal } = request;
    const late = setTimeout(() => request.abort(new Error(`no answer in ${settings.timeout} ms`)), settings.timeout);
    try {
      const response = await fetch(endpoint, {
        method: 'POST',
        // Its headers are for this collector, and for nobody that it names.
        redirect: 'manual',
        headers: {
          ...settings.headers,
          'content-type': 'application/json',
          ...(settings.gzip && { 'content-encoding': 'gzip' }),
        },
        body: settings.gzip ? await promisify(gzip)(json) : json,
        signal,
      });
      const answer = await response.text();
      if (response.ok) {
        const rejected = Math.min(rejectedIn(answer), batch.length);
        spans.inc({ outcome: 'sent' }, batch.length - rejected);
        if (rejected === 0) return 'taken';
        lose(rejected, `it refuses some spans (${answer.slice(0, 200)})`);
        return 'refused';
      }
      const reason = `it answers with status ${response.status}`;
      if (!PASSING.includes(response.status)) {
        lose(batch.length, reason);
        return 'refused';
      }
      complain(reason);
      const seconds = Number(response.headers.get('retry-after') ?? 0);
      return Number.isFinite(seconds) ? seconds * 1000 : 0;
    } catch (error) {
      complain(reasonOf(error));
      return 0;
    } finally {
      clearTimeout(late);
    }
  };

  const drain = async () => {
    let pause = firstPause;
    while (waiting.length > 0 && !over) {
      const batch = waiting.slice(0, most);
      const outcome = await send(batch);
      if (typeof outcome !== 'number') {
        waiting.splice(0, batch.length);
        pause = firstPause;
        // Not while spans are still made faster than they are taken: that would be told again and again.
        if (outcome === 'taken' && waiting.length === 0) recover();
      } else {
        if (closed) return;
        await rest(Math.min(Math.max(outcome, pause), LONGEST_PAUSE));
        pause *= 2;
      }
    }
  };
  let wake = () => {};
  const rest = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const alarm = setTimeout(resolve, milliseconds);
      alarm.unref();
      wake = () => {
        clearTimeout(alarm);
        resolve();
      };
    });
  const start = () => {
    clearTimeout(timer);
    timer = undefined;
    sending ??= drain().finally(() => {
      sending = undefined;
      if (waiting.length > 0) expect();
    });
  };
  const expect = () => {
    if (sending !== undefined || closed) return;
    if (waiting.length >= most) start();
    else timer ??= setTimeout(start, delay).unref();
  };

  return {
    add(span) {
      if (waiting.length >= room) return lose(1, 'it is slower than spans are made');
      waiting.push(span);
      expect();
    },
    async close() {
      closed = true;
      start();
      wake();
      const limit = setTimeout(
        () => {
          over = true;
          request.abort(new Error('Petrel stops'));
        },
        trouble === undefined ? CLOSING : CLOSING_IN_TROUBLE,
      );
      await sending;
      clearTimeout(limit);
      if (waiting.length > 0) lose(waiting.splice(0).length, 'Petrel stops');
    },
  };
}

/** How many spans a collector says that it did not take. */
function rejectedIn(answer: string): number {
  try {
    const count = Number(JSON.parse(answer)?.partialSuccess?.rejectedSpans ?? 0);
    return Number.isFinite(count) ? count : 0;
  } catch {
    // An answer in protobuf, or none.
    return 0;
  }
}

/** fetch hides the reason in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(messageOf).join('; ');
  return messageOf(cause);
}
