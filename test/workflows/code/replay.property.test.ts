import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineWorkflow, type WorkflowContext, z } from '../../../src/sdk/index.ts';
import { CodeHost } from './host.ts';

/** A workflow's code, from a small grammar. */
type Program =
  | { readonly is: 'step' | 'child'; readonly name: string; readonly retries: number; readonly undo: boolean }
  | { readonly is: 'sleep'; readonly name: string }
  | { readonly is: 'sequence' | 'all' | 'race'; readonly parts: readonly Program[] }
  | { readonly is: 'try'; readonly part: Program; readonly otherwise: Program }
  | { readonly is: 'loop'; readonly times: number; readonly part: Program };

const name = fc.constantFrom('a', 'b', 'c', 'd');
const { program } = fc.letrec<{ program: Program }>((tie) => {
  const part = tie('program');
  const parts = fc.array(part, { minLength: 1, maxLength: 3 });
  return {
    program: fc.oneof(
      { maxDepth: 4, depthSize: 'large', withCrossShrink: true },
      fc.record({
        is: fc.constantFrom('step' as const, 'child' as const),
        name,
        retries: fc.constantFrom(0, 0, 1),
        undo: fc.boolean(),
      }),
      fc.record({ is: fc.constant('sleep' as const), name }),
      fc.record({ is: fc.constantFrom('sequence' as const, 'all' as const, 'race' as const), parts }),
      fc.record({ is: fc.constant('try' as const), part, otherwise: part }),
      fc.record({ is: fc.constant('loop' as const), times: fc.integer({ min: 1, max: 3 }), part }),
    ),
  };
});

/** Runs a program. What it saw, and when, is part of what it answers. */
async function execute(code: Program, context: WorkflowContext<object>, seen: unknown[]): Promise<unknown> {
  const { step, child, sleep, all, race, now, random, logger } = context;
  const call = (leaf: Program): Promise<unknown> => {
    if (leaf.is === 'step' || leaf.is === 'child') {
      const retry = { count: leaf.retries, delay: 1 };
      const undo = leaf.undo ? { onRollback: { action: 'core.noop', input: {} } } : {};
      return leaf.is === 'step'
        ? step(leaf.name, () => null, { retry, ...undo })
        : child(leaf.name, 'core.noop', { seen: seen.length }, { retry, ...undo });
    }
    return leaf.is === 'sleep' ? sleep(leaf.name, 1) : execute(leaf, context, seen);
  };
  switch (code.is) {
    case 'step':
    case 'child':
    case 'sleep': {
      const value = await call(code);
      seen.push([code.name, value, now(), random()]);
      logger.info(`saw ${code.name}`);
      return value;
    }
    case 'sequence':
      for (const part of code.parts) await execute(part, context, seen);
      return null;
    case 'all':
      return await all(code.parts.map(call));
    case 'race':
      return await race(code.parts.map(call));
    case 'try':
      try {
        return await execute(code.part, context, seen);
      } catch (error) {
        seen.push(error instanceof Error ? error.message : 'something');
        return await execute(code.otherwise, context, seen);
      }
    case 'loop':
      for (let round = 0; round < code.times; round += 1) await execute(code.part, context, seen);
      return null;
  }
}

const workflowOf = (code: Program) =>
  defineWorkflow({
    input: z.object({}),
    async run(context) {
      const seen: unknown[] = [];
      await execute(code, context, seen);
      return seen;
    },
  });

/** What the world does next: which of the children that wait ends, and how; or somebody pauses or resumes the workflow. */
const event = fc.record({
  pick: fc.nat(20),
  status: fc.constantFrom(
    'succeeded' as const,
    'succeeded' as const,
    'succeeded' as const,
    'failed' as const,
    'timeout' as const,
  ),
  wish: fc.option(fc.constantFrom('pause' as const, 'resume' as const), { freq: 6 }),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

async function drive(code: Program, events: readonly Event[], forget: () => boolean): Promise<CodeHost> {
  const host = await new CodeHost(workflowOf(code), { forget }).start();
  const isOver = () => host.status !== 'running' && host.status !== 'paused';
  for (let count = 0; !isOver(); count += 1) {
    const { pick, status, wish } = events[count % events.length] ?? { pick: 0, status: 'succeeded', wish: null };
    if (wish !== null) await host.feed({ type: wish });
    const child = host.waiting[pick % Math.max(1, host.waiting.length)];
    if (isOver()) break;
    // With nothing left to end, all that can happen is that it is resumed.
    if (child === undefined) await host.feed({ type: 'resume' });
    else await host.endChild(child, child.context.typescript ? status : 'succeeded', { result: count });
    if (count > 2000) throw new Error('The workflow does not come to an end.');
  }
  return host;
}

const facts = (host: CodeHost) => ({
  status: host.status,
  // The trace of an uncaught error names the place in this file, the same for both, but not the way that led there.
  result: JSON.parse(JSON.stringify(host.result, (key, value) => (key === 'traceback' ? '' : value))),
  requests: host.requests,
  canceled: host.canceled,
  lines: host.lines,
  history: host.history,
});

describe('replaying', () => {
  it('after every step gives the same calls, outcomes, times, random numbers, lines and end as going on in memory', async () => {
    await fc.assert(
      fc.asyncProperty(program, fc.array(event, { minLength: 1, maxLength: 12 }), async (code, events) => {
        const inMemory = await drive(code, events, () => false);
        expect(inMemory.errors).toEqual([]);
        expect(facts(await drive(code, events, () => true))).toEqual(facts(inMemory));
      }),
      { numRuns: 300 },
    );
  });

  it('now and then does as well', async () => {
    await fc.assert(
      fc.asyncProperty(
        program,
        fc.array(event, { minLength: 1, maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
        async (code, events, losses) => {
          let count = 0;
          const lossy = await drive(code, events, () => losses[count++ % losses.length] ?? false);
          expect(facts(lossy)).toEqual(facts(await drive(code, events, () => false)));
        },
      ),
      { numRuns: 150 },
    );
  });
});
