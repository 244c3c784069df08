import type { JsonObject } from '../../model/index.ts';
import { call, connect, findConnection } from '../client.ts';
import { asJson, drawTree, treeOf } from '../execution-tree.ts';
import { descendantsOf } from '../follow.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, shortTime, table } from '../output.ts';

/** Prints an execution with everything it started, below each other. */
export async function tree(id: string, options: GlobalOptions): Promise<void> {
  const client = connect(options);
  const execution = await client.call('GET /executions/{id}', { path: { id } });
  const root = treeOf(execution, await descendantsOf(client, execution.id));
  print(asJson(root), options.json === true, () => drawTree(root).join('\n'));
}

/** Prints the journal of a workflow. */
export async function history(id: string, options: GlobalOptions): Promise<void> {
  const connection = findConnection(options, process.env);
  const { body } = await call(connection, 'GET', `/executions/${id}/history`);
  print(body, options.json === true, () => {
    const lines = body as readonly JsonObject[]; // the route answers a list
    if (lines.length === 0) return `Execution ${id} is no workflow, or has not started: it has no journal.`;
    return table(lines, [
      column('#', 'sequence'),
      { title: 'TIME', value: ({ timestamp }) => `${shortTime(timestamp)}${String(timestamp).slice(19, 23)}` },
      column('EVENT', 'event'),
    ]);
  });
}
