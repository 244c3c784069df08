import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PetrelError } from '../../src/model/index.ts';
import { startWorkflowServer, type WorkflowServer } from './workflow-server.ts';

const text = `
version: 1.0
rollback: true
input: [gate]
tasks:
  first:
    action: core.noop
    compensate: {action: core.echo, input: {message: undone}}
    next: [{do: second}]
  second:
    action: core.echo message="second"
    compensate:
      action: flows.gate
      input: {name: <% ctx().gate + result().stdout %>}
    next: [{do: third}]
  third:
    action: core.noop
    compensate: {action: "<% 'flows.' + 'nothing' %>"}
    next: [{do: fails}]
  fails:
    action: core.local cmd="exit 1"
`;

let flows: WorkflowServer;

beforeAll(async () => {
  flows = await startWorkflowServer({ undoes: { runner: 'orquesta', text, parameters: '{gate: {type: string}}' } });
});

afterAll(() => flows.close());

describe('the rollback of a workflow', () => {
  it('goes on after a restart; what could not be undone is said', async () => {
    const { id } = await flows.request('undoes', { gate: 'a' });
    await flows.child(id, 'fails', 'failed');
    await flows.child(id, 'second', 'running');
    expect((await flows.reached(id, 'running')).status).toBe('running');
    await flows.restart();
    await flows.open('asecond');
    const { status, result } = await flows.ended(id);
    expect(status).toBe('failed');
    expect(result).toMatchObject({
      errors: [{ task_id: 'fails' }, { task_id: 'third', message: expect.stringContaining('flows.nothing') }],
      rollback: {
        undone: ['second', 'first'],
        failed: [{ task: 'third', error: expect.stringContaining('flows.nothing') }],
      },
    });
    expect((await flows.children(id)).map(({ taskName }) => taskName).toReversed()).toEqual([
      ...['first', 'second', 'third', 'fails'],
      ...['second', 'first'],
    ]);
    await expect(flows.server.executions.rerun(id, { user: 'stanley', tasks: ['fails'] })).rejects.toThrow(PetrelError);
  });

  it('stops when the workflow is canceled', async () => {
    const { id } = await flows.request('undoes', { gate: 'b' });
    await flows.child(id, 'fails', 'failed');
    await flows.child(id, 'second', 'running');
    await flows.server.executions.cancel(id, 'stanley');
    expect(await flows.ended(id)).toMatchObject({
      status: 'canceled',
      result: {
        rollback: { undone: [], failed: [{ task: 'third' }, { task: 'second' }], left: ['first'] },
      },
    });
    expect((await flows.children(id)).filter(({ taskName }) => taskName === 'first')).toHaveLength(1);
  });
});
