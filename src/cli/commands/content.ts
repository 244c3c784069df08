import { isJsonObject, type JsonObject } from '../../model/index.ts';
import { readDocument } from '../arguments.ts';
import { connect } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { type Column, column, print, shortTime, table } from '../output.ts';

const TRIGGER = [column('REF', 'ref'), column('TYPE', 'type'), column('PARAMETERS', 'parameters')];

/** What a list shows, by its address in the API. */
const COLUMNS = {
  '/actions': [column('REF', 'ref'), column('RUNNER', 'runner_type'), column('DESCRIPTION', 'description')],
  '/rules': [
    column('REF', 'ref'),
    column('ENABLED', 'enabled'),
    column('TRIGGER', 'trigger.type'),
    column('ACTION', 'action.ref'),
  ],
  '/ruleenforcements': [
    column('ID', 'id'),
    column('RULE', 'rule.ref'),
    column('TRIGGER INSTANCE', 'trigger_instance_id'),
    column('EXECUTION', 'execution_id'),
    time('ENFORCED', 'enforced_at'),
    column('FAILURE', 'failure_reason'),
  ],
  '/triggertypes': [column('REF', 'ref'), column('DESCRIPTION', 'description')],
  '/triggerinstances': [
    column('ID', 'id'),
    column('TRIGGER', 'trigger'),
    time('OCCURRED', 'occurrence_time'),
    column('STATUS', 'status'),
  ],
  '/timers': TRIGGER,
  '/webhooks': TRIGGER,
  '/traces': [column('ID', 'id'), column('TAG', 'trace_tag'), time('START', 'start_timestamp')],
  '/policies': [
    column('REF', 'ref'),
    column('ENABLED', 'enabled'),
    column('TYPE', 'policy_type'),
    column('ACTION', 'resource_ref'),
    column('PARAMETERS', 'parameters'),
  ],
  '/actionalias': [column('REF', 'ref'), column('ENABLED', 'enabled'), column('ACTION', 'action_ref')],
  '/packs': [column('REF', 'ref'), column('VERSION', 'version'), column('DESCRIPTION', 'description')],
} satisfies Record<string, readonly Column[]>;

export type CollectionPath = keyof typeof COLUMNS;

function time(title: string, field: string): Column {
  return { title, value: (row) => shortTime(row[field]) };
}

type ListOptions = GlobalOptions & { readonly limit?: string } & Readonly<Record<string, unknown>>;

/** One line each. `filters`: which options are sent as they are, named as in the query. */
export async function list(path: CollectionPath, filters: readonly string[], options: ListOptions): Promise<void> {
  const query = new URLSearchParams({ limit: options.limit ?? '-1' });
  for (const filter of filters) {
    const value = options[filter.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())];
    if (value !== undefined) query.set(filter, String(value));
  }
  const client = connect(options);
  const { body, total = 0 } = await client.request('GET', `${path}?${query}`);
  const warnings = path === '/packs' ? await missingDeclarations(options) : [];
  print(body, options.json === true, () => {
    const rows = body as readonly JsonObject[]; // a list answers an array
    const more = total > rows.length ? `\n${rows.length} of ${total}; -n ${total} shows all.` : '';
    return table(rows, COLUMNS[path]) + more;
  });
  for (const warning of warnings) process.stderr.write(`petrel: warning: ${warning}\n`);
}

/** Packs that are gone while objects of their resources carry a finalizer: those cannot be deleted. */
async function missingDeclarations(options: GlobalOptions): Promise<readonly string[]> {
  const { items } = await connect(options).page('GET /resources', { query: { limit: -1 } });
  const kinds = items.filter(({ declared }) => declared === false);
  return kinds.map(({ ref, pack, problem }) => `The pack ${pack}, which declared ${ref}, is gone. ${problem}`);
}

/** One thing with all its fields. */
export async function get(path: CollectionPath, name: string, options: GlobalOptions): Promise<void> {
  const { body } = await connect(options).request('GET', placeOf(path, name));
  const rows = Object.entries(body as JsonObject).map(([field, value = null]) => ({ field, value })); // one thing is an object
  print(body, options.json === true, () => table(rows, [column('FIELD', 'field'), column('VALUE', 'value')]));
}

export async function create(path: CollectionPath, file: string, options: GlobalOptions): Promise<void> {
  const { body } = await connect(options).request('POST', path, await readDocument(file));
  print(body, options.json === true, () => `${nameOf(body)} is made.`);
}

export async function update(path: CollectionPath, name: string, file: string, options: GlobalOptions): Promise<void> {
  const { body } = await connect(options).request('PUT', placeOf(path, name), await readDocument(file));
  print(body, options.json === true, () => `${nameOf(body)} is replaced.`);
}

export async function remove(path: CollectionPath, name: string, options: GlobalOptions): Promise<void> {
  await connect(options).request('DELETE', placeOf(path, name));
  print({ name, deleted: true }, options.json === true, () => `${name} is deleted.`);
}

export const enable = (path: CollectionPath, name: string, options: GlobalOptions) => change(path, name, true, options);
export const disable = (path: CollectionPath, name: string, options: GlobalOptions) =>
  change(path, name, false, options);

/** As StackStorm's command: the thing as it is, with another `enabled`. */
async function change(path: CollectionPath, name: string, enabled: boolean, options: GlobalOptions): Promise<void> {
  const client = connect(options);
  const { body: before } = await client.request('GET', placeOf(path, name));
  const { body } = await client.request('PUT', placeOf(path, name), { ...(before as JsonObject), enabled }); // one thing is an object
  print(body, options.json === true, () => `${nameOf(body)} is ${enabled ? 'enabled' : 'disabled'} now.`);
}

function placeOf(path: CollectionPath, name: string): string {
  return `${path}/${encodeURIComponent(name)}`;
}

function nameOf(thing: unknown): string {
  return isJsonObject(thing) ? String(thing.ref ?? thing.id) : '';
}
