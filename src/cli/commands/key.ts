import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Asked, KeyBody } from '../../client/index.ts';
import { isJsonObject, type Json, messageOf, PetrelError } from '../../model/index.ts';
import { readYaml } from '../arguments.ts';
import { connect } from '../client.ts';
import { type GlobalOptions, type LimitOptions, limitOf } from '../options.ts';
import { column, print, printList } from '../output.ts';
import { askSecrets } from '../prompt.ts';

interface KeyOptions extends GlobalOptions {
  readonly scope: string;
  readonly user?: string;
  readonly decrypt?: boolean;
}

interface ListOptions extends KeyOptions, LimitOptions {
  readonly prefix?: string;
}

export async function list(options: ListOptions): Promise<void> {
  const query = { ...queryOf(options), limit: limitOf(options), prefix: options.prefix };
  const { items, total } = await (await connect(options)).page('GET /keys', { query });
  const columns = [
    column('NAME', 'name'),
    column('SECRET', 'secret'),
    column('EXPIRES', 'expire_timestamp'),
    column('VALUE', 'value'),
  ];
  await printList(items, columns, options, total);
}

export async function get(names: readonly string[], options: KeyOptions): Promise<void> {
  const client = await connect(options);
  for (const name of names) {
    const key = await client.call('GET /keys/{path}', { path: { path: name }, query: queryOf(options) });
    await print(key, options, () => key.value);
  }
}

interface SetOptions extends KeyOptions {
  readonly secret?: boolean;
  readonly encrypt?: boolean;
  readonly encrypted?: boolean;
  readonly ttl?: string;
}

export async function set(name: string, value: string | undefined, options: SetOptions): Promise<void> {
  const ttl = options.ttl === undefined ? undefined : Number(options.ttl);
  if (ttl !== undefined && !(ttl > 0))
    throw new PetrelError('invalid', `--ttl takes a number of seconds above 0, not "${options.ttl}".`);
  const body = {
    value: await readValue(name, value),
    scope: options.scope,
    ...(options.user !== undefined && { user: options.user }),
    ...((options.secret === true || options.encrypt === true) && { secret: true }),
    ...(options.encrypted === true && { encrypted: true }),
    ...(ttl !== undefined && { ttl }),
  };
  const key = await (await connect(options)).call('PUT /keys/{path}', { path: { path: name }, body });
  await print(key, options, () => `Key ${name} is set.`);
}

export async function remove(names: readonly string[], options: KeyOptions): Promise<void> {
  const client = await connect(options);
  const { scope, user } = options;
  for (const name of names) {
    await client.call('DELETE /keys/{path}', { path: { path: name }, query: { scope, user } });
    await print({ name, deleted: true }, options, () => `Key ${name} is deleted.`);
  }
}

/** As `st2 key delete_by_prefix`; and it says which there were. */
export async function removeByPrefix(options: KeyOptions & { readonly prefix: string }): Promise<void> {
  if (options.prefix === '') throw new PetrelError('invalid', 'An empty --prefix would delete every key; name one.');
  const client = await connect(options);
  const { scope, user, prefix } = options;
  const names: string[] = [];
  for await (const { name } of client.all('GET /keys', { query: { scope, user, prefix } })) names.push(name);
  for (const name of names) await client.call('DELETE /keys/{path}', { path: { path: name }, query: { scope, user } });
  await print(
    names.map((name) => ({ name, deleted: true })),
    options,
    () =>
      `${names.length} ${names.length === 1 ? 'key is' : 'keys are'} deleted${names.length === 0 ? '.' : `: ${names.join(', ')}`}`,
  );
}

function queryOf({
  scope,
  user,
  decrypt,
}: KeyOptions): Pick<NonNullable<Asked<'GET /keys'>['query']>, 'scope' | 'user' | 'decrypt'> {
  return { scope, user, ...(decrypt === true && { decrypt: true }) };
}

interface LoadOptions extends GlobalOptions {
  readonly convert?: boolean;
}

/** As `st2 key load`: a list of keys, or one. What is wrong with any of them is said before the first is set. */
export async function load(file: string, options: LoadOptions): Promise<void> {
  const read = await readYaml(file);
  const keys = (Array.isArray(read) ? (read as readonly Json[]) : [read]).map((one, index) =>
    keyOf(one, `key ${index + 1} of ${file}`, options.convert === true),
  ); // arrays of JSON hold JSON
  const client = await connect(options);
  for (const [done, key] of keys.entries()) {
    try {
      await client.call('PUT /keys/{path}', { path: { path: key.name }, body: key });
    } catch (error) {
      if (!(error instanceof PetrelError)) throw error;
      const message = `The key "${key.name}" could not be set: ${messageOf(error)} Before it, ${done} of ${keys.length} were set.`;
      throw new PetrelError(error.code, message, { cause: error, details: { ...error.details } });
    }
  }
  await print(
    keys.map(({ name }) => ({ name })),
    options,
    () => `${keys.length} ${keys.length === 1 ? 'key is' : 'keys are'} set.`,
  );
}

function keyOf(one: Json, place: string, converts: boolean): KeyBody & { readonly name: string } {
  if (!isJsonObject(one) || typeof one.name !== 'string' || one.name === '' || one.value === undefined) {
    throw new PetrelError('invalid', `The ${place} must have a name and a value; nothing was set.`);
  }
  const { name, value } = one;
  if (typeof value === 'string') return { ...one, name, value };
  if (converts) return { ...one, name, value: JSON.stringify(value) };
  throw new PetrelError(
    'invalid',
    `The value of "${name}" (${place}) is no text; with --convert it becomes JSON. Nothing was set.`,
  );
}

/** Without a value a terminal is asked for it, hidden; without a terminal it is standard input. */
async function readValue(name: string, value: string | undefined): Promise<string> {
  if (value === undefined && process.stdin.isTTY) return (await askSecrets(`Value of ${name}`)).join('');
  if (value === undefined || value === '-') return await text(process.stdin);
  return value.startsWith('@') ? await readFile(value.slice(1), 'utf8') : value;
}
