import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import database from '../../examples/provision/actions/database.ts';
import type { JsonObject } from '../../src/model/index.ts';
import { testWorkflow } from '../../src/sdk/index.ts';
import { type Server, startServer } from '../../src/server.ts';
import { call } from '../call.ts';

const ROOT = resolve(import.meta.dirname, '../..');
let directory: string;
let server: Server;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-provision-'));
  const logFile = join(directory, 'petrel.log');
  server = await startServer({ data: join(directory, 'data'), packs: [join(ROOT, 'examples')], port: 0, logFile });
});

afterAll(async () => {
  await server.stop(0);
  await rm(directory, { recursive: true, force: true });
});

async function run(parameters: JsonObject) {
  const request = { actionRef: 'provision.database', parameters, user: 'ann' };
  const { id } = await server.executions.request(request);
  const { status } = await server.executions.wait(id, AbortSignal.timeout(20_000));
  const path = `/executions/${id}/history`;
  const lines = (await call({ url: server.url, token: server.token }, 'GET', path)).body as readonly JsonObject[]; // a list
  return { status, result: await server.store.getResult(id), history: lines.map(({ event }) => String(event)) };
}

const keys = async () =>
  (await server.store.listKeys('system', '', '', { limit: 10, offset: 0 })).items.map(({ name }) => name);

describe('the example of a workflow in TypeScript', () => {
  it('takes back what it did when it fails, with the history that its page shows', async () => {
    const { status, result, history } = await run({ team: 'shop', name: 'orders', port: 5432 });
    const page = await readFile(join(ROOT, 'docs/typescript-workflows.md'), 'utf8');
    const shown = /^```text\n([\s\S]*?)^```$/m.exec(page)?.[1]?.trim().split('\n');
    expect(history.map((line) => line.replace(/, [0-9a-f]{16}\)$/, ', FINGERPRINT)'))).toEqual(shown);
    const said = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '') as JsonObject; // an object
    expect({ status, result }).toMatchObject({ status: 'failed', result: said });
    expect(await keys()).toEqual([]);
  });

  it('creates what it is asked for', async () => {
    const { status, result } = await run({ team: 'shop', name: 'orders' });
    expect({ status, result }).toEqual({
      status: 'succeeded',
      result: { result: { endpoint: 'shop-orders.example.com:3306' } },
    });
    expect(await keys()).toEqual(['provision.shop-orders', 'shop.database']);
  });

  it('can be tested without Petrel', async () => {
    const outcomes = { create: { result: { endpoint: 'elsewhere:1' } } };
    const tested = await testWorkflow(database, { input: { team: 'shop', name: 'orders' }, outcomes });
    expect(String(tested.error)).toContain('does not answer on port 3306');
    expect(tested.rolledBack).toEqual(['configure', 'create']);
  });
});
