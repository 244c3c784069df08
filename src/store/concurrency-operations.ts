import type { Id } from '../model/index.ts';
import { numberOf, textOf, time } from './columns.ts';
import { logText } from './execution-rows.ts';
import type { InsertTarget, Row, Sql } from './sql.ts';
import type { ConcurrencyGroup, ConcurrencyOperations } from './store.ts';
import { mayBecome } from './transitions.ts';

const CONCURRENCY: InsertTarget = {
  table: 'concurrency',
  columns: [
    ['group_key', 'text'],
    ['execution_id', 'text'],
    ['holds', 'integer'],
  ],
  onConflict: 'ON CONFLICT (group_key, execution_id) DO UPDATE SET holds = excluded.holds',
};

/** How many go before `$2`, counted no further than `$3`: the line may be long. */
const AHEAD = `SELECT COUNT(*) AS ahead FROM (
    SELECT 1 FROM concurrency WHERE group_key = $1 AND execution_id <> $2 AND (holds = 1 OR execution_id < $2) LIMIT $3
  ) counted`;

/** Makes the oldest that waits in `$1`, of those behind `$2`, claimable at once. */
const RELEASE = `UPDATE executions SET not_before = NULL WHERE status = 'delayed' AND id = (
    SELECT execution_id FROM concurrency WHERE group_key = $1 AND holds = 0 AND execution_id > $2
    ORDER BY execution_id LIMIT 1
  )`;

const PLACES = 'SELECT group_key, holds FROM concurrency WHERE execution_id = $1';

/** The places of concurrency groups. */
export function concurrencyOperations(sql: Sql): ConcurrencyOperations {
  const { inList } = sql.dialect;
  const heldBy = `SELECT group_key FROM concurrency WHERE ${inList('execution_id', 1)} AND holds = 1`;
  const leave = `DELETE FROM concurrency WHERE execution_id = $1 AND ${inList('group_key', 2)}`;
  const admit = "UPDATE executions SET grouped = 1 WHERE id = $1 AND attempt = $2 AND status = 'running'";
  const wait = `UPDATE executions SET status = 'delayed', grouped = 1, log = $3, not_before = $4,
      started_at = NULL, lease_owner = NULL, lease_until = NULL
    WHERE id = $1 AND attempt = $2 AND ${mayBecome('delayed')}`;

  return {
    async admitExecution({ id, attempt, groups, ancestors, lookAgainAt, log }) {
      await decideAlone(sql);
      const before = await sql.all(PLACES, [id]);
      const inherited = new Set(
        ancestors.length === 0 ? [] : keysOf(await sql.all(heldBy, [JSON.stringify(ancestors)])),
      );
      const asked = groups.filter(({ key }) => !inherited.has(key));
      const holdsAlready = before.some((row) => numberOf(row, 'holds') === 1);
      const full: ConcurrencyGroup[] = [];
      const roomy: ConcurrencyGroup[] = [];
      for (const group of holdsAlready ? [] : asked) {
        const [row] = await sql.all(AHEAD, [group.key, id, group.threshold]);
        const ahead = row === undefined ? 0 : numberOf(row, 'ahead');
        if (ahead >= group.threshold) full.push(group);
        else if (ahead + 1 < group.threshold) roomy.push(group);
      }
      const refusing = full.find(({ whenFull }) => whenFull === 'cancel');
      if (refusing !== undefined) return { outcome: 'refused', full: refusing };

      const [first] = full;
      const moved =
        first === undefined
          ? await sql.run(admit, [id, attempt])
          : await sql.run(wait, [id, attempt, logText(log), time(lookAgainAt)]);
      if (moved === 0) return { outcome: 'superseded' };
      await sql.insert(
        CONCURRENCY,
        asked.map(({ key }) => [key, id, first === undefined ? 1 : 0]),
      );
      // Where a policy is gone, or changed what it counts.
      const left = keysOf(before).filter((key) => !asked.some((group) => group.key === key));
      if (left.length > 0) await sql.run(leave, [id, JSON.stringify(left)]);
      let released = 0;
      for (const key of left) released += await sql.run(RELEASE, [key, '']);
      // More than one place was free (a threshold was raised, or whoever was released waits elsewhere): the next may follow.
      for (const { key } of roomy) released += await sql.run(RELEASE, [key, id]);
      const common = { released: released > 0 };
      return first === undefined ? { outcome: 'admitted', ...common } : { outcome: 'delayed', full: first, ...common };
    },
  };
}

/**
 * Ends a grouped execution with `end` (which answers how many rows it changed) and hands its places on. False: there is no such
 * execution, or its end was refused.
 */
export async function leavingGroups(sql: Sql, id: Id, end: () => Promise<number>): Promise<boolean> {
  const grouped = await sql.all('SELECT id FROM executions WHERE id = $1 AND grouped IS NOT NULL', [id]);
  if (grouped.length === 0) return false;
  await decideAlone(sql);
  const keys = keysOf(await sql.all(PLACES, [id]));
  if ((await end()) === 0) return false;
  await sql.run('DELETE FROM concurrency WHERE execution_id = $1', [id]);
  for (const key of keys) await sql.run(RELEASE, [key, '']);
  return true;
}

/**
 * One lock for all groups: whoever decides in one commit about several groups would run into others who decide about the same in
 * another order. Measured, three nodes and two groups for each execution: 150 executions in 1.1 s, and in 3.3 s with a lock for each
 * group and deadlocks that end after 0.1 s (by default after 1 s).
 */
async function decideAlone(sql: Sql): Promise<void> {
  const { lock } = sql.dialect;
  if (lock !== undefined) await sql.all(lock, ['concurrency']);
}

function keysOf(rows: readonly Row[]): string[] {
  return rows.map((row) => textOf(row, 'group_key'));
}
