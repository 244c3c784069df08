import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { PetrelError } from '../model/index.ts';
import type { Page } from '../store/index.ts';

/** StackStorm's -1: all there are. */
const ALL = Number.MAX_SAFE_INTEGER;

const pageQuery = z.object({
  limit: z.coerce.number().int().optional(),
  offset: z.coerce.number().int().min(0).default(0),
});

/** `limit` and `offset` of a list (stackstorm-api.md section 1.3). Throws `PetrelError` (`invalid`). */
export function pageOf(query: unknown, defaultLimit = 100): Page {
  const parsed = pageQuery.safeParse(query);
  if (!parsed.success) throw new PetrelError('invalid', 'limit and offset must be integers, offset not below 0.');
  const { limit = defaultLimit, offset } = parsed.data;
  if (limit === -1) return { limit: ALL, offset };
  if (limit < 1)
    throw new PetrelError('invalid', `Limit, "${limit}" specified, must be a positive number or -1 for everything.`);
  return { limit, offset };
}

/** Answers a list with its headers, each item cut down to the attributes that were asked for. */
export function sendList(
  reply: FastifyReply,
  query: unknown,
  page: Page,
  list: { readonly items: readonly object[]; readonly total: number },
): FastifyReply {
  const choose = attributeChooser(query);
  reply.header('X-Total-Count', String(list.total));
  if (page.limit !== ALL) reply.header('X-Limit', String(page.limit));
  return reply.send(list.items.map(choose));
}

/** Answers a page of what is all in memory. */
export function sendArray(
  reply: FastifyReply,
  query: unknown,
  items: readonly object[],
  defaultLimit = ALL,
): FastifyReply {
  const page = pageOf(query, defaultLimit);
  return sendList(reply, query, page, {
    items: items.slice(page.offset, page.offset + page.limit),
    total: items.length,
  });
}

function attributeChooser(query: unknown): (item: object) => object {
  const { include_attributes, exclude_attributes } = query as Record<string, string | undefined>; // fastify's query object
  if (include_attributes !== undefined && exclude_attributes !== undefined) {
    throw new PetrelError('invalid', 'exclude_attributes and include_attributes are mutually exclusive.');
  }
  const names = new Set(
    (include_attributes ?? exclude_attributes ?? '').split(',').map((name) => name.trim().split('.')[0]),
  );
  if (include_attributes !== undefined) return (item) => pick(item, (name) => name === 'id' || names.has(name));
  if (exclude_attributes !== undefined) return (item) => pick(item, (name) => !names.has(name));
  return (item) => item;
}

function pick(item: object, wanted: (name: string) => boolean): object {
  return Object.fromEntries(Object.entries(item).filter(([name]) => wanted(name)));
}
