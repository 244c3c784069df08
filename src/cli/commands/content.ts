import type { Asked, Operation } from '../../client/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/index.ts';
import { readDocument } from '../arguments.ts';
import { connect } from '../client.ts';
import { type GlobalOptions, type LimitOptions, limitOf } from '../options.ts';
import { type Column, column, print, printFields, printList, timeColumn } from '../output.ts';

const TRIGGER = [column('REF', 'ref'), column('TYPE', 'type'), column('PARAMETERS', 'parameters')];
const REF = column('REF', 'ref');
const ID = column('ID', 'id');
const ENABLED = column('ENABLED', 'enabled');
const DESCRIPTION = column('DESCRIPTION', 'description');

/** Of each collection: how it is asked for, and what its list shows. */
const COLLECTIONS = {
  '/actions': {
    list: 'GET /actions',
    get: 'GET /actions/{ref}',
    columns: [REF, column('RUNNER', 'runner_type'), DESCRIPTION],
  },
  '/rules': {
    list: 'GET /rules',
    get: 'GET /rules/{ref}',
    columns: [REF, ENABLED, column('TRIGGER', 'trigger.type'), column('ACTION', 'action.ref')],
  },
  '/ruleenforcements': {
    list: 'GET /ruleenforcements',
    get: 'GET /ruleenforcements/{id}',
    columns: [
      ID,
      column('RULE', 'rule.ref'),
      column('TRIGGER INSTANCE', 'trigger_instance_id'),
      column('EXECUTION', 'execution_id'),
      timeColumn('ENFORCED', 'enforced_at'),
      column('FAILURE', 'failure_reason'),
    ],
  },
  '/triggertypes': { list: 'GET /triggertypes', get: 'GET /triggertypes/{ref}', columns: [REF, DESCRIPTION] },
  '/triggerinstances': {
    list: 'GET /triggerinstances',
    get: 'GET /triggerinstances/{id}',
    columns: [ID, column('TRIGGER', 'trigger'), timeColumn('OCCURRED', 'occurrence_time'), column('STATUS', 'status')],
  },
  '/timers': { list: 'GET /timers', get: 'GET /timers/{ref}', columns: TRIGGER },
  '/webhooks': { list: 'GET /webhooks', get: 'GET /webhooks/{path}', columns: TRIGGER },
  '/traces': {
    list: 'GET /traces',
    get: 'GET /traces/{id}',
    columns: [ID, column('TAG', 'trace_tag'), timeColumn('START', 'start_timestamp')],
  },
  '/policies': {
    list: 'GET /policies',
    get: 'GET /policies/{ref}',
    columns: [
      REF,
      ENABLED,
      column('TYPE', 'policy_type'),
      column('ACTION', 'resource_ref'),
      column('PARAMETERS', 'parameters'),
    ],
  },
  '/policytypes': { list: 'GET /policytypes', get: 'GET /policytypes/{ref}', columns: [REF, DESCRIPTION] },
  '/runnertypes': {
    list: 'GET /runnertypes',
    get: 'GET /runnertypes/{name}',
    columns: [column('NAME', 'name'), ENABLED, DESCRIPTION],
  },
  '/sensortypes': {
    list: 'GET /sensortypes',
    get: 'GET /sensortypes/{ref}',
    columns: [
      REF,
      ENABLED,
      column('STATE', 'state.status'),
      column('PID', 'state.pid'),
      column('RESTARTS', 'state.restarts'),
      // A failure may be a whole stack trace.
      {
        title: 'LAST ERROR',
        value: (row: JsonObject) => column('', 'state.last_error').value(row).split('\n', 1)[0] ?? '',
      },
    ],
  },
  '/actionalias': {
    list: 'GET /actionalias',
    get: 'GET /actionalias/{ref}',
    columns: [REF, ENABLED, column('ACTION', 'action_ref'), { title: 'FORMATS', value: formatsOf }],
  },
  '/packs': {
    list: 'GET /packs',
    get: 'GET /packs/{ref}',
    columns: [REF, column('VERSION', 'version'), DESCRIPTION],
  },
} as const satisfies Record<
  string,
  { readonly list: Operation; readonly get: Operation; readonly columns: readonly Column[] }
>;

export type CollectionPath = keyof typeof COLLECTIONS;
/** Those whose things are made and deleted here. */
export type WritablePath = '/actions' | '/rules' | '/triggertypes' | '/policies' | '/actionalias';
/** Those whose things are switched on and off. */
export type SwitchablePath = Exclude<WritablePath, '/triggertypes'> | '/sensortypes' | '/runnertypes';

type ListOptions = GlobalOptions & LimitOptions;

/** One line each. `filters`: what the list is narrowed by, named as in the query. */
export async function list(
  path: CollectionPath,
  filters: Readonly<Record<string, string>>,
  options: ListOptions,
): Promise<void> {
  const { list: operation, columns } = COLLECTIONS[path];
  const client = await connect(options);
  // Filters are those of this collection: nouns/ names them.
  const query = { ...filters, limit: limitOf(options) } as Asked<typeof operation>['query'];
  const { items, total } = await client.page(operation, { query: query ?? {} });
  const warnings = path === '/packs' ? await missingDeclarations(options) : [];
  await printList(items, columns, options, total);
  for (const warning of warnings) process.stderr.write(`petrel: warning: ${warning}\n`);
}

/** Packs that are gone while objects of their resources carry a finalizer: those cannot be deleted. */
async function missingDeclarations(options: GlobalOptions): Promise<readonly string[]> {
  const { items } = await (await connect(options)).page('GET /resources', { query: { limit: -1 } });
  const kinds = items.filter(({ declared }) => declared === false);
  return kinds.map(({ ref, pack, problem }) => `The pack ${pack}, which declared ${ref}, is gone. ${problem}`);
}

/** Each thing with all its fields. */
export async function get(path: CollectionPath, names: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await connect(options);
  const things: Json[] = [];
  for (const name of names) things.push(await client.call(COLLECTIONS[path].get, { path: placed(name) }));
  const [first = null] = things;
  if (things.length === 1) return await printFields(first, options);
  if (options.json === true || options.yaml === true) return await print(things, options, String);
  for (const thing of things) await printFields(thing, options);
}

/** Under each of the names that an address has for it. */
function placed(name: string): Readonly<Record<'ref' | 'id' | 'name' | 'path', string>> {
  return { ref: name, id: name, name, path: name };
}

export async function create(path: WritablePath, file: string, options: GlobalOptions): Promise<void> {
  const body = (await readDocument(file)) as never; // the server says what is wrong with it
  const made = await (await connect(options)).call(`POST ${path}`, { body });
  await print(made, options, () => `${nameOf(made)} is made.`);
}

export async function update(path: WritablePath, name: string, file: string, options: GlobalOptions): Promise<void> {
  const body = (await readDocument(file)) as never; // likewise
  const replaced = await (await connect(options)).call(`PUT ${path}/{ref}`, { path: placed(name), body });
  await print(replaced, options, () => `${nameOf(replaced)} is replaced.`);
}

export async function remove(path: WritablePath, names: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await connect(options);
  for (const name of names) {
    await client.call(`DELETE ${path}/{ref}`, { path: placed(name) });
    await print({ name, deleted: true }, options, () => `${name} is deleted.`);
  }
}

export const enable = (path: SwitchablePath, name: string, options: GlobalOptions) => change(path, name, true, options);
export const disable = (path: SwitchablePath, name: string, options: GlobalOptions) =>
  change(path, name, false, options);

/** As StackStorm's command: the thing as it is, with another `enabled`. */
async function change(path: SwitchablePath, name: string, enabled: boolean, options: GlobalOptions): Promise<void> {
  const client = await connect(options);
  const before = await client.call(COLLECTIONS[path].get, { path: placed(name) });
  const key = path === '/runnertypes' ? 'name' : 'ref';
  const body = { ...before, enabled } as never; // what the server has just said
  const after = await client.call(`PUT ${path}/{${key}}` as `PUT ${WritablePath}/{ref}`, { path: placed(name), body }); // each has its own key
  await print(after, options, () => `${nameOf(after)} is ${enabled ? 'enabled' : 'disabled'} now.`);
}

function nameOf(thing: unknown): string {
  return isJsonObject(thing) ? String(thing.ref ?? thing.name ?? thing.id) : '';
}

/** What can be said to a chat. */
function formatsOf({ formats }: JsonObject): string {
  const all: readonly Json[] = Array.isArray(formats) ? formats : [];
  return all
    .map((format) => (isJsonObject(format) ? String(format.display ?? '') : String(format)))
    .filter((text) => text !== '')
    .join(' | ');
}
