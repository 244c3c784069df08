import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compileFormat } from '../../src/aliases/index.ts';
import { formatProblem, lintPack } from '../../src/packs/index.ts';
import { createRunners } from '../../src/runners/index.ts';
import { testRun } from '../../src/sdk/index.ts';
import { inspectWorkflow } from '../../src/workflows/index.ts';
import { newModules, removeTemporaryFolders, trialPack } from './support.ts';

afterAll(removeTemporaryFolders);

const PACKS = join(import.meta.dirname, '../../packs');
const folders = readdirSync(PACKS).map((name) => join(PACKS, name));
const modules = newModules();
// Workflow languages are no runners; the shipped packs give them no parameters of their own.
const workflows = ['action-chain', 'orquesta', 'typescript-workflow'].map((name) => ({ name, parameters: {} }));
const runners = [...createRunners({ ...modules, version: '0' }).values(), ...workflows];

describe('the shipped packs', () => {
  it.each(readdirSync(PACKS))('%s has nothing that lint complains of', async (name) => {
    const problems = await lintPack(join(PACKS, name), {
      modules,
      runners,
      others: folders,
      checkAliasFormat: compileFormat,
      inspectWorkflow,
    });
    expect(problems.map((problem) => formatProblem(problem, PACKS))).toEqual([]);
  });
});

describe('a pack of the name of a shipped one', () => {
  it('is linted as it will be: over that one', async () => {
    const folder = trialPack({
      'pack.yaml': 'name: kubernetes\ndescription: x\nversion: 0.1.0\nauthor: Team\n',
      'rules/pods.yaml':
        'name: pods\nenabled: true\ntrigger: {type: kubernetes.resource, parameters: {apiVersion: v1, kind: Pod}}\naction: {ref: core.noop}\n',
      'sensors/watch.py': '',
      'sensors/watch.yaml': 'class_name: Watch\nentry_point: watch.py\ntrigger_types: [{name: thirdpartyobject}]\n',
    });
    const problems = await lintPack(folder, { modules, runners, shipped: folders });
    expect(problems.map((problem) => formatProblem(problem, folder))).toEqual([
      'pack.yaml:1:1: warning: This pack lies over the pack "kubernetes" that comes with Petrel: what it does not define itself stays.',
      'sensors/watch.yaml:1:1: warning: Petrel itself dispatches "kubernetes.thirdpartyobject"; where this sensor works, too, its events come twice. Switch it off: `petrel sensor disable kubernetes.Watch`, or "enabled: false" here.',
    ]);
  });
});

describe('core.uuid', () => {
  const load = () => modules.loadAction(join(PACKS, 'core/actions/uuid.ts'));

  it('makes a random id', async () => {
    const { result } = await testRun(await load(), { input: {} });
    expect(result).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('makes one that holds the time', async () => {
    const before = Date.now();
    const { result } = await testRun(await load(), { input: { uuid_type: 'uuid1' } });
    const fields = /^([0-9a-f]{8})-([0-9a-f]{4})-1([0-9a-f]{3})-[89ab][0-9a-f]{3}-([0-9a-f]{12})$/.exec(String(result));
    const [, low, middle, high, node] = fields ?? [];
    // 0x01b21dd213814000 steps lie between 15 October 1582 and 1970.
    const milliseconds = Number((BigInt(`0x${high}${middle}${low}`) - 0x01b21dd213814000n) / 10_000n);
    expect(milliseconds).toBeGreaterThanOrEqual(before);
    expect(milliseconds).toBeLessThanOrEqual(Date.now());
    expect(Number.parseInt(node?.slice(0, 2) ?? '', 16) & 1).toBe(1);
  });
});

describe('core.pause', () => {
  const load = () => modules.loadAction(join(PACKS, 'core/actions/pause.ts'));

  it('answers the seconds it waited', async () => {
    const { result } = await testRun(await load(), { input: { max_pause: 0 } });
    expect(result).toBe(0);
  });
});
