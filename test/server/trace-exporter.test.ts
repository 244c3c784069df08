import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSpanExporter, type SpanExporter } from '../../src/server/tracing/exporter.ts';
import { readTraceSettings, type Variables } from '../../src/server/tracing/settings.ts';
import type { Span } from '../../src/server/tracing/span.ts';
import { type Collector, startCollector } from './collector.ts';

let collector: Collector;
let exporter: SpanExporter | undefined;
let said: string[];
let metrics: Registry;

beforeEach(async () => {
  collector = await startCollector();
  said = [];
  metrics = new Registry();
});
afterEach(async () => {
  await exporter?.close();
  await collector.stop();
});

function open(variables: Variables = {}): SpanExporter {
  const { settings } = readTraceSettings({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '5',
    ...variables,
  });
  if (settings === undefined) throw new Error('Traces are off.');
  const log = {
    debug() {},
    info: (text: string) => said.push(text),
    warn: (text: string) => said.push(text),
    error() {},
  };
  exporter = createSpanExporter(settings, { resource: {}, version: '1', log, metrics, firstPause: 10 });
  return exporter;
}

const span = (index: number): Span => ({
  traceId: 'a'.repeat(32),
  spanId: String(index).padStart(16, '0'),
  name: `span ${index}`,
  kind: 'internal',
  start: 1_700_000_000_123,
  end: 1_700_000_000_124.4,
  attributes: { text: 'x', count: 3, nothing: undefined },
});
const names = () => collector.spans.map(({ name }) => name);
const count = async (outcome: string) =>
  Number(new RegExp(`petrel_trace_spans_total{outcome="${outcome}"} (\\d+)`).exec(await metrics.metrics())?.[1] ?? 0);

describe('Spans', () => {
  it('are written as OTLP has them in JSON', async () => {
    open().add(span(1));
    await expect.poll(names).toEqual(['span 1']);
    expect(collector.spans).toEqual([
      {
        traceId: 'a'.repeat(32),
        spanId: '0000000000000001',
        flags: 1,
        name: 'span 1',
        kind: 1,
        startTimeUnixNano: '1700000000123000000',
        endTimeUnixNano: '1700000000124000000',
        attributes: [
          { key: 'text', value: { stringValue: 'x' } },
          { key: 'count', value: { intValue: '3' } },
        ],
        events: [],
        links: [],
        status: {},
      },
    ]);
  });

  it('are sent together, at most so many at once, with the headers that were asked for', async () => {
    const { add } = open({
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    });
    for (const index of [1, 2, 3]) add(span(index));
    await expect.poll(names).toEqual(['span 1', 'span 2', 'span 3']);
    expect(collector.requests.map(({ headers }) => headers['x-tenant'])).toEqual(['a', 'a']);
  });

  it('that wait are sent when Petrel stops', async () => {
    const { add, close } = open({ OTEL_BSP_SCHEDULE_DELAY: '60000' });
    add(span(1));
    await close();
    expect(names()).toEqual(['span 1']);
  });
});

describe('A collector that is in trouble', () => {
  it('is sent the same again, which is told once, as is that it takes them again', async () => {
    collector.answers.push({ status: 503 }, { status: 429, headers: { 'retry-after': '0' } }, { status: 502 });
    const { add } = open();
    add(span(1));
    await expect.poll(names).toEqual(['span 1']);
    await expect.poll(() => said.length).toBe(2);
    expect(said).toEqual([
      expect.stringContaining('it answers with status 503. Work goes on'),
      expect.stringContaining('again; 0 spans were lost'),
    ]);
    expect(await count('sent')).toBe(1);
  });

  it('loses what it refuses, and no more', async () => {
    collector.answers.push({ status: 400 });
    const { add } = open();
    add(span(1));
    await expect.poll(() => count('lost')).toBe(1);
    add(span(2));
    await expect.poll(names).toEqual(['span 2']);
  });

  it('may take a part', async () => {
    collector.answers.push({
      status: 200,
      body: '{"partialSuccess": {"rejectedSpans": "1", "errorMessage": "too old"}}',
    });
    const { add } = open();
    add(span(1));
    add(span(2));
    await expect.poll(() => count('lost')).toBe(1);
    expect(await count('sent')).toBe(1);
    expect(said).toEqual([expect.stringContaining('too old')]);
  });

  it('is not followed to where it points, with headers that are for itself', async () => {
    const other = await startCollector();
    collector.answers.push({ status: 307, headers: { location: `${other.url}/v1/traces` } });
    open().add(span(1));
    await expect.poll(() => count('lost')).toBe(1);
    expect(other.requests).toEqual([]);
    await other.stop();
  });

  it('loses what there is no room for while it is down; nothing waits for it, and it is told once', async () => {
    const port = Number(new URL(collector.url).port);
    await collector.stop();
    const { add } = open({ OTEL_BSP_MAX_QUEUE_SIZE: '2', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2' });
    for (const index of [1, 2, 3, 4]) add(span(index));
    await sleep(50);
    expect(await count('lost')).toBe(2);
    expect(said).toHaveLength(1);
    collector = await startCollector(port);
    await expect.poll(names, { timeout: 5000 }).toEqual(['span 1', 'span 2']);
    await expect.poll(() => said[1]).toContain('2 spans were lost');
    expect(said).toHaveLength(2);
  });

  it('is asked again when it does not answer in time', async () => {
    collector.answers.push({ status: 0 });
    open({ OTEL_EXPORTER_OTLP_TIMEOUT: '50' }).add(span(1));
    await expect.poll(names).toEqual(['span 1']);
    expect(said[0]).toContain('no answer in 50 ms');
  });

  it('does not keep Petrel from stopping when it never answers', async () => {
    collector.answers.push({ status: 0 }, { status: 0 });
    const { add, close } = open({ OTEL_EXPORTER_OTLP_TIMEOUT: '50', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1' });
    add(span(1));
    await expect.poll(() => said.length).toBe(1);
    await close();
    expect([names(), await count('lost')]).toEqual([[], 1]);
  });

  it('does not keep Petrel from stopping', async () => {
    await collector.stop();
    const { add, close } = open();
    add(span(1));
    await expect.poll(() => said.length).toBe(1);
    const before = performance.now();
    await close();
    expect(performance.now() - before).toBeLessThan(2000);
    expect(await count('lost')).toBe(1);
    collector = await startCollector();
  });
});
