import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPostgres, type PostgresServer } from '../store/postgres-server.ts';
import { type House, MANIFEST, openHouse } from './support.ts';

let house: House;
const FILES = {
  'shop/pack.yaml': MANIFEST('shop'),
  'shop/triggers/order.yaml': 'name: order\npayload_schema: {type: object, properties: {item: {type: string}}}\n',
  'shop/actions/nothing.yaml': 'name: nothing\nrunner_type: noop\nparameters: {n: {type: integer}}\n',
  'shop/actions/chain.yaml': 'name: chain\nrunner_type: orquesta\nentry_point: workflows/chain.yaml\n',
  'shop/actions/workflows/chain.yaml':
    'version: 1.0\ntasks:\n  one: {action: core.local, input: {cmd: sleep 0.5}, next: [{do: two}]}\n  two: {action: shop.nothing}\n',
  'shop/actions/wrong.yaml': 'name: wrong\nrunner_type: local-shell-cmd\nparameters: {cmd: {default: "exit 3"}}\n',
  'shop/actions/later.yaml': 'name: later\nrunner_type: noop\n',
  'shop/sensors/ruby.yaml': 'class_name: Ruby\nentry_point: ruby.rb\n',
  'shop/sensors/ruby.rb': 'puts 1\n',
  'shop/sensors/idle.yaml': 'class_name: Idle\nentry_point: idle.py\nenabled: false\n',
  'shop/sensors/idle.py': 'class Idle: pass\n',
  'shop/rules/good.yaml':
    'name: good\nenabled: true\ntrigger: {type: shop.order}\naction: {ref: shop.nothing, parameters: {n: 1}}\n',
  'shop/rules/bad.yaml':
    'name: bad\nenabled: true\ntrigger: {type: shop.order}\naction: {ref: shop.nothing, parameters: {n: "{{ trigger.item }}"}}\n',
};

/** Value by name and labels, as it is written: `petrel_sensors{state="running"}`. */
async function scrape(): Promise<ReadonlyMap<string, number>> {
  const { text } = await house.ask('GET', '//metrics');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** How much each of these has grown; those that were not there count from 0. */
async function growth(names: readonly string[], work: () => Promise<unknown>): Promise<readonly number[]> {
  const before = await scrape();
  await work();
  const after = await scrape();
  return names.map((name) => (after.get(name) ?? 0) - (before.get(name) ?? 0));
}

const emit = (payload: object, more: object = {}) =>
  house.ask('POST', '/webhooks/st2', { trigger: 'shop.order', payload, ...more });

const postgres = findPostgres();
const STORES = ['SQLite', ...(postgres === undefined ? [] : ['PostgreSQL'])];

describe.each(STORES)('GET /metrics on %s', (store) => {
  let database: PostgresServer | undefined;
  beforeAll(async () => {
    database = store === 'SQLite' ? undefined : await postgres?.start();
    house = await openHouse(FILES, database === undefined ? {} : { database: await database.newSchema() });
  }, 60_000);
  afterAll(async () => {
    await house.stop();
    await database?.close();
  });

  it('counts events by what became of them, and enforcements by rule', async () => {
    const names = [
      'petrel_events_total{trigger="shop.order",outcome="accepted"}',
      'petrel_events_total{trigger="shop.order",outcome="duplicate"}',
      'petrel_events_total{trigger="",outcome="refused"}',
      'petrel_enforcements_total{rule="shop.good",status="succeeded"}',
      'petrel_enforcements_total{rule="shop.bad",status="failed"}',
    ];
    const grown = await growth(names, async () => {
      await emit({ item: 'x' }, { dedupe_key: 'one' });
      await emit({ item: 'x' }, { dedupe_key: 'one' });
      await emit({ item: 5 });
      await house.ask('POST', '/webhooks/st2', { trigger: 'shop.unheard_of', payload: {} });
    });
    expect(grown).toEqual([1, 1, 2, 1, 1]);
  });

  it('times events up to the commit of what they request', async () => {
    const [count, sum] = await growth(
      ['petrel_event_duration_seconds_count', 'petrel_event_duration_seconds_sum'],
      () => emit({ item: 'y' }),
    );
    // Its end is an event, too, when rules listen to that; nobody does here.
    expect(count).toBe(1);
    expect(sum).toBeGreaterThanOrEqual(0);
    expect(sum).toBeLessThan(30);
  });

  it('counts executions once each, by runner and status, with the time they waited and ran', async () => {
    const names = [
      'petrel_executions_requested_total{runner="local-shell-cmd"}',
      'petrel_executions_total{runner="local-shell-cmd",status="failed"}',
      'petrel_execution_wait_seconds_count{runner="local-shell-cmd"}',
      'petrel_execution_run_seconds_count{runner="local-shell-cmd"}',
    ];
    expect(await growth(names, () => house.run('shop.wrong'))).toEqual([1, 1, 1, 1]);
  });

  it('counts a workflow that stands still and goes on as one start', async () => {
    const names = [
      'petrel_executions_requested_total{runner="orquesta"}',
      'petrel_execution_wait_seconds_count{runner="orquesta"}',
      'petrel_executions_total{runner="orquesta",status="succeeded"}',
    ];
    const grown = await growth(names, async () => {
      const { body } = await house.ask('POST', '/executions', { action: 'shop.chain' });
      await house.ask('PUT', `/executions/${body.id}`, { status: 'pausing' });
      for (;;) {
        const { status } = (await house.ask('GET', `/executions/${body.id}`)).body;
        if (status === 'paused') break;
        if (status === 'succeeded' || status === 'failed') throw new Error(`The workflow has ${status}.`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await house.ask('PUT', `/executions/${body.id}`, { status: 'resuming' });
      await house.ask('GET', `/executions/${body.id}?wait=30`);
    });
    expect(grown).toEqual([1, 1, 1]);
  });

  it('shows what waits, and for how long', async () => {
    const before = await scrape();
    expect(before.get('petrel_execution_queue_age_seconds')).toBe(0);
    expect(before.get('petrel_executions_unfinished{status="requested"}')).toBe(0);
    // No worker takes it.
    await house.server().executions.stop();
    const { body } = await house.ask('POST', '/executions', { action: 'shop.later' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    const after = await scrape();
    expect(after.get('petrel_executions_unfinished{status="requested"}')).toBe(1);
    expect(after.get('petrel_execution_queue_age_seconds')).toBeGreaterThanOrEqual(0.03);
    expect((await house.ask('GET', '//readyz')).body).toEqual({
      status: 'failing',
      problems: ['The workers have not started yet, or have stopped.'],
    });
    await house.server().executions.start();
    await house.ask('GET', `/executions/${body.id}?wait=30`);
    expect((await house.ask('GET', '//readyz')).body).toEqual({ status: 'ok', problems: [] });
  });

  it('counts sensors by their state', async () => {
    const all = await scrape();
    expect(all.get('petrel_sensors{state="disabled"}')).toBe(1);
    expect(all.get('petrel_sensors{state="unsupported"}')).toBe(1);
    const counts = [...all].flatMap(([name, count]) => (name.startsWith('petrel_sensors{') ? [count] : []));
    const { headers } = await house.ask('GET', '/sensortypes?limit=1');
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(Number(headers.get('x-total-count')));
  });

  it('counts transactions, and the commits they share', async () => {
    const names = [
      'petrel_store_transactions_total',
      'petrel_store_commit_transactions_sum',
      'petrel_store_rollbacks_total',
    ];
    const [transactions = 0, sum, rollbacks] = await growth(names, () =>
      Promise.all(Array.from({ length: 20 }, (_, index) => emit({ item: String(index) }))),
    );
    expect(transactions).toBeGreaterThanOrEqual(20);
    expect(sum).toBe(transactions);
    expect(rollbacks).toBe(0);
    const all = await scrape();
    expect(all.get('petrel_store_commit_duration_seconds_count')).toBe(
      all.get('petrel_store_commit_transactions_count'),
    );
  });

  it('knows no spans where nobody asks for traces, and nothing is told of them', async () => {
    const { id } = await house.run('core.local', { cmd: 'echo "<$TRACEPARENT>"' });
    expect((await house.ask('GET', `/executions/${id}`)).body.result).toMatchObject({ stdout: '<>' });
    expect([...(await scrape()).keys()].filter((name) => name.includes('trace'))).toEqual([]);
  });

  it('counts requests by route, without what stands in its place', async () => {
    const names = [
      'petrel_http_requests_total{method="GET",route="/api/v1/actions/:ref",status="200"}',
      'petrel_http_requests_total{method="GET",route="",status="404"}',
    ];
    const grown = await growth(names, async () => {
      await house.ask('GET', '/actions/core.noop');
      await house.ask('GET', '//secret-path');
    });
    expect(grown).toEqual([1, 1]);
    expect((await house.ask('GET', '//metrics')).text).not.toContain('secret-path');
  });
});

describe.runIf(postgres !== undefined)('two nodes with one PostgreSQL', () => {
  it('count what each does, know one queue, and say when the database is gone', async () => {
    const database = await postgres?.start();
    const url = (await database?.newSchema()) ?? '';
    house = await openHouse(FILES, { database: url });
    const other = await openHouse(FILES, { database: url });
    const valueAt = async (node: House, name: string) => {
      const { text } = await node.ask('GET', '//metrics');
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.slice(name.length) ?? 0,
      );
    };
    const requested = 'petrel_executions_requested_total{runner="noop"}';
    const unfinished = 'petrel_executions_unfinished{status="requested"}';
    await house.server().executions.stop();
    await other.server().executions.stop();
    await house.ask('POST', '/executions', { action: 'shop.later' });
    expect([await valueAt(house, requested), await valueAt(other, requested)]).toEqual([1, 0]);
    expect([await valueAt(house, unfinished), await valueAt(other, unfinished)]).toEqual([1, 1]);
    expect(await valueAt(other, 'petrel_execution_queue_age_seconds')).toBeGreaterThan(0);
    await other.server().executions.start();
    await expect.poll(() => valueAt(house, unfinished), { timeout: 10_000 }).toBe(0);
    expect((await other.ask('GET', '//readyz')).status).toBe(200);

    await database?.close();
    for (const path of ['//healthz', '//readyz']) {
      const { status, body } = await other.ask('GET', path);
      expect([status, body.problems]).toEqual([
        503,
        expect.arrayContaining([expect.stringMatching(/^The store does not answer: ./)]),
      ]);
    }
    // They cannot give back their leases, and let everything else go.
    await Promise.all([house, other].map((node) => expect(node.stop()).rejects.toThrow(/cannot be reached/)));
    await expect(fetch(`${other.server().url}/healthz`)).rejects.toThrow();
  }, 60_000);
});
