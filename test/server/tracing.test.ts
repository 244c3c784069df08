import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, MANIFEST, openHouse } from '../api/support.ts';
import { attributesOf, type Collector, type Received, startCollector, treeOf } from './collector.ts';

const CALLER = '00f067aa0ba902b7';
const traceparent = (trace: string, flags = '01') => `00-${trace}-${CALLER}-${flags}`;
const PACK = {
  'shop/pack.yaml': MANIFEST('shop'),
  'shop/triggers/order.yaml': 'name: order\n',
  'shop/actions/nothing.yaml': 'name: nothing\nrunner_type: noop\nparameters: {n: {type: integer}}\n',
  'shop/actions/follow.yaml': 'name: follow\nrunner_type: noop\n',
  'shop/actions/flow.yaml':
    'name: flow\nrunner_type: orquesta\nentry_point: workflows/flow.yaml\nparameters: {url: {type: string}}\n',
  'shop/actions/workflows/flow.yaml': `version: 1.0
input: [url]
tasks:
  call: {action: core.http, input: {url: <% ctx(url) %>}, next: [{do: inner}]}
  inner: {action: shop.inner}
`,
  'shop/actions/inner.yaml': 'name: inner\nrunner_type: orquesta\nentry_point: workflows/inner.yaml\n',
  'shop/actions/workflows/inner.yaml': `version: 1.0
tasks:
  each:
    with: <% list(1, 2) %>
    action: shop.nothing n=<% item() %>
`,
  'shop/actions/asking.yaml': 'name: asking\nrunner_type: orquesta\nentry_point: workflows/asking.yaml\n',
  'shop/actions/workflows/asking.yaml': `version: 1.0
tasks:
  ask: {action: core.ask, next: [{do: after}]}
  after: {action: shop.nothing}
`,
  'shop/actions/cut.yaml':
    'name: cut\nrunner_type: orquesta\nentry_point: workflows/cut.yaml\nparameters: {flag: {type: string}}\n',
  'shop/actions/workflows/cut.yaml': `version: 1.0
input: [flag]
tasks:
  slow:
    action: core.local
    input:
      cmd: "test -e <% ctx(flag) %> || { touch <% ctx(flag) %>; exec sleep 60; }"
    next: [{do: after}]
  after: {action: shop.nothing}
`,
  'shop/actions/wrong.yaml':
    'name: wrong\nrunner_type: local-shell-cmd\nparameters: {cmd: {default: "echo no $WHY >&2; exit 3"}, why: {type: string, secret: true}, env: {default: {WHY: "{{ why }}"}}}\n',
  'shop/aliases/sell.yaml': 'name: sell\naction_ref: shop.nothing\nformats: ["sell {{ n }}"]\n',
  'shop/policies/again.yaml':
    'name: again\nresource_ref: shop.wrong\npolicy_type: action.retry\nparameters: {retry_on: failure, max_retry_count: 1, delay: 0}\n',
  'shop/rules/order.yaml':
    'name: order\nenabled: true\ntrigger: {type: core.st2.webhook, parameters: {url: order}}\naction: {ref: shop.flow, parameters: {url: "{{ trigger.body.url }}"}}\n',
  'shop/rules/bad.yaml':
    'name: bad\nenabled: true\ntrigger: {type: core.st2.webhook, parameters: {url: order}}\naction: {ref: shop.nothing, parameters: {n: "{{ trigger.body.url }}"}}\n',
  'shop/rules/follow.yaml':
    'name: follow\nenabled: true\ntrigger: {type: core.st2.generic.actiontrigger}\ncriteria: {trigger.action_name: {type: equals, pattern: shop.flow}}\naction: {ref: shop.follow}\n',
};

let collector: Collector;
let house: House;
let called: IncomingHttpHeaders[];
let target: Server;
let url: string;

beforeAll(async () => {
  collector = await startCollector();
  called = [];
  target = createServer((request, response) => {
    called.push(request.headers);
    response.end('hello');
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`; // it listens on a port
  house = await openHouse(PACK, {
    logLevel: 'debug',
    tracing: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_BSP_SCHEDULE_DELAY: '5',
    },
  });
});
afterAll(async () => {
  await house.stop();
  await collector.stop();
  target.close();
});

/** The spans that fit, once as many are there. */
async function spansOf(count: number, fits: (span: Received) => boolean): Promise<readonly Received[]> {
  for (const end = Date.now() + 10_000; ; ) {
    const spans = collector.spans.filter(fits);
    if (spans.length >= count) {
      expect(spans.map(({ name }) => name)).toHaveLength(count);
      return spans;
    }
    if (Date.now() > end) throw new Error(`Not ${count} spans: ${spans.map(({ name }) => name).join(', ')}`);
    await sleep(10);
  }
}
const named = (spans: readonly Received[], name: string): Received => {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) throw new Error(`No span "${name}" among ${spans.map((span) => span.name).join(', ')}`);
  return found;
};
const logLines = () =>
  readFileSync(join(house.directory, 'petrel.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('An event that a caller brings with its trace', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  let spans: readonly Received[];
  beforeAll(async () => {
    await house.ask('POST', '/webhooks/order', { url }, { traceparent: traceparent(trace) });
    spans = await spansOf(11, ({ traceId }) => traceId === trace);
  });

  it('goes on in it to the last task, and to what follows from its end', () => {
    expect(treeOf(spans, CALLER)).toEqual([
      [
        'trigger core.st2.webhook',
        ['rule shop.bad'],
        [
          'rule shop.order',
          [
            'action shop.flow',
            ['task call: core.http'],
            ['task inner: shop.inner', ['task each: shop.nothing'], ['task each: shop.nothing']],
            ['trigger core.st2.generic.actiontrigger', ['rule shop.follow', ['action shop.follow']]],
          ],
        ],
      ],
    ]);
  });

  it('says what is found where: ids, references, status, the item of a task', async () => {
    const flow = attributesOf(named(spans, 'action shop.flow'));
    const { body } = await house.ask('GET', `/executions/${flow['petrel.execution.id']}`);
    expect(flow).toMatchObject({
      'petrel.action': 'shop.flow',
      'petrel.runner': 'orquesta',
      'petrel.execution.status': 'succeeded',
      'petrel.rule': 'shop.order',
      'petrel.trigger_instance.id': (body.trigger_instance as { id: string }).id, // the test made it
      'petrel.user': 'stanley',
    });
    const items = spans.filter(({ name }) => name === 'task each: shop.nothing').map(attributesOf);
    expect(items.map((item) => item['petrel.task.item']).sort()).toEqual(['0', '1']);
    expect(items[0]?.['petrel.execution.parent_id']).toBe(
      attributesOf(named(spans, 'task inner: shop.inner'))['petrel.execution.id'],
    );
    const [request] = collector.requests;
    expect(request?.resource).toMatchObject({ 'service.name': 'petrel', 'deployment.environment.name': 'test' });
  });

  it('is told as OpenTelemetry counts kinds, times and failures', () => {
    expect([named(spans, 'trigger core.st2.webhook').kind, named(spans, 'rule shop.order').kind]).toEqual([4, 1]);
    const flow = named(spans, 'action shop.flow');
    expect(flow).toMatchObject({ kind: 5, status: {} });
    expect(BigInt(flow.endTimeUnixNano) - BigInt(flow.startTimeUnixNano)).toBeGreaterThanOrEqual(0n);
    expect(Math.abs(Number(flow.endTimeUnixNano) / 1e6 - Date.now())).toBeLessThan(60_000);
    expect(flow.events.map(({ name }) => name)).toEqual(['requested', 'scheduled', 'running', 'succeeded']);
    const bad = named(spans, 'rule shop.bad');
    expect(bad.status).toMatchObject({ code: 2, message: expect.stringContaining('"n"') });
  });

  it('reaches those that an action calls', () => {
    expect(called.map((headers) => headers.traceparent)).toEqual([
      `00-${trace}-${named(spans, 'task call: core.http').spanId}-01`,
    ]);
  });

  it('is found by the trace id in the log: the request, and all executions that have ended', () => {
    const lines = logLines().filter(({ trace_id: id }) => id === trace);
    expect(lines.find(({ route }) => route === '/api/v1/webhooks/*')).toMatchObject({ status: 202 });
    const ended = lines.flatMap(({ execution_id: id }) => id ?? []);
    const traced = spans.map((span) => attributesOf(span)['petrel.execution.attempt'] && attributesOf(span));
    expect(ended.sort()).toEqual(traced.flatMap((one) => (one ? [one['petrel.execution.id']] : [])).sort());
  });
});

describe('An execution that is requested', () => {
  it('goes on with the trace of whoever requests it', async () => {
    const trace = '11112222333344445555666677778888';
    await house.ask('POST', '/executions', { action: 'shop.nothing' }, { traceparent: traceparent(trace) });
    const [span] = await spansOf(1, ({ traceId }) => traceId === trace);
    expect(span).toMatchObject({ name: 'action shop.nothing', parentSpanId: CALLER });
  });

  it('does so as an alias, and when it runs another one again', async () => {
    const trace = '33332222333344445555666677778888';
    const headers = { traceparent: traceparent(trace) };
    const { body } = await house.ask('POST', '/aliasexecution/match_and_execute', { command: 'sell 3' }, headers);
    const [{ execution }] = body.results as [{ execution: { id: string } }]; // held against the contract
    await house.ask('POST', `/executions/${execution.id}/re_run`, {}, headers);
    const spans = await spansOf(2, ({ traceId }) => traceId === trace);
    expect(spans.map(({ parentSpanId }) => parentSpanId)).toEqual([CALLER, CALLER]);
  });

  it('is not traced when its caller has decided so', async () => {
    const unwanted = '22222222333344445555666677778888';
    await house.run('shop.nothing');
    await house.ask('POST', '/executions', { action: 'shop.nothing' }, { traceparent: traceparent(unwanted, '00') });
    const { body } = await house.ask('POST', '/executions', { action: 'shop.follow' });
    await spansOf(1, (span) => attributesOf(span)['petrel.execution.id'] === body.id);
    expect(collector.spans.filter(({ traceId }) => traceId === unwanted)).toEqual([]);
  });

  it('begins a trace when nobody has one, under which the log has the request, too', async () => {
    const { id } = await house.run('core.local', { cmd: 'echo $TRACEPARENT' });
    const [span] = await spansOf(1, (one) => attributesOf(one)['petrel.execution.id'] === id);
    expect(span?.parentSpanId).toBeUndefined();
    const { result } = (await house.ask('GET', `/executions/${id}`)).body;
    expect(result).toMatchObject({ stdout: `00-${span?.traceId}-${span?.spanId}-01` });
    const requests = logLines().filter(({ trace_id: trace }) => trace === span?.traceId);
    expect(requests.map(({ route }) => route)).toContain('/api/v1/executions');
  });

  it('fails in its span with the reason, without secrets, and what a policy tries again is part of the trace', async () => {
    const { id } = await house.run('shop.wrong', { why: 'open-sesame' });
    const [first] = await spansOf(1, (span) => attributesOf(span)['petrel.execution.id'] === id);
    const spans = await spansOf(2, ({ traceId }) => traceId === first?.traceId);
    expect(spans.map(({ status }) => status)).toEqual(Array(2).fill({ code: 2, message: '********' }));
    const again = spans.find(({ spanId }) => spanId !== first?.spanId);
    expect(again?.links).toMatchObject([{ traceId: first?.traceId, spanId: first?.spanId }]);
  });

  it('has a trace of its own when it runs another one again, with a link to that', async () => {
    const { id } = await house.run('shop.nothing');
    const { body } = await house.ask('POST', `/executions/${id}/re_run`, {});
    const [old] = await spansOf(1, (span) => attributesOf(span)['petrel.execution.id'] === id);
    const [again] = await spansOf(1, (span) => attributesOf(span)['petrel.execution.id'] === body.id);
    expect(again?.traceId).not.toBe(old?.traceId);
    expect(again?.links).toMatchObject([{ traceId: old?.traceId, spanId: old?.spanId }]);
  });
});

describe('A workflow that is under way while Petrel restarts', () => {
  const asking = '99990000333344445555666677778888';
  const cut = '88880000333344445555666677778888';

  it('is one trace, from before to after, when it waits for an answer and when a task is cut short', async () => {
    const flag = join(house.directory, 'has-begun');
    const begin = (action: string, trace: string, parameters = {}) =>
      house.ask('POST', '/executions', { action, parameters }, { traceparent: traceparent(trace) });
    await begin('shop.cut', cut, { flag });
    const { body } = await begin('shop.asking', asking);
    const status = async () => (await house.ask('GET', `/executions/${body.id}`)).body.status;
    await expect.poll(status, { timeout: 10_000, interval: 10 }).toBe('paused');
    await expect.poll(() => existsSync(flag), { timeout: 10_000, interval: 10 }).toBe(true);
    await house.server().executions.stop(0);
    await house.restart();
    const [inquiry] = (await house.ask('GET', '/inquiries')).list;
    await house.ask('PUT', `/inquiries/${inquiry?.id}`, { response: { continue: true } });

    const asked = await spansOf(3, ({ traceId }) => traceId === asking);
    expect(treeOf(asked, CALLER)).toEqual([
      ['action shop.asking', ['task ask: core.ask'], ['task after: shop.nothing']],
    ]);
    const statuses = (spans: readonly Received[], name: string) => named(spans, name).events.map((event) => event.name);
    expect(statuses(asked, 'task ask: core.ask')).toEqual([
      'requested',
      'scheduled',
      'running',
      'pending',
      'succeeded',
    ]);
    const done = await spansOf(3, ({ traceId }) => traceId === cut);
    expect(treeOf(done, CALLER)).toEqual([
      ['action shop.cut', ['task slow: core.local'], ['task after: shop.nothing']],
    ]);
    const slow = named(done, 'task slow: core.local');
    expect(attributesOf(slow)).toMatchObject({
      'petrel.execution.attempt': '2',
      'petrel.execution.status': 'succeeded',
    });
    expect(slow.events.filter(({ name }) => name === 'running')).toHaveLength(2);
  });
});
