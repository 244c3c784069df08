import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { KeyAddress } from '../../datastore/index.ts';
import { PetrelError } from '../../model/index.ts';
import { userOf } from '../auth.ts';
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
export function keyRoutes(api: FastifyInstance, { keys }: ApiServices): void {
  api.get('/keys', async (request, reply) => {
    const query = request.query as Record<string, string | undefined>; // fastify's query object
    const page = pageOf(query);
    const scopes = query.scope === 'all' ? (['system', 'user'] as const) : [scopeOf(query.scope, query.user)];
    const lists = await Promise.all(
      scopes.map((scope) =>
        keys.list(
          { scope, ...(scope === 'user' && { user: query.user ?? userOf(request) }) },
          { prefix: query.prefix ?? '', decrypt: query.decrypt === 'true', limit: page.limit, offset: page.offset },
        ),
      ),
    );
    const items = lists
      .flatMap((list) => list.items.map(keyView))
      .filter(({ name }) => query.name === undefined || query.name === name);
    return sendList(reply, query, page, { items, total: lists.reduce((sum, { total }) => sum + total, 0) });
  });

  api.get<ByName>('/keys/*', async (request) => {
    const query = request.query as Record<string, string | undefined>; // fastify's query object
    const name = request.params['*'];
    const key = await keys.get(address(request, name, query.scope, query.user), { decrypt: query.decrypt === 'true' });
    if (key === undefined) throw notFound('KeyValuePair', name);
    return keyView(key);
  });

  api.put<ByName>('/keys/*', async (request) => {
    const body = put.safeParse(request.body);
    if (!body.success) throw new PetrelError('invalid', `The key is not valid: ${z.prettifyError(body.error)}`);
    const { value, scope, user, ttl, secret, description } = body.data;
    const key = await keys.set(address(request, request.params['*'], scope ?? undefined, user ?? undefined), value, {
      ...(typeof ttl === 'number' && { ttl }),
      ...(secret === true && { secret }),
      ...(typeof description === 'string' && { description }),
    });
    return keyView(key);
  });

  api.delete<ByName>('/keys/*', async (request, reply) => {
    const query = request.query as Record<string, string | undefined>; // fastify's query object
    const name = request.params['*'];
    if (!(await keys.delete(address(request, name, query.scope, query.user)))) throw notFound('KeyValuePair', name);
    return reply.code(204).send();
  });
}

function scopeOf(scope: string | undefined, user: string | undefined): 'system' | 'user' {
  if (scope === undefined) return user === undefined ? 'system' : 'user';
  const known = Object.hasOwn(SCOPES, scope) ? SCOPES[scope] : undefined;
  if (known === undefined) throw new PetrelError('invalid', `Scope "${scope}" is invalid; there are system and user.`);
  return known;
}

/** Without a user it is one's own; that of another only administrators name, which the guard has seen to. */
function address(request: FastifyRequest, name: string, scope?: string, user?: string): KeyAddress {
  if (scopeOf(scope, user) === 'system') return { scope: 'system', name };
  return { scope: 'user', user: user ?? userOf(request), name };
}
