import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compileFormat } from '../../src/aliases/index.ts';
import { formatProblem, lintPack } from '../../src/packs/index.ts';
import { createRunners } from '../../src/runners/index.ts';
import { testRun } from '../../src/sdk/index.ts';
import { inspectWorkflow } from '../../src/workflows/index.ts';
import { newModules, removeTemporaryFolders } from './support.ts';

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
