import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Id } from '../../src/model/index.ts';
import { startWorkflowServer, type WorkflowFile, type WorkflowServer } from './workflow-server.ts';

const graph = (tasks: string, timeout?: number): WorkflowFile => ({
  runner: 'orquesta',
  text: `version: 1.0\ntasks:\n${tasks}`,
  ...(timeout !== undefined && { timeout }),
});

const FILES: Readonly<Record<string, WorkflowFile>> = {
  inner: graph(`
  waits: {action: flows.gate name="never"}
`),
  graph: graph(
    `
  call: {action: flows.inner}
  waits: {action: flows.gate name="never"}
  later: {action: core.noop, delay: 600}
  asks: {action: core.ask}
`,
    1,
  ),
  chain: { runner: 'action-chain', text: 'chain:\n  - {name: call, ref: flows.inner}\n', timeout: 1 },
  code: {
    runner: 'typescript-workflow',
    text: `import { defineWorkflow, z } from 'petrel/sdk';
export default defineWorkflow({ input: z.object({}), timeout: 1, run: ({ child }) => child('call', 'flows.inner') });
`,
  },
  asks: graph(
    `
  ask: {action: core.ask}
`,
    1,
  ),
  above_graph: graph(`
  call:
    action: flows.asks
    next: [{when: <% failed() %>, do: mend}]
  mend: {action: core.noop}
`),
  above_chain: {
    runner: 'action-chain',
    text: 'chain:\n  - {name: call, ref: flows.asks, on-failure: mend}\n  - {name: mend, ref: core.noop}\n',
  },
  long: graph(
    `
  waits: {action: flows.gate name="never"}
`,
    600,
  ),
  short: graph(
    `
  one: {action: core.noop}
`,
    600,
  ),
  outer: graph(`
  call:
    action: flows.chain
    next:
      - when: <% failed() %>
        publish: why=<% result().error %>
        do: mend
  mend: {action: core.noop}
output:
  - why: <% ctx().why %>
`),
};

let flows: WorkflowServer;

beforeAll(async () => {
  flows = await startWorkflowServer(FILES);
});

afterAll(async () => {
  await flows.close();
});

const WHY = (id: Id) => `Workflow ${id} did not end within 1 seconds.`;

/** Everything below a workflow, however deep. */
async function below(id: Id): Promise<readonly Id[]> {
  const children = await flows.children(id);
  return [
    ...children.map((child) => child.id),
    ...(await Promise.all(children.map((child) => below(child.id)))).flat(),
  ];
}

describe.each(['graph', 'chain', 'code'])('a %s that does not end in its time', (name) => {
  it('ends as timeout, and what it started is canceled', async () => {
    const { id } = await flows.request(name);
    const inner = await flows.child(id, 'call', 'running');
    await flows.child(inner.id, 'waits', 'running');
    const { status, result } = await flows.ended(id);
    expect(status).toBe('timeout');
    expect(result).toMatchObject({ error: WHY(id) });
    const ids = await below(id);
    expect(ids).toHaveLength(name === 'graph' ? 5 : 2);
    for (const one of ids) expect((await flows.ended(one)).status).toBe('canceled');
    const waits = await flows.child(inner.id, 'waits', 'canceled');
    expect(await flows.server.store.getResult(waits.id)).toMatchObject({ message: WHY(id) });
  });
});

describe('a workflow that stands still for an inquiry', () => {
  it('is over in its time all the same', async () => {
    const { id } = await flows.request('asks');
    await flows.reached(id, 'paused');
    expect(await flows.ended(id)).toMatchObject({ status: 'timeout', result: { error: WHY(id) } });
  });
});

describe.each(['above_graph', 'above_chain'])(
  'a workflow (%s) that stands still for a child that is cut short',
  (name) => {
    it('goes on with its way for failures', async () => {
      const { id } = await flows.request(name);
      await flows.reached(id, 'paused');
      expect((await flows.ended(id)).status).toBe('succeeded');
      await flows.child(id, 'call', 'timeout');
      await flows.child(id, 'mend', 'succeeded');
    });
  },
);

describe('the workflow above', () => {
  it('sees a child that failed, and may mend it', async () => {
    const { id } = await flows.request('outer');
    const call = await flows.child(id, 'call', 'timeout');
    expect(await flows.ended(id)).toEqual({ status: 'succeeded', result: { output: { why: WHY(call.id) } } });
    const journal = await flows.server.store.readJournal(id);
    expect(journal.map(({ event }) => event.input)).toContainEqual(
      expect.objectContaining({ type: 'ended', task: 'call', status: 'timeout' }),
    );
  });
});

describe('a workflow whose time passes while nobody runs', () => {
  it('is over at the next start', async () => {
    const { id } = await flows.request('long');
    await flows.child(id, 'waits', 'running');
    await flows.server.stop(0);
    const store = await flows.openStore();
    expect(await store.deleteTimer(id, 'timeout')).toBe(true);
    const { startedAt = 0 } = (await store.getExecution(id)) ?? {};
    await store.setTimer({ executionId: id, kind: 'timeout', dueAt: startedAt + 1000 });
    await store.close();
    await new Promise((resolve) => setTimeout(resolve, Math.max(startedAt + 1000 - Date.now(), 0)));
    await flows.restart();
    expect(await flows.ended(id)).toMatchObject({ status: 'timeout', result: { error: WHY(id) } });
  });

  it('is over although the process died between the wish and its end', async () => {
    const { id } = await flows.request('long');
    const waits = await flows.child(id, 'waits', 'running');
    await flows.server.stop(0);
    const store = await flows.openStore();
    const context = { user: 'stanley', timed_out: { execution_id: id, seconds: 1 } };
    await store.setExecutionStatus({ id, status: 'canceling', now: Date.now(), context });
    await store.close();
    await flows.restart();
    expect(await flows.ended(id)).toMatchObject({ status: 'timeout', result: { error: WHY(id) } });
    expect((await flows.ended(waits.id)).status).toBe('canceled');
  });
});

describe('a workflow that ends in its time', () => {
  it('is as if it had no limit, and its deadline goes when it has passed', async () => {
    const { id } = await flows.request('short');
    expect((await flows.ended(id)).status).toBe('succeeded');
    await flows.server.stop(0);
    const store = await flows.openStore();
    await store.setTimer({ executionId: id, kind: 'timeout', dueAt: 1 });
    await store.close();
    await flows.restart();
    expect(
      (await flows.server.store.listDueTimers(Date.now(), 10)).map(({ executionId }) => executionId),
    ).not.toContain(id);
    expect((await flows.server.store.getExecution(id))?.status).toBe('succeeded');
  });

  it('or is canceled by a person is canceled', async () => {
    const { id } = await flows.request('long');
    await flows.child(id, 'waits', 'running');
    await flows.server.executions.cancel(id, 'ann');
    expect((await flows.ended(id)).status).toBe('canceled');
  });
});
