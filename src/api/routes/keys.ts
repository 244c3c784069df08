import { z } from 'zod';
import type { Requester } from '../../access/index.ts';
import type { Key, KeyAddress } from '../../datastore/index.ts';
import { PetrelError } from '../../model/index.ts';
import { requesterOf } from '../auth.ts';
import { packOfKey } from '../auth-resources.ts';
import { notFound } from '../errors.ts';
import { ALL, pageOf, sendList } from '../listing.ts';
import { flag, listQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { id, timestamp } from '../shapes/common.ts';
import { keyView } from '../views.ts';

const TAG = 'Keys';

const SCOPES: Readonly<Record<string, 'system' | 'user'>> = {
  system: 'system',
  'st2kv.system': 'system',
  user: 'user',
  'st2kv.user': 'user',
};

const key = z
  .strictObject({
    id,
    uid: z.string(),
    name: z.string(),
    value: z.string(),
    scope: z.enum(['st2kv.system', 'st2kv.user']),
    user: z.string().optional(),
    secret: z.boolean(),
    encrypted: z.boolean(),
    description: z.string().optional(),
    expire_timestamp: timestamp.optional(),
  })
  .meta({ id: 'Key' });

const keyBody = z
  .looseObject({
    name: z.string().nullish(),
    value: z.string(),
    scope: z.string().nullish(),
    user: z.string().nullish(),
    ttl: z.number().positive().max(1e9).nullish().meta({ description: 'Seconds.' }),
    secret: z.boolean().nullish(),
    encrypted: z.boolean().nullish().meta({ description: "The value is a secret's ciphertext already." }),
    description: z.string().nullish(),
  })
  .meta({ id: 'KeyBody' });

const place = { scope: z.string().optional(), user: z.string().optional() };

/** /keys (jinja and datastore reference, section 9). Names may hold slashes. */
export function keyRoutes({ keys, registry }: ApiServices): readonly Route[] {
  const isPack = (name: string) => registry.snapshot().packs.has(name);
  const reached = (requester: Requester, name: string, place: Place): KeyAddress & { readonly name: string } => {
    const meant = address(name, place, requester.user);
    const owner = foreignOwner(meant, requester, isPack);
    if (owner === undefined) return meant;
    throw new PetrelError(
      'forbidden',
      `The key "${name}" belongs to ${owner}; pack "${requester.pack}" has no access to it.`,
    );
  };
  return [
    route({
      method: 'GET',
      path: '/keys',
      tag: TAG,
      summary: 'Lists keys by name',
      query: z.object({
        ...listQuery,
        ...place,
        prefix: z.string().default(''),
        name: z.string().optional(),
        decrypt: flag.optional(),
        sort: z.string().optional(),
      }),
      answer: z.array(key),
      async handle({ query, reply, user: caller, request }) {
        const requester = requesterOf(request);
        const shown = (items: readonly Key[]) =>
          items.filter((item) => foreignOwner(item, requester, isPack) === undefined).map(keyView);
        const page = pageOf(query);
        const { scope, user, prefix, name } = query;
        const decrypt = query.decrypt === true;
        const userOf = (of: 'system' | 'user') => (of === 'user' ? { user: user ?? caller } : {});
        if (name !== undefined) {
          const scopes = scope === 'all' ? (['system', 'user'] as const) : [scopeOf(scope, user)];
          const found = await Promise.all(
            scopes.map((of) => keys.get({ scope: of, ...userOf(of), name }, { decrypt })),
          );
          const items = shown(found.flatMap((item) => (item?.name.startsWith(prefix) ? [item] : [])));
          const chosen = items.slice(page.offset, page.offset + page.limit);
          return sendList(reply, query, page, { items: chosen, total: items.length });
        }
        const list = (of: 'system' | 'user', limit: number, offset: number) =>
          keys.list({ scope: of, ...userOf(of) }, { prefix, decrypt, limit, offset });
        if (scope === 'all') {
          // As StackStorm: one list after the other, without pages.
          const lists = [await list('system', ALL, 0), await list('user', ALL, 0)];
          const items = shown(lists.flatMap((listed) => listed.items));
          return sendList(reply, query, { limit: ALL, offset: 0 }, { items, total: items.length });
        }
        const { items, total } = await list(scopeOf(scope, user), page.limit, page.offset);
        return sendList(reply, query, page, { items: shown(items), total });
      },
    }),
    route({
      method: 'GET',
      path: '/keys/*',
      tag: TAG,
      summary: 'Shows a key; a secret as ciphertext, unless it is to be decrypted',
      query: z.object({ ...place, decrypt: flag.optional() }),
      answer: key,
      async handle({ params, query, request }) {
        const name = params['*'] ?? '';
        const found = await keys.get(reached(requesterOf(request), name, query), { decrypt: query.decrypt === true });
        if (found === undefined) throw notFound('KeyValuePair', name);
        return keyView(found);
      },
    }),
    route({
      method: 'PUT',
      path: '/keys/*',
      tag: TAG,
      summary: 'Makes a key, or replaces it',
      query: z.object(place),
      body: keyBody,
      answer: key,
      async handle({ params, query, body, request }) {
        const { value, ttl, secret, encrypted, description } = body;
        const name = params['*'] ?? '';
        const scope = { scope: body.scope ?? query.scope, user: body.user ?? query.user };
        const put = await keys.set(reached(requesterOf(request), name, scope), value, {
          ...(typeof ttl === 'number' && { ttl }),
          ...(secret === true && { secret }),
          ...(encrypted === true && { encrypted }),
          ...(typeof description === 'string' && { description }),
        });
        return keyView(put);
      },
    }),
    route({
      method: 'DELETE',
      path: '/keys/*',
      tag: TAG,
      summary: 'Deletes a key',
      query: z.object(place),
      status: 204,
      async handle({ params, query, request }) {
        const name = params['*'] ?? '';
        if (!(await keys.delete(reached(requesterOf(request), name, query)))) throw notFound('KeyValuePair', name);
      },
    }),
  ];
}

interface Place {
  readonly scope?: string | undefined;
  readonly user?: string | undefined;
}

function scopeOf(scope: string | undefined, user: string | undefined): 'system' | 'user' {
  if (scope === undefined) return user === undefined ? 'system' : 'user';
  const known = Object.hasOwn(SCOPES, scope) ? SCOPES[scope] : undefined;
  if (known === undefined) throw new PetrelError('invalid', `Scope "${scope}" is invalid; there are system and user.`);
  return known;
}

function address(name: string, { scope, user }: Place, caller: string): KeyAddress & { readonly name: string } {
  return scopeOf(scope, user) === 'user' ? { scope: 'user', user: user ?? caller, name } : { scope: 'system', name };
}

/**
 * Whose key it is, when the requester is code of a pack that has no business with it: another pack's own keys and another user's. What
 * belongs to nobody in particular is everybody's who may see it, as in StackStorm.
 */
function foreignOwner(
  { scope, user, name }: KeyAddress,
  requester: Requester,
  isPack: (name: string) => boolean,
): string | undefined {
  if (requester.pack === undefined) return undefined;
  if (scope === 'user') return user === requester.user ? undefined : `user "${user}"`;
  const owner = packOfKey(name);
  return owner === undefined || owner === requester.pack || !isPack(owner) ? undefined : `pack "${owner}"`;
}
