import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { createActionChain } from '../../src/workflows/action-chain/index.ts';
import { jinjaTemplates } from '../../src/workflows/jinja-templates.ts';
import { ChainHost, type Outcome } from './chain-host.ts';

const conductor = createActionChain(jinjaTemplates());

const NAMES = ['a', 'b', 'c', 'd', 'e'];

const link = fc.option(fc.constantFrom(...NAMES), { nil: '' });

const task = fc.record({ on_success: link, on_failure: link, publishes: fc.boolean(), undoable: fc.boolean() });

/** Any chain of five tasks: lines, branches and loops, some with variables. */
const definition = fc.tuple(fc.array(task, { minLength: 5, maxLength: 5 }), fc.boolean()).map(
  ([tasks, rollback]): JsonObject => ({
    rollback,
    vars: { start: 'here' },
    default: 'a',
    tasks: tasks.map(({ on_success, on_failure, publishes, undoable }, index) => {
      const name = NAMES[index] ?? '';
      return {
        name,
        ref: 'd.a',
        params: {},
        parameters: { from: '{{ start }}' },
        on_success,
        on_failure,
        publish: publishes ? { [`by_${name}`]: `{{ ${name}.n }}` } : {},
        notify: null,
        ...(undoable && { compensate: { action: 'd.a', input: { from: `{{ ${name}.n }}` } } }),
      };
    }),
  }),
);

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    status: fc.constantFrom('succeeded', 'failed', 'timeout', 'abandoned', 'canceled', 'paused', 'pending'),
    result: fc.record({ n: fc.oneof({ weight: 4, arbitrary: fc.integer() }, fc.constant('large '.repeat(2000))) }),
  }),
  fc.record({ raise: fc.constant('refused') }),
);

const scenario = fc.record({
  definition,
  outcomes: fc.array(outcome, { minLength: 1, maxLength: 20 }),
  wishes: fc.array(fc.constantFrom(undefined, undefined, undefined, 'cancel' as const, 'pause' as const), {
    maxLength: 20,
  }),
});

function run(
  { definition: chain, outcomes, wishes }: typeof scenario extends fc.Arbitrary<infer T> ? T : never,
  rebuild: boolean,
) {
  let count = 0;
  const host = new ChainHost(conductor, {
    definition: chain,
    actions: { 'd.a': {} },
    outcome: () => outcomes[count++ % outcomes.length] ?? { status: 'succeeded' },
    wish: (child) => wishes[child],
    rebuild,
  });
  host.start(25);
  for (let resumes = 0; resumes < 3 && host.status === 'paused'; resumes += 1) host.resume({ n: 0 }, 25);
  return host;
}

describe('the journal of a chain', () => {
  it('gives the state the chain is in, whatever happened', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const [live, rebuilt] = run(given, false).states;
        expect(rebuilt).toEqual(live);
      }),
    );
  });

  it('leads to the same run when the state is made from it before each decision', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const [once, again] = [run(given, false), run(given, true)];
        expect(again.journal).toEqual(once.journal);
        expect(again.result).toEqual(once.result);
      }),
    );
  });

  it('never holds one run of a task twice, and never two at a time', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { journal } = run(given, false);
        const requested = journal.filter(({ type }) => type === 'requested').map(({ execution_id: id }) => id);
        expect(new Set(requested).size).toBe(requested.length);
        let awaited = 0;
        for (const { type, continues } of journal) {
          if (type === 'requested' || (type === 'resumed' && continues !== undefined)) awaited += 1;
          if (type === 'ended' || type === 'refused') awaited -= 1;
          // A compensation that could not be rendered was never requested.
          if (type === 'undone') awaited = Math.max(0, awaited - 1);
          expect(awaited).toBeLessThanOrEqual(1);
          expect(awaited).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('is not added to by what was told already, or comes when the chain is over', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const host = run(given, false);
        const length = host.journal.length;
        for (const { task: name, executionId } of host.requests) {
          const isAwaited = host.journal.filter(({ execution_id: id }) => id === executionId).length < 2;
          if (isAwaited || host.status === 'paused' || host.status === 'running') continue;
          const decision = host.feed({ type: 'ended', task: name, executionId, status: 'succeeded' });
          expect(decision).toEqual({ events: [], requests: [] });
        }
        expect(host.journal).toHaveLength(length);
      }),
    );
  });
});
