import { type OutputLine, PetrelError } from '../model/index.ts';
import { freeTextOf, json, numberOf, textOf, time, wordOf } from './columns.ts';
import type { InsertTarget, Row, Sql } from './sql.ts';
import type { ExecutionOperations } from './store.ts';

const OUTPUT: InsertTarget = {
  table: 'output',
  columns: [
    ['execution_id', 'text'],
    ['sequence', 'integer'],
    ['stream', 'text'],
    ['at', 'integer'],
    ['data', 'text'],
  ],
  onConflict: 'ON CONFLICT (execution_id, sequence) DO NOTHING',
};

/** What executions print. */
export function outputOperations(sql: Sql): Pick<ExecutionOperations, 'appendOutput' | 'listOutput'> {
  return {
    async appendOutput(lines) {
      const rows = lines.map((line) => [
        line.executionId,
        line.sequence,
        line.stream,
        time(line.timestamp),
        json(line.data),
      ]);
      const stored = await sql.insert(OUTPUT, rows);
      if (stored.length < lines.length) {
        throw sql.doom(
          new PetrelError(
            'conflict',
            `Output of execution ${lines[0]?.executionId} has lines with the same sequence numbers already; read the last number and go on from there.`,
          ),
        );
      }
    },

    async listOutput(executionId, fromSequence, limit) {
      const rows = await sql.all(
        `SELECT execution_id, sequence, stream, at, data FROM output
         WHERE execution_id = $1 AND sequence >= $2 ORDER BY sequence LIMIT $3`,
        [executionId, fromSequence, limit],
      );
      return rows.map(lineOf);
    },
  };
}

function lineOf(row: Row): OutputLine {
  return {
    executionId: textOf(row, 'execution_id'),
    sequence: numberOf(row, 'sequence'),
    stream: wordOf<OutputLine['stream']>(row, 'stream'),
    timestamp: numberOf(row, 'at'),
    data: freeTextOf(row, 'data'),
  };
}
