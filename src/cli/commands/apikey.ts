import type { Asked } from '../../client/index.ts';
import { isJsonObject, type Json, type JsonObject, PetrelError } from '../../model/index.ts';
import { parseObject, readYaml } from '../arguments.ts';
import { connect } from '../client.ts';
import { type GlobalOptions, type LimitOptions, limitOf } from '../options.ts';
import { column, print, printFields, printList, timeColumn } from '../output.ts';

interface CreateOptions extends GlobalOptions {
  readonly user?: string;
  readonly metadata?: string;
}

/** Prints the key and nothing else: it is said this once. */
export async function create(options: CreateOptions): Promise<void> {
  const { user, metadata } = options;
  const body = {
    ...(user !== undefined && { user }),
    ...(metadata !== undefined && { metadata: await parseObject(metadata, 'metadata') }),
  };
  const made = await (await connect(options)).call('POST /apikeys', { body });
  await print(made, options, () => String(made.key));
}

interface ListOptions extends GlobalOptions, LimitOptions {
  readonly user?: string;
  readonly detail?: boolean;
}

export async function list(options: ListOptions): Promise<void> {
  const query = { limit: limitOf(options), user: options.user };
  const { items, total } = await (await connect(options)).page('GET /apikeys', { query });
  const columns = [
    column('ID', 'id'),
    column('USER', 'user'),
    column('ENABLED', 'enabled'),
    timeColumn('CREATED', 'created_at'),
    column('METADATA', 'metadata'),
  ];
  await printList(items, columns, options.detail === true ? { ...options, attr: ['all'] } : options, total);
}

export async function get(ids: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await connect(options);
  for (const id of ids) await printFields(await client.call('GET /apikeys/{id}', { path: { id } }), options);
}

export async function remove(id: string, options: GlobalOptions): Promise<void> {
  await (await connect(options)).call('DELETE /apikeys/{id}', { path: { id } });
  await print({ deleted: true }, options, () => 'The API key is deleted.');
}

const switchTo = (enabled: boolean) => async (id: string, options: GlobalOptions) => {
  const changed = await (await connect(options)).call('PUT /apikeys/{id}', { path: { id }, body: { enabled } });
  await print(changed, options, () => `The API key is ${enabled ? 'enabled' : 'disabled'}.`);
};
export const enable = switchTo(true);
export const disable = switchTo(false);

/** As `st2 apikey load`: keys of another installation, by their hashes. All are looked at before the first is made. */
export async function load(file: string, options: GlobalOptions): Promise<void> {
  const read = await readYaml(file);
  const keys = (Array.isArray(read) ? (read as readonly Json[]) : [read]).map((one, index) =>
    keyOf(one, `API key ${index + 1} of ${file}`),
  ); // a list of JSON holds JSON
  const client = await connect(options);
  const made: Json[] = [];
  for (const body of keys) made.push(await client.call('POST /apikeys', { body }));
  await print(made, options, () => `${made.length} ${made.length === 1 ? 'API key is' : 'API keys are'} loaded.`);
}

function keyOf(one: Json, place: string): NonNullable<Asked<'POST /apikeys'>['body']> {
  const { user, key_hash, metadata, enabled, id, created_at }: JsonObject = isJsonObject(one) ? one : {};
  if (typeof user !== 'string' || typeof key_hash !== 'string') {
    throw new PetrelError('invalid', `The ${place} must have a user and a key_hash; nothing was loaded.`);
  }
  return {
    user,
    key_hash,
    metadata: isJsonObject(metadata) ? metadata : {},
    enabled: enabled === true,
    ...(typeof id === 'string' && { id }),
    ...(typeof created_at === 'string' && { created_at }),
  };
}
