import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isAdmin } from '../access/index.ts';
import { type JsonObject, PetrelError } from '../model/index.ts';
import type { Page } from '../store/index.ts';
import { type AttributeQuery, attributesOf } from './attributes.ts';
import { requesterOf } from './auth.ts';

/** StackStorm's -1: all there are. */
export const ALL = Number.MAX_SAFE_INTEGER;

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

/** As StackStorm's `max_page_size`. */
const LARGEST_PAGE = 100;

/**
 * `pageOf` for lists that grow without end: as StackStorm, only administrators have more than 100 at once. Throws `PetrelError`
 * (`invalid`, `forbidden`).
 */
export function boundedPage(request: FastifyRequest, query: unknown, defaultLimit?: number): Page {
  const page = pageOf(query, defaultLimit);
  if (page.limit <= LARGEST_PAGE || isAdmin(requesterOf(request))) return page;
  const what =
    page.limit === ALL
      ? 'Administrator access required to be able to specify limit=-1 and retrieve all the records'
      : `Limit "${page.limit}" specified, maximum value is "${LARGEST_PAGE}"`;
  throw new PetrelError('forbidden', `${what}; ask for pages with limit and offset.`);
}

/** Answers a list with its headers, each item cut down to the attributes that were asked for. */
export function sendList(
  reply: FastifyReply,
  query: unknown,
  page: Page,
  list: { readonly items: readonly object[]; readonly total: number },
): FastifyReply {
  const { choose } = attributesOf(query as AttributeQuery); // the query's texts, whatever else is in it
  reply.header('X-Total-Count', String(list.total));
  if (page.limit !== ALL) reply.header('X-Limit', String(page.limit));
  // Views are made of JSON.
  return reply.send(list.items.map((item) => choose(item as JsonObject)));
}

/** Answers a page of what is all in memory, and counts what the caller may see of it. */
export async function sendArray(
  reply: FastifyReply,
  query: unknown,
  items: readonly object[],
  defaultLimit = ALL,
): Promise<FastifyReply> {
  const page = pageOf(query, defaultLimit);
  const { visible } = reply.request;
  const sorted = sortedBy(visible === null ? items : await visible(items), query);
  return sendList(reply, query, page, {
    items: sorted.slice(page.offset, page.offset + page.limit),
    total: sorted.length,
  });
}

/**
 * The items whose attributes are among the values that a query names for them; a comma separates alternatives. `attributes` maps a name
 * of the query to the attribute it asks for, the same name when it is left out.
 */
export function matching<T extends JsonObject>(
  items: readonly T[],
  query: Readonly<Record<string, unknown>>,
  attributes: Readonly<Record<string, (item: T) => unknown>>,
): readonly T[] {
  const wanted = Object.entries(attributes).flatMap(([name, attribute]) => {
    const value = query[name];
    return value === undefined ? [] : [{ attribute, values: String(value).split(',') }];
  });
  if (wanted.length === 0) return items;
  return items.filter((item) => wanted.every(({ attribute, values }) => values.includes(String(attribute(item)))));
}

/** Names that StackStorm's content lists can be sorted by. Others are ignored, as it does. */
const SORTABLE = ['id', 'uid', 'ref', 'name', 'pack', 'enabled'];

function sortedBy(items: readonly object[], query: unknown): readonly object[] {
  const { sort } = query as { sort?: unknown }; // a text, when there is one
  if (typeof sort !== 'string') return items;
  const keys = sort
    .split(',')
    .map((key) => ({ name: key.replace(/^[ +-]/, ''), turned: key.startsWith('-') }))
    .filter(({ name }) => SORTABLE.includes(name));
  if (keys.length === 0) return items;
  const textOf = (item: object, name: string) => String((item as JsonObject)[name] ?? ''); // views are made of JSON
  return items.toSorted((left, right) => {
    for (const { name, turned } of keys) {
      const [a, b] = [textOf(left, name), textOf(right, name)];
      if (a !== b) return a < b === turned ? 1 : -1;
    }
    return 0;
  });
}
