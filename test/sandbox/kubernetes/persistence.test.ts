import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSandbox } from '../../../src/sandbox/index.ts';
import { CONFIG_MAPS, CRDS, configMap, DATABASES, database, databaseDefinition, startCluster } from './support.ts';

let data: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'petrel-kept-'));
});
afterEach(() => rm(data, { recursive: true }));

describe('a sandbox with a directory', () => {
  it('is the same after a restart: objects, versions, kinds, token and authority', async () => {
    const first = await startCluster({ data });
    await first.post(CRDS, databaseDefinition());
    await first.post(DATABASES, database('shop'));
    await first.post(CONFIG_MAPS, configMap('gone'));
    await first.delete(`${CONFIG_MAPS}/gone`);
    const before = (await first.get(`${DATABASES}/shop`)).body;
    const version = Number((await first.get(DATABASES)).body.metadata.resourceVersion);
    await first.sandbox.close();

    const second = await startCluster({ data });
    expect(second.sandbox.token).toBe(first.sandbox.token);
    const authority = (kubeconfig: string) => /certificate-authority-data: (\S+)/.exec(kubeconfig)?.[1];
    expect(authority(second.sandbox.kubeconfig)).toBe(authority(first.sandbox.kubeconfig));
    expect((await second.get(`${DATABASES}/shop`)).body).toEqual(before);
    expect((await second.get(`${CONFIG_MAPS}/gone`)).status).toBe(404);
    const made = await second.post(DATABASES, database('next'));
    expect(Number(made.body.metadata.resourceVersion)).toBeGreaterThan(version);
  });

  it('tells those who watched before that their version is gone', async () => {
    const first = await startCluster({ data });
    await first.post(CONFIG_MAPS, configMap('a'));
    const { resourceVersion } = (await first.get(CONFIG_MAPS)).body.metadata;
    await first.post(CONFIG_MAPS, configMap('b'));
    await first.sandbox.close();
    const second = await startCluster({ data });
    const { status } = await second.get(`${CONFIG_MAPS}?watch=true&resourceVersion=${resourceVersion}`);
    expect(status).toBe(410);
  });

  it('goes on with what its controllers were about', async () => {
    const first = await startCluster({ data });
    await first.post('/api/v1/namespaces/default/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'slow', annotations: { 'sandbox.petrel.dev/start-after': '300ms' } },
      spec: { containers: [{ name: 'a', image: 'a' }] },
    });
    await first.sandbox.close();
    const second = await startCluster({ data });
    await expect
      .poll(async () => (await second.get('/api/v1/namespaces/default/pods/slow')).body.status.phase)
      .toBe('Running');
  });

  it('leaves out a line that was being written when the process ended', async () => {
    const first = await startCluster({ data });
    await first.post(CONFIG_MAPS, configMap('whole'));
    await first.post(CONFIG_MAPS, configMap('torn'));
    await first.sandbox.close();
    const file = join(data, 'objects.jsonl');
    await truncate(file, (await stat(file)).size - 20);
    const second = await startCluster({ data });
    expect((await second.get(`${CONFIG_MAPS}/whole`)).status).toBe(200);
    expect((await second.get(`${CONFIG_MAPS}/torn`)).status).toBe(404);
  });

  it('refuses a file that is not its own, and leaves it as it is', async () => {
    const file = join(data, 'objects.jsonl');
    await writeFile(file, '{"not": "ours"}\n');
    await expect(startSandbox({ data })).rejects.toThrow(`${file}:1 is not a line of the sandbox's`);
    expect(await readFile(file, 'utf8')).toBe('{"not": "ours"}\n');
  });

  it('is for its owner’s eyes only', async () => {
    await startCluster({ data });
    for (const name of ['objects.jsonl', 'token', 'certificate.pem', 'token-secret']) {
      expect((await stat(join(data, name))).mode & 0o077, name).toBe(0);
    }
  });
});
