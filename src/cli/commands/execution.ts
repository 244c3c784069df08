import { type Json, type JsonObject, PetrelError } from '../../model/index.ts';
import { call, connect, findConnection } from '../client.ts';
import { lineOf } from '../execution-tree.ts';
import { tail as follow } from '../follow.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, shortTime, table } from '../output.ts';

interface ListOptions extends GlobalOptions {
  readonly action?: string;
  readonly status?: string;
  readonly all?: boolean;
  readonly limit: string;
}

const COLUMNS = [
  column('ID', 'id'),
  column('ACTION', 'action.ref'),
  column('STATUS', 'status'),
  { title: 'START', value: (row: JsonObject) => shortTime(row.start_timestamp) },
  { title: 'SECONDS', value: (row: JsonObject) => seconds(row.elapsed_seconds) },
];

export async function list(options: ListOptions): Promise<void> {
  const query = new URLSearchParams({ limit: options.limit, exclude_attributes: 'result' });
  if (options.action !== undefined) query.set('action', options.action);
  if (options.status !== undefined) query.set('status', options.status);
  if (options.all !== true) query.set('parent', 'null');
  const { body, total = 0 } = await call(findConnection(options, process.env), 'GET', `/executions?${query}`);
  print(body, options.json === true, () => {
    const rows = body as readonly JsonObject[]; // a list answers an array
    const more = total > rows.length ? `\n${rows.length} of ${total}; -n ${total} shows all.` : '';
    return table(rows, COLUMNS) + more;
  });
}

export async function get(id: string, options: GlobalOptions): Promise<void> {
  const connection = findConnection(options, process.env);
  const execution = (await call(connection, 'GET', `/executions/${id}`)).body as JsonObject; // an execution
  const children = (await call(connection, 'GET', `/executions/${execution.id}/children?depth=1`))
    .body as readonly JsonObject[]; // executions
  print(execution, options.json === true, () => describeExecution(execution, children));
}

export async function output(id: string, options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'GET', `/executions/${id}/output`);
  if (options.json === true) print({ output: body }, true, String);
  else process.stdout.write(String(body));
}

/** Shows what an execution has printed and what it prints, until it has ended. */
export async function tail(id: string, options: GlobalOptions): Promise<void> {
  const client = connect(options);
  const execution = await client.call('GET /executions/{id}', { path: { id } });
  const isJson = options.json === true;
  await follow(
    client,
    execution,
    (line) => {
      if (isJson) process.stdout.write(`${JSON.stringify(line)}\n`);
      else (line.stream === 'stderr' ? process.stderr : process.stdout).write(line.data);
    },
    (task) => process.stderr.write(`${lineOf(task)}\n`),
  );
}

export async function cancel(id: string, options: GlobalOptions): Promise<void> {
  const answer = await connect(options).call('DELETE /executions/{id}', { path: { id } });
  // As StackStorm: what cannot be canceled is told with status 200.
  if (!('status' in answer)) throw new PetrelError('conflict', answer.faultstring);
  print(answer, options.json === true, () => `Execution ${id} is ${answer.status}.`);
}

export async function pause(id: string, options: GlobalOptions): Promise<void> {
  await ask(id, 'pausing', options);
}

export async function resume(id: string, options: GlobalOptions): Promise<void> {
  await ask(id, 'resuming', options);
}

async function ask(id: string, status: string, options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'PUT', `/executions/${id}`, { status });
  print(body, options.json === true, () => `Execution ${id} is ${(body as JsonObject).status}.`); // an execution
}

interface RerunOptions extends GlobalOptions {
  readonly tasks?: string;
  readonly reset?: string;
}

export async function rerun(id: string, options: RerunOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'POST', `/executions/${id}/re_run`, {
    ...(options.tasks !== undefined && { tasks: namesIn(options.tasks) }),
    ...(options.reset !== undefined && { reset: namesIn(options.reset) }),
  });
  print(body, options.json === true, () => String((body as JsonObject).id)); // an execution
}

function namesIn(list: string): readonly string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** One execution for people: head, tasks, result. */
export function describeExecution(execution: JsonObject, children: readonly JsonObject[]): string {
  const action = execution.action as JsonObject; // every execution has its action
  const lines = [
    `id:         ${execution.id}`,
    `action:     ${action.ref}`,
    `status:     ${execution.status}`,
    `started:    ${shortTime(execution.start_timestamp)}`,
    `seconds:    ${seconds(execution.elapsed_seconds)}`,
    `parameters: ${JSON.stringify(execution.parameters ?? {})}`,
  ];
  if (children.length > 0) {
    lines.push('', table(children, [column('TASK', 'task_name'), ...COLUMNS]));
  }
  lines.push('', 'result:', JSON.stringify(execution.result ?? null, null, 2));
  return lines.join('\n');
}

function seconds(value: Json | undefined): string {
  return typeof value === 'number' ? value.toFixed(3) : '';
}
