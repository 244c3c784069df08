import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionStatus, Id, JsonObject } from '../../src/model/index.ts';
import { startWorkflowServer, type WorkflowFile, type WorkflowServer } from './workflow-server.ts';

const chain = (...tasks: readonly string[]): WorkflowFile => ({
  runner: 'action-chain',
  parameters: '{gate: {type: string}}',
  text: `chain:\n${tasks
    .map((task, index) => {
      const next = tasks[index + 1];
      const [name, ref, parameters = '{}'] = task.split(' | ');
      const onSuccess = next === undefined ? '' : `\n    on-success: ${next.split(' | ')[0]}`;
      return `  - name: ${name}\n    ref: ${ref}\n    parameters: ${parameters}${onSuccess}`;
    })
    .join('\n')}\n`,
});

const GATE = '{name: "{{ gate }}"}';

const FILES: Readonly<Record<string, WorkflowFile>> = {
  chain: chain(`first | flows.gate | ${GATE}`, 'second | core.noop'),
  outer_chain: chain(`call | flows.chain | {gate: "{{ gate }}"}`, 'after | core.noop'),
  graph: {
    runner: 'orquesta',
    parameters: '{gate: {type: string}}',
    text: `
version: 1.0
input: [gate]
tasks:
  first:
    action: flows.gate name=<% ctx().gate %>
    next:
      - publish: passed=<% result().stdout %>
        do: second
  second:
    action: core.noop
output:
  - passed: <% ctx().passed %>
`,
  },
  calls: {
    runner: 'orquesta',
    parameters: '{gate: {type: string}}',
    text: `
version: 1.0
input: [gate]
tasks:
  chain:
    action: flows.chain gate=<% ctx().gate %>
    next: [{do: finish}]
  graph:
    action: flows.graph gate=<% ctx().gate %>
    next: [{publish: passed=<% result().output.passed %>, do: finish}]
  finish:
    join: all
    action: core.noop
output:
  - passed: <% ctx().passed %>
`,
  },
  later: {
    runner: 'orquesta',
    parameters: '{gate: {type: string}}',
    text: `
version: 1.0
input: [gate]
tasks:
  call:
    action: flows.graph gate=<% ctx().gate %>
    delay: 1
`,
  },
  two: {
    runner: 'orquesta',
    parameters: '{left: {type: string}, right: {type: string}}',
    text: `
version: 1.0
input: [left, right]
tasks:
  left:
    action: flows.graph gate=<% ctx().left %>
  right:
    action: flows.gate name=<% ctx().right %>
`,
  },
  items: {
    runner: 'orquesta',
    parameters: '{gates: {type: array}}',
    text: `
version: 1.0
input: [gates]
tasks:
  each:
    with: {items: gate in <% ctx().gates %>, concurrency: 1}
    action: flows.gate name=<% item(gate) %>
    next: [{publish: passed=<% result().select($.stdout) %>}]
output:
  - passed: <% ctx().passed %>
`,
  },
};

let flows: WorkflowServer;
let gates = 0;

beforeAll(async () => {
  flows = await startWorkflowServer(FILES);
});

afterAll(async () => {
  await flows.close();
});

const newGate = () => `gate${gates++}`;
const statuses = async (id: Id) => (await flows.server.store.getExecution(id))?.log.map(({ status }) => status);
const tasksOf = async (id: Id) => (await flows.children(id)).map(({ taskName }) => taskName).sort();

async function runningAt(name: string, task: string, parameters?: JsonObject) {
  const gate = newGate();
  const { id } = await flows.request(name, parameters ?? { gate });
  await flows.child(id, task, 'running');
  return { id, gate };
}

describe.each(['chain', 'graph'])('a %s that is paused', (name) => {
  it('lets its running task end, requests nothing more, and goes on when it is resumed', async () => {
    const { id, gate } = await runningAt(name, 'first');
    expect((await flows.server.executions.pause(id, 'ann')).status).toBe('pausing');
    await flows.open(gate);
    await flows.reached(id, 'paused');
    expect(await tasksOf(id)).toEqual(['first']);
    await flows.server.executions.resume(id, 'bob');
    expect((await flows.ended(id)).status).toBe('succeeded');
    expect(await tasksOf(id)).toEqual(['first', 'second']);
    expect(await statuses(id)).toEqual([
      'requested',
      'scheduled',
      'running',
      'pausing',
      'paused',
      'resuming',
      'running',
      'succeeded',
    ]);
    expect((await flows.server.store.getExecution(id))?.context).toMatchObject({ paused_by: 'ann', resumed_by: 'bob' });
  });

  it('stays paused over a restart, whether its task had ended or not', async () => {
    const { id, gate } = await runningAt(name, 'first');
    await flows.server.executions.pause(id, 'ann');
    await flows.restart();
    expect((await flows.server.store.getExecution(id))?.status).toBe('pausing');
    await flows.open(gate);
    await flows.reached(id, 'paused');
    await flows.restart();
    expect((await flows.server.store.getExecution(id))?.status).toBe('paused');
    await flows.server.executions.resume(id, 'ann');
    expect((await flows.ended(id)).status).toBe('succeeded');
    expect(await tasksOf(id)).toEqual(['first', 'second']);
  });

  it('is canceled at once', async () => {
    const { id, gate } = await runningAt(name, 'first');
    await flows.server.executions.pause(id, 'ann');
    await flows.open(gate);
    await flows.reached(id, 'paused');
    expect((await flows.server.executions.cancel(id, 'ann')).status).toBe('canceled');
    expect(await tasksOf(id)).toEqual(['first']);
  });

  it('takes the same wish twice', async () => {
    const { id, gate } = await runningAt(name, 'first');
    await flows.server.executions.pause(id, 'ann');
    expect((await flows.server.executions.pause(id, 'ann')).status).toBe('pausing');
    await flows.open(gate);
    await flows.reached(id, 'paused');
    expect((await flows.server.executions.pause(id, 'ann')).status).toBe('paused');
    await flows.server.executions.resume(id, 'ann');
    await flows.ended(id);
  });
});

describe('a workflow over items that is paused', () => {
  it('requests the next item only when it is resumed', async () => {
    const parameters = { gates: [newGate(), newGate()] };
    const { id } = await runningAt('items', 'each', parameters);
    await flows.server.executions.pause(id, 'ann');
    await Promise.all(parameters.gates.map(flows.open));
    await flows.reached(id, 'paused');
    expect(await flows.children(id)).toHaveLength(1);
    await flows.server.executions.resume(id, 'ann');
    expect(await flows.ended(id)).toEqual({ status: 'succeeded', result: { output: { passed: parameters.gates } } });
  });
});

/** Where workflows call workflows: `calls` a chain and a graph side by side, `outer_chain` a chain. */
async function nested(name: 'calls' | 'outer_chain') {
  const gate = newGate();
  const { id } = await flows.request(name, { gate });
  const tasks = name === 'calls' ? ['chain', 'graph'] : ['call'];
  const children = await Promise.all(tasks.map((task) => flows.child(id, task, 'running')));
  await Promise.all(children.map((child) => flows.child(child.id, 'first', 'running')));
  return { id, gate, children: children.map((child) => child.id) };
}

describe('a paused child of a workflow that is pausing', () => {
  it('is not resumed before the workflow is', async () => {
    const [left, right] = [newGate(), newGate()];
    const { id } = await flows.request('two', { left, right });
    const child = await flows.child(id, 'left', 'running');
    await flows.child(child.id, 'first', 'running');
    await flows.server.executions.pause(id, 'ann');
    await flows.open(left);
    await flows.reached(child.id, 'paused');
    await expect(flows.server.executions.resume(child.id, 'ann')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`resume ${id}`),
    });
    expect((await flows.server.store.getExecution(child.id))?.status).toBe('paused');
    await flows.open(right);
    await flows.reached(id, 'paused');
    await flows.server.executions.resume(id, 'ann');
    expect((await flows.ended(id)).status).toBe('succeeded');
  });
});

describe('a child workflow that begins while its workflow is pausing', () => {
  it('is paused as well', async () => {
    const gate = newGate();
    const { id } = await flows.request('later', { gate });
    const child = await flows.child(id, 'call', 'requested');
    await flows.server.executions.pause(id, 'ann');
    await flows.reached(child.id, 'pausing');
    await flows.open(gate);
    await flows.reached(id, 'paused');
    await flows.server.executions.resume(id, 'ann');
    expect((await flows.ended(id)).status).toBe('succeeded');
  });
});

describe.each(['calls', 'outer_chain'] as const)('pausing and resuming around child workflows (%s)', (name) => {
  it('pauses and resumes the children with it', async () => {
    const { id, gate, children } = await nested(name);
    await flows.server.executions.pause(id, 'ann');
    for (const child of children) expect((await flows.server.store.getExecution(child))?.status).toBe('pausing');
    await flows.open(gate);
    await flows.reached(id, 'paused');
    for (const child of children) expect((await flows.server.store.getExecution(child))?.status).toBe('paused');
    await flows.restart();
    expect(['running', 'succeeded']).toContain((await flows.server.executions.resume(id, 'ann')).status);
    expect((await flows.ended(id)).status).toBe('succeeded');
    for (const child of children) expect(await statuses(child)).toContain('resuming');
  });

  it('pauses with a paused child, and goes on with it when it is resumed', async () => {
    const { id, gate, children } = await nested(name);
    for (const child of children) await flows.server.executions.pause(child, 'ann');
    expect((await flows.server.store.getExecution(id))?.status).toBe('running');
    await flows.open(gate);
    await flows.reached(id, 'paused');
    const [first, ...others] = children;
    await flows.server.executions.resume(first ?? '', 'ann');
    // The others stay as they are, and the workflow stops for them again.
    for (const child of others) {
      await flows.reached(id, 'paused');
      expect((await flows.server.store.getExecution(child))?.status).toBe('paused');
      await flows.server.executions.resume(child, 'ann');
    }
    expect((await flows.ended(id)).status).toBe('succeeded');
  });

  it('cancels the paused children with it', async () => {
    const { id, gate, children } = await nested(name);
    await flows.server.executions.pause(id, 'ann');
    await flows.open(gate);
    await flows.reached(id, 'paused');
    expect((await flows.server.executions.cancel(id, 'ann')).status).toBe('canceled');
    for (const child of children) expect((await flows.server.store.getExecution(child))?.status).toBe('canceled');
  });
});

describe('what cannot be paused or resumed', () => {
  const refusal = async (work: Promise<unknown>) =>
    await work.then(
      () => undefined,
      ({ code, message }: { code: string; message: string }) => ({ code, message }),
    );

  it('says why, and what can be done', async () => {
    const { pause, resume } = flows.server.executions;
    const { id: action } = await flows.server.executions.request({
      actionRef: 'core.noop',
      parameters: {},
      user: 'ann',
    });
    expect(await refusal(pause(action, 'ann'))).toEqual({
      code: 'invalid',
      message: expect.stringContaining(`petrel execution cancel ${action}`),
    });
    const gate = newGate();
    await flows.open(gate);
    const { id } = await flows.request('chain', { gate });
    await flows.ended(id);
    expect(await refusal(pause(id, 'ann'))).toEqual({
      code: 'conflict',
      message: expect.stringContaining(`petrel execution rerun ${id}`),
    });
    expect(await refusal(resume(id, 'ann'))).toMatchObject({ code: 'conflict' });
    expect(await refusal(pause('000000000000000000000000', 'ann'))).toMatchObject({ code: 'not_found' });
  });

  it('is a workflow that has not begun', async () => {
    const { id } = await flows.server.executions.request({
      actionRef: 'flows.chain',
      parameters: { gate: newGate() },
      user: 'ann',
      delay: 60_000,
    });
    expect(await refusal(flows.server.executions.pause(id, 'ann'))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('requested'),
    });
    expect((await flows.server.executions.cancel(id, 'ann')).status).toBe('canceled');
  });
});

/** What the store holds when the process died after a wish was stored, before the children heard of it. */
async function died(id: Id, status: ExecutionStatus, event?: JsonObject): Promise<void> {
  await flows.server.stop(0);
  const store = await flows.openStore();
  const now = Date.now();
  await store.setExecutionStatus({ id, status, now });
  const sequence = (await store.readJournal(id)).length;
  if (event !== undefined) await store.appendJournal([{ executionId: id, sequence, timestamp: now, event }]);
  await store.close();
}

describe('a wish that was stored before the process died', () => {
  it('pauses the children at the next start', async () => {
    const { id, gate, children } = await nested('outer_chain');
    await died(id, 'pausing', { type: 'asked', wish: 'pause' });
    await flows.restart();
    await flows.reached(children[0] ?? '', 'pausing');
    await flows.open(gate);
    await flows.reached(id, 'paused');
    await flows.server.executions.resume(id, 'ann');
    expect((await flows.ended(id)).status).toBe('succeeded');
  });

  it('resumes the children at the next start', async () => {
    const { id, gate, children } = await nested('outer_chain');
    await flows.server.executions.pause(id, 'ann');
    await flows.open(gate);
    await flows.reached(id, 'paused');
    await died(id, 'resuming', { type: 'resumed', continues: children[0] ?? '' });
    await flows.restart();
    expect((await flows.ended(id)).status).toBe('succeeded');
  });

  it('cancels the children at the next start', async () => {
    const { id, children } = await nested('calls');
    await died(id, 'canceling');
    await flows.restart();
    expect((await flows.ended(id)).status).toBe('canceled');
    for (const child of children) expect((await flows.server.store.getExecution(child))?.status).toBe('canceled');
  });
});
