import { connect } from '../client.ts';
import { asJson, drawTree, treeOf } from '../execution-tree.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, shortTime, table } from '../output.ts';
import { descendantsOf } from '../tree-watch.ts';

/** Prints an execution with everything it started, below each other. */
export async function tree(id: string, options: GlobalOptions): Promise<void> {
  const client = await connect(options);
  const execution = await client.call('GET /executions/{id}', { path: { id } });
  const root = treeOf(execution, await descendantsOf(client, execution.id));
  await print(asJson(root), options, () => drawTree(root).join('\n'));
}

/** Prints the journal of a workflow. */
export async function history(id: string, options: GlobalOptions): Promise<void> {
  const lines = await (await connect(options)).call('GET /executions/{id}/history', { path: { id } });
  await print(lines, options, () => {
    if (lines.length === 0) return `Execution ${id} is no workflow, or has not started: it has no journal.`;
    return table(lines, [
      column('#', 'sequence'),
      { title: 'TIME', value: ({ timestamp }) => `${shortTime(timestamp)}${String(timestamp).slice(19, 23)}` },
      column('EVENT', 'event'),
    ]);
  });
}
