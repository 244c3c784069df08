import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import AjvDraft04 from 'ajv-draft-04';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createModuleLoader, lintPack, loadPack } from '../../src/packs/index.ts';
import { eventsOf } from '../../src/sensors/kubernetes-events.ts';
import { boundTriggers } from '../../src/sensors/kubernetes-triggers.ts';
import { rule } from '../sensors/support.ts';

const PACK = resolve(import.meta.dirname, '../../packs/kubernetes');

function moduleLoader() {
  const cacheDirectory = mkdtempSync(join(tmpdir(), 'petrel-pack-'));
  onTestFinished(() => rmSync(cacheDirectory, { recursive: true, force: true }));
  return createModuleLoader({ cacheDirectory });
}

describe('The kubernetes pack', () => {
  it('is read without a complaint', async () => {
    expect(await lintPack(PACK, { modules: moduleLoader() })).toEqual([]);
  });

  it('has the actions its README lists', async () => {
    const pack = await loadPack(PACK, { modules: moduleLoader() });
    const names = pack.kind === 'loaded' ? pack.content.actions.map(({ name }) => name).sort() : [];
    const readme = readFileSync(join(PACK, 'README.md'), 'utf8');
    const rows = readme
      .split('\n')
      .filter((line) => /^\| `kubernetes\..*\| (?!`)/.test(line) && !line.includes('fires'));
    const described = rows
      .flatMap((line) =>
        [...(line.split('|')[1] ?? '').matchAll(/`kubernetes\.([a-z_]+)`/g)].map(([, name = '']) => name),
      )
      .filter((name) => name !== 'resource' && name !== 'thirdpartyobject');
    expect(names).toEqual(described.sort());
    expect(names).toContain('rollout_restart');
  });

  it.each([
    ['a namespaced object', { namespace: 'shop', generation: 3, labels: { app: 'web' } }],
    ['an object without namespace, labels and generation', {}],
  ])('declares its triggers so that the events of %s are valid', async (_what, metadata) => {
    const pack = await loadPack(PACK, { modules: moduleLoader() });
    const types = pack.kind === 'loaded' ? pack.content.triggerTypes : [];
    const object = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a', ...metadata } };
    const step = {
      type: 'ADDED',
      uid: 'u',
      resourceVersion: '1',
      generationChanged: true,
      synthesised: false,
      object,
      previous: undefined,
    } as const;
    const triggers = boundTriggers([
      rule('r', 'kubernetes.resource', { apiVersion: 'v1', kind: 'Thing' }),
      rule('t', 'kubernetes.thirdpartyobject'),
    ]);
    const problems = triggers.map((trigger) => {
      const type = types.find(({ ref }) => ref === trigger.type);
      if (type === undefined) return 'not declared';
      const validator = new AjvDraft04.default();
      validator.validate(type.payloadSchema, eventsOf([step], [trigger])[0]?.event.payload);
      return validator.errorsText();
    });
    expect(problems).toEqual(['No errors', 'No errors']);
  });
});
