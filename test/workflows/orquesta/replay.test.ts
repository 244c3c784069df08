import { deepStrictEqual, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { onTime, repr } from '../../../src/expressions/python/index.ts';
import { type FinalStatus, type Json, type JsonObject, PetrelError } from '../../../src/model/index.ts';
import type { Decision, TaskRequest, WorkflowInput } from '../../../src/workflows/index.ts';
import { createOrquesta } from '../../../src/workflows/orquesta/index.ts';
import type { LiveWorkflow } from '../../../src/workflows/orquesta/live.ts';

const conductor = createOrquesta({ now: () => 0, random: () => 0.5 });

/** Too large to be copied: published, it is referred to. */
const LARGE = 'large '.repeat(2000);

/** Definitions of up to six tasks that lead anywhere: forwards, backwards, to themselves, to commands. */
const definition = fc.integer({ min: 1, max: 6 }).chain((count) => {
  const name = fc.integer({ min: 0, max: count - 1 }).map((index) => `t${index}`);
  const transition = fc.record(
    {
      when: fc.constantFrom(
        '<% succeeded() %>',
        '<% failed() %>',
        '<% completed() %>',
        '{{ result() == 1 }}',
        '<% 1 / 0 %>',
      ),
      publish: fc.array(
        fc.record({
          v: fc.constantFrom('<% result() %>', '{{ [result(), 1] }}', '<% ctx().get(v) %>', 'x', '<% 1.0 %>'),
        }),
        { minLength: 1, maxLength: 1 },
      ),
      do: fc.uniqueArray(
        fc.oneof({ weight: 5, arbitrary: name }, fc.constantFrom('noop', 'fail', 'continue', 'retry')),
        {
          minLength: 1,
          maxLength: 2,
        },
      ),
    },
    { requiredKeys: ['do'] },
  );
  const task = fc.record(
    {
      action: fc.constantFrom('core.noop', '<% ctx().get(action, "core.noop") %>'),
      with: fc.record({
        items: fc.constantFrom('<% [1, 2, 3] %>', 'i in <% [] %>'),
        concurrency: fc.constantFrom(1, 2),
      }),
      retry: fc.record({ count: fc.constantFrom(1, 2) }),
      join: fc.constantFrom('all', 1, 2),
      next: fc.array(transition, { maxLength: 3 }),
      delay: fc.constantFrom(0, 3),
      compensate: fc.record({
        action: fc.constantFrom('core.undo', '<% 1 / 0 %>'),
        input: fc.constantFrom({ x: '<% result() %>' }, { x: '<% ctx().v %>' }),
      }),
    },
    { requiredKeys: ['action'] },
  );
  const tasks = fc.tuple(...Array.from({ length: count }, () => task));
  return fc.tuple(tasks, fc.boolean()).map(([tasks, rollback]): JsonObject => {
    const begin = { action: 'core.noop', next: [{ do: 't0' }] }; // where all others lie on cycles, something has to be the first
    const named = { begin, ...Object.fromEntries(tasks.map((one, index) => [`t${index}`, one])) };
    return JSON.parse(
      JSON.stringify({ version: 1, rollback, vars: [{ v: 0 }], tasks: named, output: [{ v: '<% ctx().v %>' }] }),
    );
  });
});

const happening = fc.record({
  pick: fc.nat(),
  status: fc.constantFrom<FinalStatus>('succeeded', 'succeeded', 'failed', 'timeout', 'canceled'),
  result: fc.constantFrom<Json>(null, 1, 'text', { a: [1, 2.5] }, { a: { b: LARGE } }, { a: { c: [LARGE, 1] } }),
  kind: fc.constantFrom(
    ...(['ended', 'ended', 'ended', 'ended', 'ended', 'stopped', 'resumed'] as const),
    ...(['pause', 'resume', 'cancel', 'refused', 'rerun', 'rerun'] as const),
  ),
});

function snapshot(workflow: LiveWorkflow, results: (id: string) => Json): unknown {
  const { state, children, latest, items, refused, undos } = workflow;
  const shown = (variables: Iterable<readonly [string, unknown]>) =>
    repr(Object.fromEntries([...variables].map(([name, value]) => [name, onTime(value, results)])));
  return {
    ...state,
    contexts: state.contexts.map((context) =>
      'variables' in context ? [context.base, shown(context.variables)] : context,
    ),
    output: state.output === undefined ? undefined : shown(state.output),
    errors: state.errors.map((error) => shown(Object.entries(error))),
    counts: new Map([...state.counts].filter(([, count]) => count > 0).sort()),
    open: [...state.open].map(({ index }) => index).sort(),
    sequence: state.sequence.map((entry) => ({ ...entry, retry: entry.retry && { ...entry.retry } })),
    children: [...children],
    latest: [...latest],
    items: [...items],
    refused: [...refused],
    undos: [...undos],
  };
}

function play(text: JsonObject, happenings: readonly (typeof happening extends fc.Arbitrary<infer T> ? T : never)[]) {
  const tasks = Object.keys(text.tasks as JsonObject); // as generated
  const results = new Map<string, Json>();
  const resultOf = (id: string) => results.get(id) ?? null;
  let ids = 0;
  const environment = {
    actionRef: 'pack.workflow',
    executionId: 'workflow',
    config: {},
    actionParameters: () => ({}),
    key: () => undefined,
    decrypt: (ciphertext: string) => ciphertext,
    result: resultOf,
    times: () => ({ createdAt: 0, updatedAt: 0 }),
    newId: () => String(ids++),
  };
  const journal: string[] = [];
  let live = conductor.initial();
  let waiting: TaskRequest[] = [];
  const step = (input: WorkflowInput): Decision => {
    const before = snapshot(live, resultOf);
    const decision = conductor.decide(live, input, environment);
    deepStrictEqual(snapshot(live, resultOf), before, 'a decision changes nothing by itself');
    for (const event of decision.events) {
      journal.push(JSON.stringify(event));
      ok(!journal.at(-1)?.includes(LARGE), 'a large result is not copied');
      live = conductor.fold(live, event);
    }
    let folded = conductor.initial();
    for (const line of journal) folded = conductor.fold(folded, JSON.parse(line));
    deepStrictEqual(snapshot(folded, resultOf), snapshot(live, resultOf), 'the journal gives the live state');
    waiting = [...waiting, ...decision.requests];
    return decision;
  };
  let { end } = step({ type: 'start', definition: text, parameters: {}, context: {} });
  if (journal.length === 0) return; // inspection refused it
  for (const { pick, status, result, kind } of happenings) {
    if (kind === 'rerun') {
      // As long as it has not ended, or with no such task, there is nothing to run again.
      const decision = attempt(() =>
        step({ type: 'rerun', tasks: [{ task: tasks[pick % tasks.length] ?? '', resetItems: pick % 2 === 0 }] }),
      );
      if (decision !== undefined) ({ end } = decision);
      continue;
    }
    if (end !== undefined) continue;
    if (kind === 'pause' || kind === 'resume' || kind === 'cancel') {
      ({ end } = step({ type: kind }));
      continue;
    }
    const child = waiting[pick % Math.max(1, waiting.length)];
    if (child === undefined) continue;
    const { task, executionId } = child;
    if (kind === 'resumed') {
      ({ end } = step({ type: 'resumed', task, executionId }));
      continue;
    }
    if (kind === 'stopped') {
      ({ end } = step({ type: 'stopped', task, executionId, status: pick % 2 === 0 ? 'paused' : 'pending' }));
      continue;
    }
    waiting = waiting.filter((one) => one !== child);
    results.set(executionId, result);
    ({ end } =
      kind === 'refused'
        ? step({ type: 'refused', task, error: 'no' })
        : step({ type: 'ended', task, executionId, status }));
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof PetrelError) return undefined;
    throw error;
  }
}

describe('the journal of an Orquesta workflow', () => {
  it('gives the live state, whatever the definition and the order of events', () => {
    fc.assert(
      fc.property(definition, fc.array(happening, { maxLength: 25 }), (text, happenings) => {
        play(text, happenings);
      }),
      { numRuns: 1000 },
    );
    // A second for each hundred; a machine with other work to do takes longer.
  }, 180_000);
});
