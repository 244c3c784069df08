import { testRun } from 'petrel/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import check from '../../packs/kubernetes/actions/secret_check.ts';
import remove from '../../packs/kubernetes/actions/secret_delete.ts';
import write from '../../packs/kubernetes/actions/secret_write.ts';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import { type KubernetesSandbox, startKubernetesSandbox } from '../../src/sandbox/index.ts';

let sandbox: KubernetesSandbox;
let kubernetes: KubernetesClient;

beforeAll(async () => {
  sandbox = await startKubernetesSandbox({ port: 0 });
  const config = await loadKubernetesConfig({ url: sandbox.url, token: sandbox.token, env: {} });
  if (config === undefined) throw new Error('an explicit URL is always a configuration');
  kubernetes = createKubernetesClient(config);
});
afterAll(async () => {
  await kubernetes.close();
  await sandbox.close();
});

describe('a Secret of values in the datastore', () => {
  const at = { namespace: 'default', name: 'token', owner: 'me' };
  const input = { ...at, keys: { token: 'team.token' }, data: { address: 'http://vault' } };
  const keys = { 'team.token': 'correct-horse' };
  const reference = { apiVersion: 'v1', kind: 'Secret', namespace: 'default', name: 'token' };
  const looks = async (settings: { keys: Record<string, string>; owner?: string } = { keys }) => {
    const { owner = 'me' } = settings;
    return (await testRun(check, { kubernetes, keys: settings.keys, input: { ...input, owner } })).result;
  };

  it('is written, checked, put right and deleted, and never shown', async () => {
    expect(await looks()).toEqual({ existed: false, owned: false, matches: false });
    const { result, context } = await testRun(write, { kubernetes, keys, input });
    expect(result).toEqual({ namespace: 'default', name: 'token', changed: true });
    const encoded = Buffer.from('correct-horse').toString('base64');
    expect([...context.secrets]).toEqual(['correct-horse', encoded]);
    const data = { token: encoded, address: Buffer.from('http://vault').toString('base64') };
    expect(await kubernetes.get(reference)).toMatchObject({ type: 'Opaque', data });
    expect(await looks()).toEqual({ existed: true, owned: true, matches: true });
    expect((await testRun(write, { kubernetes, keys, input })).result.changed).toBe(false);
    expect(await looks({ keys: { 'team.token': 'other' } })).toMatchObject({ owned: true, matches: false });
    expect(await looks({ keys: {} })).toMatchObject({ owned: true, matches: false });
    await kubernetes.patch(reference, { data: { token: 'eA==' } });
    expect((await looks()).matches).toBe(false);
    expect((await testRun(write, { kubernetes, keys, input })).result.changed).toBe(true);
    expect(await kubernetes.get(reference)).toMatchObject({ data });
    expect((await testRun(remove, { kubernetes, input: at })).result).toEqual({ existed: true });
    expect((await testRun(remove, { kubernetes, input: at })).result).toEqual({ existed: false });
  });

  it('is refused where there is one of somebody else, which is left alone', async () => {
    const theirs = { ...reference, name: 'theirs' };
    await kubernetes.create({ ...theirs, metadata: { namespace: 'default', name: 'theirs' }, stringData: { a: 'b' } });
    const mine = { ...input, name: 'theirs' };
    await expect(testRun(write, { kubernetes, keys, input: mine })).rejects.toThrow(
      'The Secret default/theirs is there and belongs to somebody else. It was left alone',
    );
    const foreign = { ...at, name: 'theirs' };
    expect((await testRun(remove, { kubernetes, input: foreign })).result).toEqual({ existed: false });
    expect(await kubernetes.get(theirs)).toMatchObject({ data: { a: 'Yg==' } });
  });

  it('needs its keys', async () => {
    await expect(testRun(write, { kubernetes, input })).rejects.toThrow('the datastore has no key team.token');
  });
});
