import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/model/index.ts';
import { defineWorkflow, type WorkflowDefinition, z } from '../../../src/sdk/index.ts';
import { createCode } from '../../../src/workflows/code/index.ts';
import { CodeHost, type DecidedStep } from './host.ts';

/**
 * As ../journals.test.ts, for workflows in TypeScript: journals that earlier versions wrote, and what was decided then. A recording is
 * never written anew; `PETREL_RECORD_JOURNALS=1` writes those that are not there.
 */
const RECORDINGS = new URL('journals/', import.meta.url);

const everything = defineWorkflow({
  input: z.object({ name: z.string() }),
  async run({ input, step, child, sleep, all, race, now, random, logger }) {
    await step('specify', () => input.name, { onRollback: () => null, retry: { count: 1, delay: 2 } });
    const [left] = await all([
      child('left', 'x.make', { at: now() }, { onRollback: { action: 'x.drop', input: { chance: random() } } }),
      child('right', 'x.make'),
    ]);
    logger.info('made');
    await race([child('slow', 'x.wait', { left }), sleep('limit', 60)]);
    await child('missing', 'no.such').catch(() => undefined);
    throw new Error('at the end');
  },
});

const RECORDED: Readonly<Record<string, { definition: WorkflowDefinition; drive(host: CodeHost): Promise<void> }>> = {
  everything: {
    definition: everything as unknown as WorkflowDefinition, // its input is its own
    async drive(host) {
      await host.start();
      await host.end('specify', 'failed', { error: 'busy' });
      await host.end('specify', 'succeeded', { result: 'orders' });
      await host.feed({ type: 'pause' });
      await host.end('right', 'succeeded', { n: 2 });
      await host.end('left', 'succeeded', { n: 1 });
      await host.feed({ type: 'resume' });
      await host.end('limit');
      await host.end('left', 'failed', { error: 'gone' });
      await host.end('specify');
    },
  },
};

const OPTIONS = { parameters: { name: 'orders' }, unknown: ['no.such'] };

if (process.env.PETREL_RECORD_JOURNALS === '1') {
  for (const [name, { definition, drive }] of Object.entries(RECORDED)) {
    const file = new URL(`${name}-1.json`, RECORDINGS);
    if (existsSync(file)) continue;
    const host = new CodeHost(definition, OPTIONS);
    await drive(host);
    writeFileSync(file, `${JSON.stringify(host.steps, null, 1)}\n`);
  }
}

describe('journals of workflows in TypeScript that were recorded', () => {
  const files = readdirSync(RECORDINGS).filter((name) => name.endsWith('.json'));

  it('are there for each workflow', () => {
    expect(files.map((name) => name.replace(/-\d+\.json$/, '')).sort()).toEqual(Object.keys(RECORDED).sort());
  });

  it.each(files)('%s: goes on at each step as it did then', async (name) => {
    const steps = JSON.parse(readFileSync(new URL(name, RECORDINGS), 'utf8')) as DecidedStep[];
    const definition = RECORDED[name.replace(/-\d+\.json$/, '')]?.definition;
    const journal: JsonObject[] = [];
    for (const { input, results, ids, clock, decision } of steps) {
      const code = createCode({
        load: async () => {
          if (definition === undefined) throw new Error(`There is no workflow for ${name}.`);
          return { definition, file: 'actions/flow.ts', fingerprint: 'first' };
        },
        now: () => clock,
        log: { error: () => undefined },
      });
      const state = journal.reduce((folded, event) => code.fold(folded, event), code.initial());
      const given = ids[Symbol.iterator]();
      const decided = await code.decide(state, input, {
        actionRef: 'flows.flow',
        executionId: 'execution',
        config: {},
        actionParameters: () => ({}),
        key: () => undefined,
        decrypt: (ciphertext) => ciphertext,
        result: (id) => results[id]?.result ?? null,
        times: (id) => ({ createdAt: 0, updatedAt: results[id]?.at ?? 0 }),
        newId: () => given.next().value ?? 'one too many',
      });
      expect(withoutTrace(decided)).toEqual(withoutTrace(decision));
      journal.push(...decision.events);
    }
    expect(steps.at(-1)?.decision.end).toBeDefined();
  });
});

/** As text has it, and without the trace, which names lines of this file. */
function withoutTrace(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inside) => (key === 'traceback' ? '' : inside)));
}
