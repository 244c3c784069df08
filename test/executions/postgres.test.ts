import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Server } from '../../src/server.ts';
import { findPostgres, type PostgresServer } from '../store/postgres-server.ts';
import { startWorkflowServer, useDatabase, type WorkflowFile, type WorkflowServer } from './workflow-server.ts';

/** What is said of executions elsewhere holds on PostgreSQL as well; and what only several nodes can show. */
const postgres = findPostgres();

describe.runIf(postgres !== undefined)('executions on PostgreSQL', async () => {
  let running: PostgresServer | undefined;
  beforeAll(async () => {
    const server = await postgres?.start();
    running = server;
    if (server !== undefined) useDatabase(() => server.newSchema());
  });
  afterAll(() => running?.close());

  if (postgres !== undefined) {
    describe('pausing', () => import('./pausing.test.ts').then(() => undefined));
    describe('canceling', () => import('./canceling.test.ts').then(() => undefined));
    describe('rerunning', () => import('./rerunning.test.ts').then(() => undefined));
    describe('inquiries', () => import('./inquiries.test.ts').then(() => undefined));
    describe('timeouts', () => import('./timeouts.test.ts').then(() => undefined));
  }

  describe('two nodes', () => {
    const ask: WorkflowFile = {
      runner: 'orquesta',
      text: `
version: 1.0
tasks:
  ask: {action: core.ask, next: [{do: after}]}
  after: {action: core.noop, next: [{do: again}]}
  again: {action: core.ask}
`,
    };
    const waits: WorkflowFile = {
      runner: 'orquesta',
      text: 'version: 1.0\ntasks:\n  waits: {action: flows.gate name="never"}\n',
    };
    let flows: WorkflowServer;
    let other: Server;
    beforeAll(async () => {
      flows = await startWorkflowServer({ ask, waits });
      other = await flows.startNode();
    });
    afterAll(async () => {
      await other.stop(0);
      await flows.close();
    });
    const nodes = () => [flows.server, other];

    it('share a database', () => {
      expect(nodes().map(({ store }) => store.dialect)).toEqual(['postgres', 'postgres']);
    });

    it('cancel what runs on the other one', async () => {
      // Which node runs it is open: each cancels two.
      const ids = await Promise.all(
        [0, 1, 2, 3].map(async () => {
          const { id } = await flows.server.executions.request({
            actionRef: 'flows.gate',
            parameters: { name: 'never' },
            user: 'ann',
          });
          await flows.reached(id, 'running');
          return id;
        }),
      );
      await Promise.all(ids.map((id, index) => nodes()[index % 2]?.executions.cancel(id, 'bob')));
      for (const id of ids) {
        await flows.reached(id, 'canceled');
        expect(await flows.server.store.getResult(id)).toMatchObject({ message: 'Action canceled by user bob.' });
      }
    });

    it('cancel a workflow, whoever runs its tasks', async () => {
      const { id } = await flows.request('waits');
      const task = await flows.child(id, 'waits', 'running');
      for (const node of nodes()) await node.executions.cancel(id, 'bob').catch(() => undefined);
      await flows.reached(id, 'canceled');
      await flows.reached(task.id, 'canceled');
    });

    it('look at the same deadlines, and one of them acts', async () => {
      const runs = await Promise.all(Array.from({ length: 12 }, () => flows.request('ask')));
      const inquiries = await Promise.all(runs.map(({ id }) => flows.child(id, 'ask', 'pending')));
      for (const { id } of inquiries) {
        await flows.server.store.setTimer({ executionId: id, kind: 'inquiry', dueAt: 1 });
      }
      const more = await Promise.all([flows.startNode(), flows.startNode()]);
      for (const { id } of runs) {
        await flows.child(id, 'again', 'pending');
        expect(await flows.children(id)).toHaveLength(3);
      }
      for (const { id } of inquiries) {
        const { status, log = [] } = (await flows.server.store.getExecution(id)) ?? {};
        expect(status).toBe('timeout');
        expect(log.filter((change) => change.status === 'timeout')).toHaveLength(1);
      }
      expect(await flows.server.store.listDueTimers(Date.now(), 10)).toEqual([]);
      for (const node of more) await node.stop(0);
    });

    it('take turns with a workflow: an answer is taken at either', async () => {
      const runs = await Promise.all([1, 2, 3, 4, 5, 6].map(() => flows.request('ask')));
      await Promise.all(
        runs.map(async ({ id }, index) => {
          const first = await flows.child(id, 'ask', 'pending');
          const who = { user: 'ann', roles: [] };
          await nodes()[index % 2]?.executions.respond(first.id, { continue: true }, who);
          const second = await flows.child(id, 'again', 'pending');
          await nodes()[(index + 1) % 2]?.executions.respond(second.id, { continue: true }, who);
          await flows.reached(id, 'succeeded');
        }),
      );
    });
  });
});
