import { z } from 'petrel/sdk';

/**
 * A key. Consul's HTTP API goes by paths, and a path with empty or dotted parts is silently read as another one; so these are
 * refused here.
 */
export const keyParameter = z
  .string()
  .min(1)
  .refine(isPath, 'must not begin with a slash nor have an empty, "." or ".." part')
  .describe('The key, e.g. databases/orders/host.');

/** A prefix: a key that may end in a slash, or nothing at all for every key. */
export const prefixParameter = z
  .string()
  .refine(
    (prefix) => prefix === '' || isPath(prefix.replace(/\/$/, '')),
    'must not begin with a slash nor have an empty, "." or ".." part',
  )
  .describe('Beginning of the keys, e.g. databases/orders/.');

function isPath(key: string): boolean {
  return key.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

export function keyPath(key: string): string {
  return `/v1/kv/${encodeURIComponent(key).replaceAll('%2F', '/')}`;
}

/** An entry as Consul's API writes it. */
const wireEntrySchema = z.object({
  Key: z.string(),
  Value: z.string().nullable(),
  Flags: z.number(),
  CreateIndex: z.number(),
  ModifyIndex: z.number(),
});

/** An entry as the pack's actions show it. Values are text; bytes that are not UTF-8 come out as replacement characters. */
export const entrySchema = z.object({
  key: z.string(),
  value: z.string(),
  flags: z.number(),
  create_index: z.number(),
  modify_index: z.number().describe('Give this as cas to change the key only if nobody else has in between.'),
});

export type Entry = z.output<typeof entrySchema>;

export function parseEntry(wire: unknown): Entry {
  const { Key, Value, Flags, CreateIndex, ModifyIndex } = wireEntrySchema.parse(wire);
  return {
    key: Key,
    value: Buffer.from(Value ?? '', 'base64').toString('utf8'),
    flags: Flags,
    create_index: CreateIndex,
    modify_index: ModifyIndex,
  };
}

export function parseEntries(text: string): Entry[] {
  return z.array(z.unknown()).parse(JSON.parse(text)).map(parseEntry);
}
