import { numberOf, textOf, time, wordOf } from './columns.ts';
import type { Sql } from './sql.ts';
import type { Timer, TimerOperations } from './store.ts';

/** Deadlines of executions. */
export function timerOperations(sql: Sql): TimerOperations {
  return {
    async setTimer({ executionId, kind, dueAt }) {
      await sql.run(
        `INSERT INTO timers (execution_id, kind, due_at) VALUES ($1, $2, $3)
         ON CONFLICT (execution_id, kind) DO UPDATE SET due_at = excluded.due_at`,
        [executionId, kind, time(dueAt)],
      );
    },

    async deleteTimer(executionId, kind) {
      return (await sql.run('DELETE FROM timers WHERE execution_id = $1 AND kind = $2', [executionId, kind])) > 0;
    },

    async listDueTimers(now, limit) {
      const rows = await sql.all(
        'SELECT execution_id, kind, due_at FROM timers WHERE due_at <= $1 ORDER BY due_at, execution_id, kind LIMIT $2',
        [time(now), limit],
      );
      return rows.map((row) => ({
        executionId: textOf(row, 'execution_id'),
        kind: wordOf<Timer['kind']>(row, 'kind'),
        dueAt: numberOf(row, 'due_at'),
      }));
    },

    async nextTimer() {
      const [row] = await sql.all('SELECT due_at FROM timers ORDER BY due_at LIMIT 1', []);
      return row && numberOf(row, 'due_at');
    },
  };
}
