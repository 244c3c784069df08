import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Id } from '../../src/model/index.ts';
import { startWorkflowServer, type WorkflowFile, type WorkflowServer } from './workflow-server.ts';

const graph = (tasks: string): WorkflowFile => ({ runner: 'orquesta', text: `version: 1.0\ntasks:\n${tasks}` });

const FILES: Readonly<Record<string, WorkflowFile>> = {
  inner: graph(`
  waits:
    action: flows.gate name="never"
    next: [{do: after}]
  after:
    action: core.noop
`),
  chain: { runner: 'action-chain', text: 'chain:\n  - {name: waits, ref: flows.inner}\n' },
  outer: graph(`
  deep:
    action: flows.chain
    next: [{publish: seen=<% result().published.seen %>, do: after}]
  later:
    action: core.noop
    delay: 600
  act:
    action: flows.gate name="never"
  after:
    join: all
    action: core.noop
`),
  mends: graph(`
  call:
    action: flows.inner
    next:
      - when: <% completed() %>
        do: after
  after:
    action: core.noop
`),
};

let flows: WorkflowServer;

beforeAll(async () => {
  flows = await startWorkflowServer(FILES);
});

afterAll(async () => {
  await flows.close();
});

const statusOf = async (id: Id) => (await flows.server.store.getExecution(id))?.status;

describe('canceling a workflow', () => {
  it('takes everything below it along: what runs, what waits for its time, child workflows and theirs', async () => {
    const { id } = await flows.request('outer');
    const chain = await flows.child(id, 'deep', 'running');
    const inner = await flows.child(chain.id, 'waits', 'running');
    const action = await flows.child(inner.id, 'waits', 'running');
    const later = await flows.child(id, 'later', 'requested');
    await flows.child(id, 'act', 'running');
    await flows.server.executions.cancel(id, 'ann');
    expect(await statusOf(later.id)).toBe('canceled');
    expect((await flows.ended(id)).status).toBe('canceled');
    for (const below of [chain.id, inner.id, action.id]) expect((await flows.ended(below)).status).toBe('canceled');
    const context = (await flows.server.store.getExecution(inner.id))?.context;
    expect(context).toMatchObject({ cancelled_by: 'ann' });
    expect(await flows.children(id)).toHaveLength(3);
  });

  it('is finished after a restart', async () => {
    const { id } = await flows.request('outer');
    const chain = await flows.child(id, 'deep', 'running');
    await flows.child(chain.id, 'waits', 'running');
    void flows.server.executions.cancel(id, 'ann').catch(() => undefined);
    await flows.reached(id, 'canceling', 'canceled');
    await flows.restart();
    expect((await flows.ended(id)).status).toBe('canceled');
    expect((await flows.ended(chain.id)).status).toBe('canceled');
    for (const child of await flows.children(id)) expect(child.status).toBe('canceled');
  });

  it('is refused when it has ended', async () => {
    const { id } = await flows.request('chain');
    await flows.child(id, 'waits', 'running');
    await flows.server.executions.cancel(id, 'ann');
    await flows.ended(id);
    await expect(flows.server.executions.cancel(id, 'ann')).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a child that is canceled', () => {
  it('reaches its workflow as an ended child with the status canceled', async () => {
    const { id } = await flows.request('mends');
    const child = await flows.child(id, 'call', 'running');
    await flows.child(child.id, 'waits', 'running');
    await flows.server.executions.cancel(child.id, 'ann');
    // As Orquesta: a task that was canceled cancels its workflow, whatever its transitions say.
    expect((await flows.ended(id)).status).toBe('canceled');
    const journal = await flows.server.store.readJournal(id);
    const news = journal.map(({ event }) => event.input).filter(Boolean);
    expect(news).toContainEqual(expect.objectContaining({ type: 'ended', task: 'call', status: 'canceled' }));
  });

  it('may be one that waits for its time', async () => {
    const { id } = await flows.request('outer');
    const later = await flows.child(id, 'later', 'requested');
    await flows.child(id, 'act', 'running');
    expect((await flows.server.executions.cancel(later.id, 'ann')).status).toBe('canceled');
    await flows.server.executions.cancel(id, 'ann');
    expect((await flows.ended(id)).status).toBe('canceled');
  });
});
