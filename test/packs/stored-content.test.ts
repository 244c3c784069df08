import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createContentStore, createRegistry } from '../../src/packs/index.ts';
import { openSqliteStore, type Store } from '../../src/store/index.ts';
import { type Files, newModules, RUNNERS, removeTemporaryFolders, temporaryFolder, write } from './support.ts';

const stores: Store[] = [];
afterAll(async () => {
  for (const store of stores) await store.close();
  removeTemporaryFolders();
});

const FILES: Files = {
  'shop/pack.yaml': 'ref: shop\nname: shop\ndescription: x\nversion: 1.0.0\nauthor: x\n',
  'shop/triggers/order.yaml': 'name: order\n',
  'shop/actions/pack.yaml': 'name: pack\nrunner_type: noop\n',
  'shop/rules/filed.yaml': 'name: filed\nenabled: true\ntrigger: {type: shop.order}\naction: {ref: shop.pack}\n',
  'shop/config.schema.yaml': 'region: {type: string, default: north}\nport: {type: integer}\n',
};
const RULE = { name: 'made', enabled: true, trigger: { type: 'shop.order' }, action: { ref: 'shop.pack' } };

async function setUp(store?: Store) {
  const base = temporaryFolder();
  write(base, FILES);
  const database = store ?? (await openSqliteStore({ directory: temporaryFolder() }));
  if (store === undefined) stores.push(database);
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const filesDirectory = temporaryFolder();
  const registry = createRegistry({
    packDirectories: [base],
    modules: newModules(),
    runners: RUNNERS,
    filesDirectory,
    log: quiet,
  });
  await registry.load();
  const content = createContentStore({ store: database, registry, log: quiet, filesDirectory, interval: 10 });
  await content.load();
  return { base, registry, content, store: database, filesDirectory };
}

describe('content made through the API', () => {
  it('is in the registry at once, beside what files say, and stays when packs are read again', async () => {
    const { registry, content } = await setUp();
    await content.put({ kind: 'rule', ref: 'shop.made', body: RULE });
    expect([...registry.snapshot().rules.keys()]).toEqual(['shop.filed', 'shop.made']);
    expect(registry.snapshot().added.has('rule:shop.made')).toBe(true);
    await registry.reload('shop');
    expect(registry.snapshot().rules.has('shop.made')).toBe(true);
    expect(await content.remove('rule', 'shop.made')).toBe(true);
    expect(await content.remove('rule', 'shop.made')).toBe(false);
    expect([...registry.snapshot().rules.keys()]).toEqual(['shop.filed']);
  });

  it('is there after a restart, and at other nodes', async () => {
    const first = await setUp();
    const second = await setUp(first.store);
    const stop = second.content.follow();
    await first.content.put({ kind: 'trigger_type', ref: 'other.thing', body: { name: 'thing', pack: 'other' } });
    await first.content.put({
      kind: 'rule',
      ref: 'other.rule',
      body: { ...RULE, name: 'rule', trigger: { type: 'other.thing' } },
    });
    await expect.poll(() => second.registry.snapshot().rules.has('other.rule')).toBe(true);
    stop();
    const third = await setUp(first.store);
    expect(third.registry.snapshot().triggerTypes.has('other.thing')).toBe(true);
  });

  it.each([
    ['an unknown trigger type', 'rule', { ...RULE, trigger: { type: 'shop.nothing' } }, 'shop.nothing'],
    ['a misspelt key', 'rule', { ...RULE, critera: {} }, 'critera'],
    ['a pack that is another', 'rule', { ...RULE, pack: 'core' }, 'core'],
    ['an unknown runner', 'action', { name: 'made', runner_type: 'nope' }, 'nope'],
    [
      'an entry point nobody has',
      'action',
      { name: 'made', runner_type: 'local-shell-script', entry_point: 'x.sh' },
      'x.sh',
    ],
    ['a policy of no kind', 'policy', { name: 'made', resource_ref: 'shop.pack', policy_type: 'x.y' }, 'x.y'],
  ])('is refused for %s, and nothing is kept', async (_, kind, body, word) => {
    const { content, store } = await setUp();
    await expect(content.put({ kind, ref: 'shop.made', body })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining(word),
    });
    expect(await store.listContent()).toEqual([]);
  });

  it('gives way to a file that comes later', async () => {
    const { base, registry, content } = await setUp();
    await content.put({ kind: 'rule', ref: 'shop.made', body: { ...RULE, description: 'by the API' } });
    write(base, { 'shop/rules/made.yaml': `${FILES['shop/rules/filed.yaml']}`.replace('filed', 'made') });
    await registry.reload('shop');
    expect(registry.snapshot().rules.get('shop.made')).not.toHaveProperty('description');
    expect(
      registry
        .snapshot()
        .problems.map(({ message }) => message)
        .join(),
    ).toContain('the file counts');
  });

  it('brings an action’s file to where its runner finds it, and nowhere else', async () => {
    const { registry, content, filesDirectory } = await setUp();
    const body = { name: 'hello', runner_type: 'local-shell-script', entry_point: 'hello.sh' };
    const files = [{ file_path: 'hello.sh', content: 'echo hello\n' }];
    await content.put({ kind: 'action', ref: 'shop.hello', body: { ...body, data_files: files } });
    const path = registry.snapshot().actions.get('shop.hello')?.entryPath ?? '';
    expect(readFileSync(path, 'utf8')).toBe('echo hello\n');
    for (const file of [
      '../../out.sh',
      '/etc/out.sh/../../../out.sh',
      '..',
      '/',
      '',
      './x',
      'hello.sh/x',
      'x'.repeat(300),
    ]) {
      const evil = [...files, { file_path: file, content: 'x' }];
      const put = content.put({ kind: 'action', ref: 'shop.hello', body: { ...body, data_files: evil } });
      await expect(put, file).rejects.toMatchObject({ code: 'invalid' });
    }
    expect(existsSync(join(filesDirectory, 'out.sh'))).toBe(false);
    expect(existsSync(join(filesDirectory, 'shop', 'out.sh'))).toBe(false);
  });

  it('switches off what a file defines', async () => {
    const { registry, content } = await setUp();
    await content.put({ kind: 'enabled', ref: 'rule:shop.filed', body: { enabled: false } });
    await content.put({ kind: 'enabled', ref: 'runner_type:noop', body: { enabled: false } });
    expect(registry.snapshot().rules.get('shop.filed')?.enabled).toBe(false);
    expect([...registry.snapshot().disabledRunners]).toEqual(['noop']);
    await content.put({ kind: 'enabled', ref: 'rule:shop.filed', body: { enabled: true } });
    expect(registry.snapshot().rules.get('shop.filed')?.enabled).toBe(true);
  });

  it('configures a pack, with defaults, when it fits the schema', async () => {
    const { registry, content } = await setUp();
    expect(registry.snapshot().packs.get('shop')?.config).toEqual({ region: 'north' });
    await content.put({ kind: 'config', ref: 'shop', body: { port: 7 } });
    expect(registry.snapshot().packs.get('shop')?.config).toEqual({ region: 'north', port: 7 });
    await expect(content.put({ kind: 'config', ref: 'shop', body: { port: 'x' } })).rejects.toThrow('port');
    expect(registry.snapshot().packs.get('shop')?.config).toEqual({ region: 'north', port: 7 });
  });
});
