import type { Client, Execution } from '../../client/index.ts';
import { isJsonObject, PetrelError } from '../../model/index.ts';
import { connect } from '../client.ts';
import { lineOf, secondsOf } from '../execution-tree.ts';
import { type GlobalOptions, type LimitOptions, limitOf } from '../options.ts';
import { at, column, namesIn, print, printFields, printList, shortTime, table, timeColumn } from '../output.ts';
import { tail as follow } from '../tail.ts';

const COLUMNS = [
  column('ID', 'id'),
  column('ACTION', 'action.ref'),
  column('STATUS', 'status'),
  timeColumn('START', 'start_timestamp'),
  { title: 'SECONDS', value: secondsOf },
];

interface ListOptions extends GlobalOptions, LimitOptions {
  readonly all?: boolean;
  readonly showall?: boolean;
}

/** `filters`: what the list is narrowed by, named as in the query. */
export async function list(filters: Readonly<Record<string, string>>, options: ListOptions): Promise<void> {
  const isNested = options.all === true || options.showall === true;
  // What may be large is left out unless it is asked for.
  const asked = namesIn(options.attr ?? []);
  const wants = (name: string) => asked.some((one) => one === 'all' || one.split('.', 1)[0] === name);
  const query = {
    ...filters,
    limit: limitOf(options),
    exclude_attributes: ['result', 'trigger_instance'].filter((name) => !wants(name)),
    ...(!isNested && { parent: 'null' }),
  };
  const { items, total } = await (await connect(options)).page('GET /executions', { query });
  await printList(items, COLUMNS, options, total);
}

/** What is shown of an execution. */
export interface ResultOptions {
  readonly key?: string;
  readonly detail?: boolean;
}

interface GetOptions extends GlobalOptions, ResultOptions {
  readonly excludeResult?: boolean;
  readonly showTasks?: boolean;
  readonly raw?: boolean;
  readonly depth?: string;
}

export async function get(ids: readonly string[], options: GetOptions): Promise<void> {
  const client = await connect(options);
  const query = options.excludeResult === true ? { exclude_attributes: 'result' } : {};
  for (const id of ids) {
    const execution = await client.call('GET /executions/{id}', { path: { id }, query });
    const depth = Number(options.depth ?? (options.showTasks === true ? -1 : 1));
    await showExecution(client, execution, options, { withTasks: options.raw !== true, depth });
  }
}

/** One execution, or the part of it that was asked for. */
export async function showExecution(
  client: Client,
  execution: Execution,
  options: GlobalOptions & ResultOptions,
  { withTasks, depth = 1 }: { readonly withTasks: boolean; readonly depth?: number },
): Promise<void> {
  const { id } = execution;
  if (options.key !== undefined) return await showPart(execution, options.key, options);
  if (options.detail === true) return await printFields(execution, options);
  const isForPeople = options.json !== true && options.yaml !== true && options.attr === undefined;
  const query = { depth, exclude_attributes: 'result' };
  const isWorkflow = execution.liveaction.action_is_workflow;
  const children =
    withTasks && isForPeople && isWorkflow
      ? await client.call('GET /executions/{id}/children', { path: { id }, query })
      : [];
  await print(execution, options, () => describeExecution(execution, children));
}

/** Text as it is, everything else as JSON. */
async function showPart({ id, result = null }: Execution, key: string, options: GlobalOptions): Promise<void> {
  const part = at(result, key);
  if (part === undefined) {
    const names = isJsonObject(result) ? `; it has ${Object.keys(result).join(', ')}` : '';
    throw new PetrelError('not_found', `The result of execution ${id} has no "${key}"${names}.`);
  }
  await print(part, { json: options.json === true, yaml: options.yaml === true }, () =>
    typeof part === 'string' ? part : JSON.stringify(part, null, 2),
  );
}

export async function output(id: string, options: GlobalOptions): Promise<void> {
  const text = await (await connect(options)).call('GET /executions/{id}/output', { path: { id } });
  if (options.json === true || options.yaml === true) await print({ output: text }, options, String);
  else process.stdout.write(text);
}

interface TailOptions extends GlobalOptions {
  readonly type?: 'stdout' | 'stderr' | 'all';
  readonly includeMetadata?: boolean;
}

/** Shows what an execution has printed and what it prints, until it has ended. */
export async function tail(id: string, options: TailOptions): Promise<void> {
  const client = await connect(options);
  const { type = 'all' } = options;
  const execution = await client.call('GET /executions/{id}', { path: { id } });
  await follow(
    client,
    execution,
    (line) => {
      if (type !== 'all' && type !== line.stream) return;
      if (options.json === true) process.stdout.write(`${JSON.stringify(line)}\n`);
      else if (options.includeMetadata === true) {
        process.stdout.write(`[${new Date().toISOString()}][${line.stream}] ${line.data.trimEnd()}\n`);
      } else (line.stream === 'stderr' ? process.stderr : process.stdout).write(line.data);
    },
    (task) => process.stderr.write(`${lineOf(task)}\n`),
  );
}

/** Each of them is tried; the first that could not be canceled is the error. */
export async function cancel(ids: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await connect(options);
  await forEach(ids, async (id) => {
    const answer = await client.call('DELETE /executions/{id}', { path: { id } });
    // As StackStorm: what cannot be canceled is told with status 200.
    if (!('status' in answer)) throw new PetrelError('conflict', answer.faultstring);
    await print(answer, options, () => `Execution ${id} is ${answer.status}.`);
  });
}

const wish = (status: 'pausing' | 'resuming') => async (ids: readonly string[], options: GlobalOptions) => {
  const client = await connect(options);
  await forEach(ids, async (id) => {
    const execution = await client.call('PUT /executions/{id}', { path: { id }, body: { status } });
    await print(execution, options, () => `Execution ${id} is ${execution.status}.`);
  });
};
export const pause = wish('pausing');
export const resume = wish('resuming');

async function forEach(ids: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const id of ids) await work(id).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** One execution for people: head, tasks, result. */
function describeExecution(execution: Execution, children: readonly Execution[]): string {
  const { user } = execution.context ?? {};
  const lines = [
    `id:         ${execution.id}`,
    `action:     ${execution.action.ref}`,
    ...(user === undefined ? [] : [`user:       ${String(user)}`]),
    `status:     ${execution.status}`,
    `started:    ${shortTime(execution.start_timestamp)}`,
    `seconds:    ${secondsOf(execution)}`,
    `parameters: ${JSON.stringify(execution.parameters ?? {})}`,
  ];
  if (children.length > 0) {
    lines.push('', table(children, [column('TASK', 'task_name'), ...COLUMNS]));
  }
  lines.push('', 'result:', JSON.stringify(execution.result ?? null, null, 2));
  return lines.join('\n');
}
