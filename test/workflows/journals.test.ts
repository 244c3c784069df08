import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/model/index.ts';
import {
  type Conductor,
  conductors,
  type Decision,
  simulate,
  type WorkflowEnvironment,
  type WorkflowInput,
} from '../../src/workflows/index.ts';
import type { SimulatedOutcome } from '../../src/workflows/simulate.ts';

/**
 * Journals that earlier versions wrote. Workflows live for days, and a new version has to go on where the old one was killed: it must
 * read each of these, and decide at each step what was decided then. A recording is never written anew: what changes a decision
 * needs a behaviour flag in the workflow's start, and a new recording beside the old one (`PETREL_RECORD_JOURNALS=1 npx vitest run
 * test/workflows/journals.test.ts` writes those that are not there).
 */
const RECORDINGS = new URL('journals/', import.meta.url);

interface Recording {
  readonly runnerType: string;
  readonly steps: readonly Step[];
}

interface Step {
  readonly input: WorkflowInput;
  /** Results that the conductor asked for, by execution id, and the ids it was given. */
  readonly results: Record<string, Json>;
  readonly ids: readonly string[];
  readonly decision: Decision;
}

const failed: SimulatedOutcome = { status: 'failed', result: { error: 'no' } };

const RECORDED: Record<
  string,
  { runnerType: string; definition: string; outcomes?: Record<string, readonly SimulatedOutcome[]> }
> = {
  'orquesta-split-join': {
    runnerType: 'orquesta',
    definition: `version: 1.0
input:
  - name: orders
vars:
  - seen: 1.0
  - tags: {"10": ten, "9": nine}
tasks:
  begin:
    action: core.noop
    next:
      - when: <% succeeded() %>
        publish: host="<% ctx(name) %>.internal" begun=<% result() %>
        do: create, announce
  create:
    action: core.local cmd="create <% ctx(host) %>"
    next:
      - publish: [{address: "<% result().get(address) %>"}]
        do: store
  announce:
    action: core.noop
    next:
      - publish: announced={{ ctx().seen + 1 }}
        do: store
  store:
    join: all
    action: core.local
    input:
      cmd: "put {{ ctx().address }} {{ ctx().tags }}"
output:
  - address: <% ctx(address) %>
  - announced: <% ctx(announced) %>
`,
    outcomes: { create: [{ status: 'succeeded', result: { address: '10.0.0.1' } }] },
  },
  'orquesta-items-retry': {
    runnerType: 'orquesta',
    definition: `version: 1.0
vars:
  - names: [a, b, c, d]
tasks:
  each:
    with:
      items: name in <% ctx(names) %>
      concurrency: 2
    action: core.echo message=<% item(name) %>
    next:
      - when: <% succeeded() %>
        publish: all=<% result() %>
        do: flaky
  flaky:
    delay: 3
    action: core.noop
    retry:
      when: <% failed() %>
      count: 2
      delay: 1
    next:
      - when: <% failed() %>
        do: mend
      - when: <% succeeded() %>
        do: noop
  mend:
    action: core.noop
    next:
      - do: fail
output:
  - all: <% ctx(all) %>
`,
    outcomes: { flaky: [failed, failed, failed], each: [{ status: 'succeeded', result: { stdout: 'x', n: 2 ** 60 } }] },
  },
  'orquesta-cycle': {
    runnerType: 'orquesta',
    definition: `version: 1.0
vars:
  - n: 0
tasks:
  begin:
    action: core.noop
    next:
      - do: step
  step:
    action: core.noop
    next:
      - when: <% ctx(n) < 4 %>
        publish: n=<% ctx(n) + 1 %>
        do: step
      - when: <% ctx(n) >= 4 %>
        do: wrong
  wrong:
    action: core.noop
    next:
      - publish: broken=<% 1 / ctx(n).nobody %>
output:
  - n: <% ctx(n) %>
`,
  },
  'action-chain': {
    runnerType: 'action-chain',
    definition: `vars:
  size: 20
chain:
  - name: create
    ref: core.local
    parameters: {cmd: "create {{ size }}"}
    publish: {address: "{{ create.address }}"}
    on-success: store
    on-failure: alarm
  - name: store
    ref: core.local
    parameters: {cmd: "put {{ address }}"}
    on-failure: alarm
  - name: alarm
    ref: core.local
    parameters: {cmd: "alarm {{ address }}"}
default: create
`,
    outcomes: { create: [{ status: 'succeeded', result: { address: '10.0.0.1' } }], store: [failed] },
  },
};

function conductorOf(runnerType: string): Conductor<unknown> {
  const conductor = conductors.get(runnerType);
  if (conductor === undefined) throw new Error(`There is no conductor for ${runnerType}.`);
  return conductor;
}

function record({ runnerType, definition, outcomes = {} }: (typeof RECORDED)[string]): Recording {
  const conductor = conductorOf(runnerType);
  const steps: Step[] = [];
  const recording: Conductor<unknown> = {
    ...conductor,
    decide(state, input, environment) {
      const results: Record<string, Json> = {};
      const ids: string[] = [];
      const decision = conductor.decide(state, input, {
        ...environment,
        result: (id) => {
          results[id] = environment.result(id);
          return results[id];
        },
        newId: () => {
          ids.push(environment.newId());
          return ids.at(-1) ?? '';
        },
      });
      steps.push({ input, results, ids, decision });
      return decision;
    },
  };
  simulate(recording, conductor.parse(definition, 'workflow.yaml'), {
    parameters: { name: 'orders' },
    outcome: (task, run) => outcomes[task]?.[run] ?? { status: 'succeeded', result: null },
  });
  return { runnerType, steps };
}

function environmentOf({ results, ids }: Step): WorkflowEnvironment {
  const given = ids[Symbol.iterator]();
  return {
    actionRef: 'simulated.workflow',
    executionId: 'simulated',
    config: {},
    actionParameters: () => ({}),
    key: () => undefined,
    decrypt: (ciphertext) => ciphertext,
    result: (id) => results[id] ?? null,
    times: () => ({ createdAt: 0, updatedAt: 0 }),
    newId: () => given.next().value ?? 'one too many',
  };
}

if (process.env.PETREL_RECORD_JOURNALS === '1') {
  for (const [name, workflow] of Object.entries(RECORDED)) {
    const file = new URL(`${name}-1.json`, RECORDINGS);
    if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(record(workflow), null, 1)}\n`);
  }
}

describe('journals that were recorded', () => {
  const files = readdirSync(RECORDINGS).filter((name) => name.endsWith('.json'));

  it('are there for each workflow', () => {
    const recorded = new Set(files.map((name) => name.replace(/-\d+\.json$/, '')));
    expect([...recorded].sort()).toEqual(Object.keys(RECORDED).sort());
  });

  it.each(files)('%s: goes on at each step as it did then', (name) => {
    const { runnerType, steps } = JSON.parse(readFileSync(new URL(name, RECORDINGS), 'utf8')) as Recording;
    const conductor = conductorOf(runnerType);
    const journal: JsonObject[] = [];
    for (const step of steps) {
      const state = journal.reduce((folded, event) => conductor.fold(folded, event), conductor.initial());
      const decision = conductor.decide(state, step.input, environmentOf(step));
      expect(JSON.parse(JSON.stringify(decision))).toEqual(step.decision);
      journal.push(...step.decision.events);
    }
    expect(steps.at(-1)?.decision.end).toBeDefined();
  });
});
