import type { JsonObject } from '../../model/index.ts';
import { workflowKinds } from '../../workflows/index.ts';
import { type Connection, call, findConnection } from '../client.ts';
import type { GlobalOptions } from '../main.ts';
import { column, print, shortTime, table } from '../output.ts';

interface Branch {
  readonly execution: JsonObject;
  readonly children: readonly Branch[];
}

/** Prints an execution with everything it started, below each other. */
export async function tree(id: string, options: GlobalOptions): Promise<void> {
  const connection = findConnection(options, process.env);
  const execution = (await call(connection, 'GET', `/executions/${id}`)).body as JsonObject; // an execution
  const root = await branchOf(execution, connection);
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

async function branchOf(execution: JsonObject, connection: Connection): Promise<Branch> {
  const children = (
    await call(connection, 'GET', `/executions/${execution.id}/children?depth=1&exclude_attributes=result`)
  ).body;
  const branches: Branch[] = [];
  // One after the other: a tree of a thousand is no reason to ask the server a thousand things at once.
  for (const child of children as readonly JsonObject[]) {
    branches.push(isWorkflow(child) ? await branchOf(child, connection) : { execution: child, children: [] });
  }
  return { execution, children: branches };
}

/** Only workflows start others. */
function isWorkflow({ runner }: JsonObject): boolean {
  return workflowKinds.has(String((runner as JsonObject).name)); // every execution has its runner
}

function asJson({ execution, children }: Branch): JsonObject {
  return { ...execution, children: children.map(asJson) };
}

/** One line for each execution: task, action, status, seconds, id. */
function drawTree({ execution, children }: Branch): string[] {
  return [
    lineOf(execution),
    ...children.flatMap((child, index) => {
      const isLast = index === children.length - 1;
      const [first = '', ...rest] = drawTree(child);
      return [`${isLast ? '└─ ' : '├─ '}${first}`, ...rest.map((line) => `${isLast ? '   ' : '│  '}${line}`)];
    }),
  ];
}

function lineOf({ id, task_name, action, status, elapsed_seconds }: JsonObject): string {
  const took = typeof elapsed_seconds === 'number' ? `${elapsed_seconds.toFixed(3)} s` : 'so far';
  const task = typeof task_name === 'string' ? `${task_name}: ` : '';
  return `${task}${(action as JsonObject).ref}  ${status}  ${took}  ${id}`; // every execution has its action
}
