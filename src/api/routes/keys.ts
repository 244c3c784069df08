import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { KeyAddress } from '../../datastore/index.ts';
import { PetrelError } from '../../model/index.ts';
import { type Caller, callerOf } from '../auth.ts';
import { notFound } from '../errors.ts';
import { pageOf, sendList } from '../listing.ts';
import type { ApiServices } from '../services.ts';
import { keyView } from '../views.ts';

type ByName = { Params: { '*': string } };

const SCOPES: Readonly<Record<string, 'system' | 'user'>> = {
  system: 'system',
  'st2kv.system': 'system',
  user: 'user',
  'st2kv.user': 'user',
};

const put = z.object({
  value: z.string(),
  scope: z.string().nullish(),
  user: z.string().nullish(),
  ttl: z.number().positive().nullish(),
  secret: z.boolean().nullish(),
  description: z.string().nullish(),
});

/** /keys (jinja and datastore reference, section 9). Names may hold slashes. */
export function keyRoutes(api: FastifyInstance, { keys, registry }: ApiServices): void {
  const isPack = (name: string) => registry.snapshot().packs.has(name);
  const address = (request: FastifyRequest, scope: string | undefined, user: string | undefined): KeyAddress => {
    const caller = callerOf(request);
    const name = (request.params as ByName['Params'])['*']; // all routes that ask have this wildcard
    const meant = addressOf(name, scope, user, caller);
    const owner = foreignPack(meant, caller, isPack);
    if (owner === undefined) return meant;
    throw new PetrelError(
      'forbidden',
      `The key "${name}" belongs to ${owner}; pack "${caller.pack}" has no access to it.`,
    );
  };

  api.get('/keys', async (request, reply) => {
    const query = request.query as Record<string, string | undefined>; // fastify's query object
    const page = pageOf(query);
    const caller = callerOf(request);
    const scopes = query.scope === 'all' ? (['system', 'user'] as const) : [scopeOf(query.scope, query.user)];
    const lists = await Promise.all(
      scopes.map((scope) =>
        keys.list(
          { scope, ...(scope === 'user' && { user: query.user ?? caller.user }) },
          { prefix: query.prefix ?? '', decrypt: query.decrypt === 'true', limit: page.limit, offset: page.offset },
        ),
      ),
    );
    const items = lists
      .flatMap((list) => list.items.filter((key) => foreignPack(key, caller, isPack) === undefined).map(keyView))
      .filter(({ name }) => query.name === undefined || query.name === name);
    return sendList(reply, query, page, { items, total: lists.reduce((sum, { total }) => sum + total, 0) });
  });

  api.get<ByName>('/keys/*', async (request) => {
    const query = request.query as Record<string, string | undefined>; // fastify's query object
    const name = request.params['*'];
    const key = await keys.get(address(request, query.scope, query.user), { decrypt: query.decrypt === 'true' });
    if (key === undefined) throw notFound('KeyValuePair', name);
    return keyView(key);
  });

  api.put<ByName>('/keys/*', async (request) => {
    const body = put.safeParse(request.body);
    if (!body.success) throw new PetrelError('invalid', `The key is not valid: ${z.prettifyError(body.error)}`);
    const { value, scope, user, ttl, secret, description } = body.data;
    const key = await keys.set(address(request, scope ?? undefined, user ?? undefined), value, {
      ...(typeof ttl === 'number' && { ttl }),
      ...(secret === true && { secret }),
      ...(typeof description === 'string' && { description }),
    });
    return keyView(key);
  });

  api.delete<ByName>('/keys/*', async (request, reply) => {
    const query = request.query as Record<string, string | undefined>; // fastify's query object
    const name = request.params['*'];
    if (!(await keys.delete(address(request, query.scope, query.user)))) throw notFound('KeyValuePair', name);
    return reply.code(204).send();
  });
}

function scopeOf(scope: string | undefined, user: string | undefined): 'system' | 'user' {
  if (scope === undefined) return user === undefined ? 'system' : 'user';
  const known = Object.hasOwn(SCOPES, scope) ? SCOPES[scope] : undefined;
  if (known === undefined) throw new PetrelError('invalid', `Scope "${scope}" is invalid; there are system and user.`);
  return known;
}

function addressOf(
  name: string,
  scope: string | undefined,
  user: string | undefined,
  caller: Caller,
): KeyAddress & { readonly name: string } {
  return scopeOf(scope, user) === 'user'
    ? { scope: 'user', user: user ?? caller.user, name }
    : { scope: 'system', name };
}

/**
 * Whose key it is, when the caller is code of a pack that has no business with it: another pack's own keys (`PACK.CLASS:name`, as its actions
 * and sensors write them) and another user's. What belongs to nobody in particular is everybody's, as in StackStorm.
 */
function foreignPack(
  { scope, user, name }: KeyAddress,
  caller: Caller,
  isPack: (name: string) => boolean,
): string | undefined {
  if (caller.pack === undefined) return undefined;
  if (scope === 'user') return user === caller.user ? undefined : `user "${user}"`;
  const owner = /^([^.:]+)\.[^:]+:/.exec(name)?.[1];
  return owner === undefined || owner === caller.pack || !isPack(owner) ? undefined : `pack "${owner}"`;
}
