import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noEffects, writeEffects } from '../../src/executions/effects.ts';
import { createWorkflowSteps, prepareExecution } from '../../src/executions/index.ts';
import { conductors } from '../../src/workflows/index.ts';
import { startWorkflowServer, type WorkflowServer } from './workflow-server.ts';

const CHAIN = `chain:
  - {name: first, ref: core.noop, on-success: second}
  - {name: second, ref: flows.gate, parameters: {name: never}}
`;

let flows: WorkflowServer;

beforeAll(async () => {
  flows = await startWorkflowServer({ chain: { runner: 'action-chain', text: CHAIN } });
});

afterAll(async () => {
  await flows.close();
});

describe('a workflow that another node went on with', () => {
  it('is read again from its journal, so that no end of a task is overlooked', async () => {
    const { store, executions } = flows.server;
    // This node takes the first step; the server is the other one, and runs the first task.
    const steps = createWorkflowSteps({ store, conductors, now: Date.now, shared: true });
    const preparation = executions.prepare();
    const requested = prepareExecution(preparation, { actionRef: 'flows.chain', parameters: {}, user: 'ann' });
    const workflow = { ...requested, status: 'running' as const };
    await store.insertExecutions([workflow]);
    const first = noEffects();
    await steps.start(workflow, preparation, first);
    await store.transaction((tx) => writeEffects(tx, first));
    for (const done of first.committed) done();
    executions.wake();
    const { id: executionId } = await flows.child(workflow.id, 'second', 'running');
    const next = noEffects();
    const input = { type: 'ended', task: 'second', executionId, status: 'failed' } as const;
    const again = executions.prepare();
    again.inputs.provide({ ...workflow, id: executionId }, null);
    const turn = await steps.step(workflow, [input], again, next);
    expect(turn.end?.status).toBe('failed');
    expect(next.journal.map(({ event }) => event.type)).toEqual(['ended', 'finished']);
  });
});
