import { PetrelError } from '../model/index.ts';
import { json, numberOf, objectOf, textOf, time } from './columns.ts';
import type { InsertTarget, Sql } from './sql.ts';
import type { WorkflowOperations } from './store.ts';

const JOURNAL: InsertTarget = {
  table: 'journal',
  columns: [
    ['execution_id', 'text'],
    ['sequence', 'integer'],
    ['at', 'integer'],
    ['event', 'text'],
  ],
  onConflict: 'ON CONFLICT (execution_id, sequence) DO NOTHING',
};

/** The journals of workflows. */
export function workflowOperations(sql: Sql): WorkflowOperations {
  return {
    async appendJournal(entries) {
      const rows = entries.map((entry) => [
        entry.executionId,
        entry.sequence,
        time(entry.timestamp),
        json(entry.event),
      ]);
      const stored = await sql.insert(JOURNAL, rows);
      if (stored.length < entries.length) {
        throw sql.doom(
          new PetrelError(
            'conflict',
            `The journal of workflow ${entries[0]?.executionId} went on in the meantime; read it again and decide anew.`,
            { details: { journal: entries[0]?.executionId ?? null } },
          ),
        );
      }
    },

    async readJournal(executionId, fromSequence = 0) {
      const rows = await sql.all(
        `SELECT execution_id, sequence, at, event FROM journal
         WHERE execution_id = $1 AND sequence >= $2 ORDER BY sequence`,
        [executionId, fromSequence],
      );
      return rows.map((row) => ({
        executionId: textOf(row, 'execution_id'),
        sequence: numberOf(row, 'sequence'),
        timestamp: numberOf(row, 'at'),
        event: objectOf(row, 'event'),
      }));
    },
  };
}
