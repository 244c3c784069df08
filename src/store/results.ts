import { promisify } from 'node:util';
import { constants, gunzip, gunzipSync, gzip, gzipSync } from 'node:zlib';
import type { ExecutionResult, Id } from '../model/index.ts';
import { bytesOf, has, parse, textOf } from './columns.ts';
import type { Row, Sql } from './sql.ts';
import type { ExecutionOperations } from './store.ts';

/** Results up to this many characters of JSON stay in the execution's row. */
const INLINE_LIMIT = 2048;
/** Above this many bytes, compressing would hold up everything else for longer than handing it to a thread costs. */
const THREAD_LIMIT = 64 * 1024;
/** How many results are asked for in one statement. */
const AT_ONCE = 1000;
/** Level 1 takes a quarter of the time of the default and gives away a few per cent. */
const OPTIONS = { level: constants.Z_BEST_SPEED };

const gzipInThread = promisify(gzip);
const gunzipInThread = promisify(gunzip);

/** What goes into the execution's row, or else, compressed, into the table of large results. */
export async function pack(result: ExecutionResult): Promise<{ inline: string | null; packed: Uint8Array | null }> {
  const text = JSON.stringify(result);
  if (text.length <= INLINE_LIMIT) return { inline: text, packed: null };
  const packed = text.length <= THREAD_LIMIT ? gzipSync(text, OPTIONS) : await gzipInThread(text, OPTIONS);
  return { inline: null, packed };
}

export function resultOperations(sql: Sql): Pick<ExecutionOperations, 'getResult' | 'getResults'> {
  const select = 'SELECT e.id, e.result, r.data FROM executions e LEFT JOIN results r ON r.execution_id = e.id';
  const small = `SELECT id, result FROM executions WHERE ${sql.dialect.inList('id', 1)} AND result IS NOT NULL`;
  const large = `SELECT execution_id, data FROM results WHERE ${sql.dialect.inList('execution_id', 1)}`;

  return {
    async getResult(id) {
      const [row] = await sql.all(`${select} WHERE e.id = $1`, [id]);
      return row && unpack(row);
    },

    async getResults(ids) {
      const results = new Map<Id, ExecutionResult>();
      for (let start = 0; start < ids.length; start += AT_ONCE) {
        const some = ids.slice(start, start + AT_ONCE);
        for (const row of await sql.page('id, result', small, [JSON.stringify(some)])) {
          results.set(textOf(row, 'id'), parse(textOf(row, 'result')));
        }
        const others = some.filter((id) => !results.has(id));
        if (others.length === 0) continue;
        for (const row of await sql.all(large, [JSON.stringify(others)])) {
          results.set(textOf(row, 'execution_id'), await unpacked(row));
        }
      }
      return results;
    },
  };
}

async function unpack(row: Row): Promise<ExecutionResult | undefined> {
  if (has(row, 'result')) return parse(textOf(row, 'result'));
  return has(row, 'data') ? await unpacked(row) : undefined;
}

async function unpacked(row: Row): Promise<ExecutionResult> {
  const packed = bytesOf(row, 'data');
  const bytes = packed.length <= THREAD_LIMIT ? gunzipSync(packed) : await gunzipInThread(packed);
  return parse(bytes.toString('utf8'));
}
