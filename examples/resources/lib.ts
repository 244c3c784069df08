import { z } from 'petrel/sdk';

/** Every folder of ours lies below this, and says in the key `.owner` whose it is. */
export const ROOT = 'consulconfigs/';
export const OWNER = '.owner';

export interface Consul {
  readonly config: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

const entries = z.array(z.object({ Key: z.string(), Value: z.string().nullable() }));

/** The keys below a prefix, without it, and their values. */
export async function read(consul: Consul, prefix: string): Promise<Map<string, string>> {
  const response = await send(consul, 'GET', `${prefix}?recurse=true`);
  if (response.status === 404) return new Map();
  const found = entries.parse(await response.json());
  return new Map(
    found.map(({ Key, Value }) => [Key.slice(prefix.length), Buffer.from(Value ?? '', 'base64').toString()]),
  );
}

export async function send(
  { config, signal }: Consul,
  method: 'GET' | 'PUT' | 'DELETE',
  path: string,
  body?: string,
): Promise<Response> {
  const url = `${config.url}/v1/kv/${path}`;
  const response = await fetch(url, { method, signal, ...(body !== undefined && { body }) });
  if (!response.ok && response.status !== 404)
    throw new Error(`Consul answered ${method} ${path} with ${response.status}.`);
  return response;
}
