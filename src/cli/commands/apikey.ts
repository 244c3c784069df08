import type { JsonObject } from '../../model/index.ts';
import { parseObject } from '../arguments.ts';
import { call, findConnection } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, shortTime, table } from '../output.ts';

interface CreateOptions extends GlobalOptions {
  readonly user?: string;
  readonly metadata?: string;
}

/** Prints the key and nothing else: it is said this once. */
export async function create(options: CreateOptions): Promise<void> {
  const { user, metadata } = options;
  const { body } = await call(findConnection(options, process.env), 'POST', '/apikeys', {
    ...(user !== undefined && { user }),
    ...(metadata !== undefined && { metadata: await parseObject(metadata, 'metadata') }),
  });
  print(body, options.json === true, () => String((body as JsonObject).key)); // the answer of this route
}

export async function list(options: GlobalOptions & { readonly user?: string }): Promise<void> {
  const query = new URLSearchParams({ limit: '-1', ...(options.user !== undefined && { user: options.user }) });
  const { body } = await call(findConnection(options, process.env), 'GET', `/apikeys?${query}`);
  const columns = [
    column('ID', 'id'),
    column('USER', 'user'),
    column('ENABLED', 'enabled'),
    { title: 'CREATED', value: (row: JsonObject) => shortTime(row.created_at) },
    column('METADATA', 'metadata'),
  ];
  print(body, options.json === true, () => table(body as readonly JsonObject[], columns)); // a list answers an array
}

export async function remove(id: string, options: GlobalOptions): Promise<void> {
  await call(findConnection(options, process.env), 'DELETE', `/apikeys/${encodeURIComponent(id)}`);
  print({ deleted: true }, options.json === true, () => 'The API key is deleted.');
}

const switchTo = (enabled: boolean) => async (id: string, options: GlobalOptions) => {
  const path = `/apikeys/${encodeURIComponent(id)}`;
  const { body } = await call(findConnection(options, process.env), 'PUT', path, { enabled });
  print(body, options.json === true, () => `The API key is ${enabled ? 'enabled' : 'disabled'}.`);
};
export const enable = switchTo(true);
export const disable = switchTo(false);
