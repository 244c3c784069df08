import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { JsonObject } from '../../model/index.ts';
import { PetrelError } from '../../model/index.ts';
import { call, findConnection } from '../client.ts';
import type { GlobalOptions } from '../main.ts';
import { column, print, table } from '../output.ts';

interface KeyOptions extends GlobalOptions {
  readonly scope: string;
  readonly user?: string;
  readonly prefix?: string;
  readonly decrypt?: boolean;
  readonly secret?: boolean;
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
    ...(options.secret === true && { secret: true }),
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

async function readValue(value: string): Promise<string> {
  if (value === '-') return await text(process.stdin);
  return value.startsWith('@') ? await readFile(value.slice(1), 'utf8') : value;
}
