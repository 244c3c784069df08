import type { FastifyInstance } from 'fastify';
import { maskValues } from '../../datastore/index.ts';
import { conductors } from '../../workflows/index.ts';
import { notFound } from '../errors.ts';
import type { ApiServices } from '../services.ts';
import { timestamp } from '../views.ts';

/** /executions/:id/history, Petrel's extension: a workflow's journal, a line for each event; empty for an execution of another kind. */
export function historyRoutes(api: FastifyInstance, { store, masker }: ApiServices): void {
  api.get<{ Params: { id: string } }>('/executions/:id/history', async (request) => {
    const execution = await store.getExecution(request.params.id);
    if (execution === undefined) throw notFound('Execution', request.params.id);
    const journal = await store.readJournal(execution.id);
    const lines = conductors.get(execution.runnerType)?.history(journal.map(({ event }) => event)) ?? [];
    return masker.maskJson(
      maskValues(
        journal.map(({ sequence, timestamp: at }, index) => ({
          sequence,
          timestamp: timestamp(at),
          event: lines[index] ?? '',
        })),
      ),
    );
  });
}
