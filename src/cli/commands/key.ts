import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { KeyBody } from '../../client/index.ts';
import { isJsonObject, type Json, type JsonObject, messageOf, PetrelError } from '../../model/index.ts';
import { readYaml } from '../arguments.ts';
import { call, connect, findConnection } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, table } from '../output.ts';

interface KeyOptions extends GlobalOptions {
  readonly scope: string;
  readonly user?: string;
  readonly prefix?: string;
  readonly decrypt?: boolean;
  readonly secret?: boolean;
  readonly encrypt?: boolean;
  readonly ttl?: string;
}

export async function list(options: KeyOptions): Promise<void> {
  const query = queryOf(options);
  query.set('limit', '-1');
  if (options.prefix !== undefined) query.set('prefix', options.prefix);
  const { body } = await call(findConnection(options, process.env), 'GET', `/keys?${query}`);
  const columns = [
    column('NAME', 'name'),
    column('SECRET', 'secret'),
    column('EXPIRES', 'expire_timestamp'),
    column('VALUE', 'value'),
  ];
  print(body, options.json === true, () => table(body as readonly JsonObject[], columns)); // a list answers an array
}

export async function get(name: string, options: KeyOptions): Promise<void> {
  const { body } = await call(
    findConnection(options, process.env),
    'GET',
    `/keys/${encodeURIComponent(name)}?${queryOf(options)}`,
  );
  print(body, options.json === true, () => String((body as JsonObject).value)); // a key
}

export async function set(name: string, value: string, options: KeyOptions): Promise<void> {
  const ttl = options.ttl === undefined ? undefined : Number(options.ttl);
  if (ttl !== undefined && !(ttl > 0))
    throw new PetrelError('invalid', `--ttl takes a number of seconds above 0, not "${options.ttl}".`);
  const { body } = await call(findConnection(options, process.env), 'PUT', `/keys/${encodeURIComponent(name)}`, {
    value: await readValue(value),
    scope: options.scope,
    ...(options.user !== undefined && { user: options.user }),
    ...((options.secret === true || options.encrypt === true) && { secret: true }),
    ...(ttl !== undefined && { ttl }),
  });
  print(body, options.json === true, () => `Key ${name} is set.`);
}

export async function remove(name: string, options: KeyOptions): Promise<void> {
  await call(findConnection(options, process.env), 'DELETE', `/keys/${encodeURIComponent(name)}?${queryOf(options)}`);
  print({ name, deleted: true }, options.json === true, () => `Key ${name} is deleted.`);
}

function queryOf({ scope, user, decrypt }: KeyOptions): URLSearchParams {
  return new URLSearchParams({
    scope,
    ...(user !== undefined && { user }),
    ...(decrypt === true && { decrypt: 'true' }),
  });
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
  const client = connect(options);
  for (const [done, key] of keys.entries()) {
    try {
      await client.call('PUT /keys/{path}', { path: { path: key.name }, body: key });
    } catch (error) {
      if (!(error instanceof PetrelError)) throw error;
      const message = `The key "${key.name}" could not be set: ${messageOf(error)} Before it, ${done} of ${keys.length} were set.`;
      throw new PetrelError(error.code, message, { cause: error, details: { ...error.details } });
    }
  }
  print(
    keys.map(({ name }) => ({ name })),
    options.json === true,
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

async function readValue(value: string): Promise<string> {
  if (value === '-') return await text(process.stdin);
  return value.startsWith('@') ? await readFile(value.slice(1), 'utf8') : value;
}
