import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDocumentStore, createOperationCatalogue } from '../../../src/kubernetes/index.ts';
import { type Answer, type ScriptedServer, startScriptedServer, status, testClient } from '../scripted-server.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-operations-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const documentOf = (...names: readonly string[]) => ({
  paths: Object.fromEntries(names.map((name) => [`/${name}`, { get: { operationId: name } }])),
});
const index = (hashes: Readonly<Record<string, string>>) => ({
  paths: Object.fromEntries(
    Object.entries(hashes).map(([group, hash]) => [
      group,
      { serverRelativeURL: `/openapi/v3/${group}${hash === '' ? '' : `?hash=${hash}`}` },
    ]),
  ),
});

async function catalogueOf(script: Readonly<Record<string, Answer | Answer[]>>, url?: string) {
  const server: ScriptedServer = await startScriptedServer(script);
  const clock = { time: 1_000_000 };
  const warnings: string[] = [];
  const client = testClient(server, url === undefined ? {} : { server: url });
  const catalogue = createOperationCatalogue({
    client,
    documents: createDocumentStore(directory, 'the server'),
    log: { warn: (message) => warnings.push(message) },
    now: () => clock.time,
  });
  const paths = () => server.asked.map(({ path }) => path);
  return { catalogue, clock, warnings, paths };
}

const TWO = {
  '/openapi/v3': index({ 'api/v1': 'A', 'apis/apps/v1': 'B' }),
  '/openapi/v3/api/v1': documentOf('readCoreV1Pod', 'listCoreV1Pod'),
  '/openapi/v3/apis/apps/v1': documentOf('readAppsV1Deployment'),
};

describe('A named operation', () => {
  it('is looked up in the one document that its name points to', async () => {
    const { catalogue, paths } = await catalogueOf(TWO);
    expect(paths()).toEqual([]);
    const action = await catalogue.find('kubernetes.readCoreV1Pod');
    expect(action).toMatchObject({ entryPoint: 'GET /readCoreV1Pod', metadataFile: '/openapi/v3/api/v1?hash=A' });
    expect(paths()).toEqual(['/openapi/v3', '/openapi/v3/api/v1']);
  });

  it('stays the same object while the document does not change', async () => {
    const { catalogue, clock, paths } = await catalogueOf(TWO);
    const first = await catalogue.find('kubernetes.readCoreV1Pod');
    expect(await catalogue.find('kubernetes.readCoreV1Pod')).toBe(first);
    expect(paths()).toHaveLength(2);
    clock.time += 60_000;
    expect(await catalogue.find('kubernetes.readCoreV1Pod')).toBe(first);
    expect(paths()).toEqual(['/openapi/v3', '/openapi/v3/api/v1', '/openapi/v3']);
  });

  it('is found in whatever document it is when its name does not tell', async () => {
    const { catalogue } = await catalogueOf({ ...TWO, '/openapi/v3/api/v1': documentOf('fooBar') });
    expect(await catalogue.find('kubernetes.fooBar')).toMatchObject({ name: 'fooBar' });
  });

  it('is read again when the hash of its document changes', async () => {
    const { catalogue, clock } = await catalogueOf({
      '/openapi/v3': [index({ 'api/v1': 'A' }), index({ 'api/v1': 'B' })],
      '/openapi/v3/api/v1': [documentOf('readCoreV1Pod'), documentOf('readCoreV1Job')],
    });
    expect(await catalogue.find('kubernetes.readCoreV1Pod')).toBeDefined();
    clock.time += 60_000;
    expect(await catalogue.find('kubernetes.readCoreV1Pod')).toBeUndefined();
    expect(await catalogue.find('kubernetes.readCoreV1Job')).toBeDefined();
  });

  it('that was defined a moment ago is found', async () => {
    const { catalogue, clock } = await catalogueOf({
      ...TWO,
      '/openapi/v3': [index({ 'api/v1': 'A' }), index({ 'api/v1': 'A', 'apis/prsn.io/v1': 'C' })],
      '/openapi/v3/apis/prsn.io/v1': documentOf('readPrsnIoV1MysqlDb'),
    });
    await catalogue.find('kubernetes.readCoreV1Pod');
    clock.time += 2_000;
    expect(await catalogue.find('kubernetes.readPrsnIoV1MysqlDb')).toBeDefined();
  });

  it('that does not exist does not ask the cluster each time', async () => {
    const { catalogue, paths } = await catalogueOf(TWO);
    for (let call = 0; call < 50; call += 1) expect(await catalogue.find('kubernetes.readNothing')).toBeUndefined();
    expect(paths().filter((path) => path === '/openapi/v3')).toHaveLength(1);
  });

  it('asks nobody when it cannot be one', async () => {
    const { catalogue, paths } = await catalogueOf(TWO);
    expect(await catalogue.find('kubernetes.apply')).toBeUndefined();
    expect(paths()).toEqual([]);
  });
});

describe('All operations', () => {
  it('are listed by name, without documents that cannot be had', async () => {
    const { catalogue, warnings } = await catalogueOf({
      ...TWO,
      '/openapi/v3': index({ 'api/v1': 'A', 'apis/apps/v1': 'B', 'apis/metrics.k8s.io/v1': 'C' }),
      '/openapi/v3/apis/metrics.k8s.io/v1': status(503, 'down'),
    });
    expect((await catalogue.list()).map(({ name }) => name)).toEqual([
      'listCoreV1Pod',
      'readAppsV1Deployment',
      'readCoreV1Pod',
    ]);
    expect(await catalogue.refs()).toHaveLength(3);
    expect(warnings.join()).toContain('metrics.k8s.io');
  });

  it('come from version 2 where the server has no other, by one request', async () => {
    const { catalogue, paths } = await catalogueOf({
      '/openapi/v2': documentOf('readCoreV1Pod', 'readAppsV1Deployment'),
    });
    expect(await catalogue.find('kubernetes.readAppsV1Deployment')).toBeDefined();
    expect(await catalogue.list()).toHaveLength(2);
    expect(paths()).toEqual(['/openapi/v3', '/openapi/v2']);
  });
});

describe('A cluster that is away', () => {
  const AWAY = 'http://127.0.0.1:1';

  it('is known as it was, from the disk', async () => {
    const before = await catalogueOf(TWO);
    await before.catalogue.find('kubernetes.readCoreV1Pod');
    const { catalogue, warnings } = await catalogueOf({}, AWAY);
    const first = catalogue.find('kubernetes.readCoreV1Pod');
    while (warnings.length === 0) await new Promise(setImmediate);
    // The cluster has failed to answer by now, and the disk is being read.
    const second = catalogue.find('kubernetes.readCoreV1Pod');
    for (const action of await Promise.all([first, second])) {
      expect(action).toMatchObject({ entryPoint: 'GET /readCoreV1Pod' });
    }
    expect(warnings).toHaveLength(1);
  });

  it('that was never seen is an error that says so, once in a while', async () => {
    const { catalogue } = await catalogueOf({}, AWAY);
    const failure = catalogue.find('kubernetes.readCoreV1Pod');
    await expect(failure).rejects.toMatchObject({ code: 'unavailable' });
    await expect(failure).rejects.toThrow('never read before');
  });

  it('that hangs holds nobody up who can go on with what was known', async () => {
    const { catalogue, clock } = await catalogueOf({
      ...TWO,
      '/openapi/v3': [index({ 'api/v1': 'A' }), () => {}],
    });
    await catalogue.find('kubernetes.readCoreV1Pod');
    clock.time += 60_000;
    const start = performance.now();
    expect(await catalogue.find('kubernetes.readCoreV1Pod')).toBeDefined();
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('is asked again, and believed', async () => {
    await (await catalogueOf(TWO)).catalogue.find('kubernetes.readCoreV1Pod');
    const { catalogue, clock } = await catalogueOf({
      '/openapi/v3': [status(503, 'starting'), index({ 'api/v1': 'Z' })],
      '/openapi/v3/api/v1': documentOf('readCoreV1Job'),
    });
    expect(await catalogue.find('kubernetes.readCoreV1Pod')).toBeDefined();
    clock.time += 2_000;
    expect(await catalogue.find('kubernetes.readCoreV1Pod')).toBeUndefined();
  });
});

it('keeps on disk only what the cluster still has', async () => {
  const { catalogue, clock } = await catalogueOf({
    '/openapi/v3': [index({ 'api/v1': 'A' }), index({ 'api/v1': 'B' })],
    '/openapi/v3/api/v1': documentOf('readCoreV1Pod'),
  });
  await catalogue.find('kubernetes.readCoreV1Pod');
  clock.time += 60_000;
  await catalogue.find('kubernetes.readCoreV1Pod');
  const files = await readdir(directory, { recursive: true });
  expect(files.filter((name) => name.endsWith('.gz'))).toHaveLength(2);
});
