import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isAdmin, isSystemAdmin } from '../../access/index.ts';
import { MASKED } from '../../datastore/index.ts';
import { type JsonObject, PetrelError, type StoredApiKey } from '../../model/index.ts';
import { requesterOf, revealsSecrets } from '../auth.ts';
import { notFound } from '../errors.ts';
import { sendArray } from '../listing.ts';
import { listQuery, secretsQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { id as idShape, object, timestamp as timestampShape } from '../shapes/common.ts';
import { timestamp } from '../views.ts';

const TAG = 'API keys';

const DEFAULT_LIMIT = 50;

const metadata = z.record(z.string(), z.json());
const createBody = z.object({
  user: z.string().min(1).nullish(),
  metadata: metadata.nullish(),
  enabled: z.boolean().nullish(),
  key_hash: z
    .string()
    .regex(/^[0-9a-f]{128}$/)
    .nullish(),
  id: z
    .string()
    .regex(/^[0-9a-f]{24}$/)
    .nullish(),
  created_at: z.string().nullish(),
});
const updateBody = z.object({
  user: z.string().nullish(),
  metadata: metadata.nullish(),
  enabled: z.boolean().nullish(),
  key_hash: z.string().nullish(),
});

const apiKeyFields = {
  id: idShape,
  uid: z.string(),
  user: z.string(),
  key_hash: z.string(),
  metadata: object,
  created_at: timestampShape,
  enabled: z.boolean(),
};
const apiKey = z.strictObject(apiKeyFields).meta({ id: 'ApiKey' });

/** /apikeys (stackstorm-api.md section 2). The key itself is said once, when it is made. */
export function apiKeyRoutes(services: ApiServices): readonly Route[] {
  const { access, masker } = services;
  const { apiKeys, roles } = access;

  const find = async (id: string): Promise<StoredApiKey> => {
    const key = await apiKeys.get(id);
    if (key === undefined) throw notFound('ApiKey', id);
    return key;
  };

  /** Administrators act for others, but only system administrators for system administrators. */
  const refuseUser = async (request: FastifyRequest, user: string): Promise<void> => {
    const requester = requesterOf(request);
    if (user === requester.user) return;
    const above = isSystemAdmin({ user, roles: await roles.of(user) }) && !isSystemAdmin(requester);
    if (!isAdmin(requester) || above) {
      throw new PetrelError('forbidden', `User "${requester.user}" may not make or change API keys of "${user}".`);
    }
  };

  return [
    route({
      method: 'GET',
      path: '/apikeys',
      tag: TAG,
      summary: "Lists API keys: all for administrators, else those of one's own",
      query: z.object({
        ...listQuery,
        sort: z.string().optional(),
        user: z.string().optional(),
        ...secretsQuery,
      }),
      answer: z.array(apiKey),
      async handle({ query, request, reply }) {
        const requester = requesterOf(request);
        const keys = await apiKeys.list(isAdmin(requester) ? query.user : requester.user);
        const views = keys.map((key) => viewOf(key, revealsSecrets(request)));
        return sendArray(reply, query, views, DEFAULT_LIMIT);
      },
    }),
    route({
      method: 'POST',
      path: '/apikeys',
      tag: TAG,
      summary: 'Makes an API key, which the answer shows this once',
      body: createBody,
      bodyOptional: true,
      status: 201,
      answer: z.strictObject({ ...apiKeyFields, key: z.string().optional() }),
      errors: [404, 409],
      async handle({ body, request }) {
        const { user, metadata: about, enabled, key_hash, id, created_at } = body;
        const requester = requesterOf(request);
        const migrated = [key_hash, id, created_at].some((given) => given !== null && given !== undefined);
        if (migrated && !isAdmin(requester)) {
          throw new PetrelError(
            'forbidden',
            'Only an administrator may bring keys over with key_hash, id or created_at.',
          );
        }
        const owner = user ?? requester.user;
        await refuseUser(request, owner);
        const { key, ...stored } = await apiKeys.create(owner, {
          ...(about && { metadata: about as JsonObject }), // z.json() is JSON
          ...(typeof enabled === 'boolean' && { enabled }),
          ...(typeof key_hash === 'string' && { hash: key_hash }),
          ...(typeof id === 'string' && { id }),
          ...(typeof created_at === 'string' && { createdAt: timeOf(created_at) }),
        });
        const view = viewOf(stored, false);
        if (key === undefined) return view;
        masker.add(key);
        return { ...view, key };
      },
    }),
    route({
      method: 'GET',
      path: '/apikeys/:id',
      tag: TAG,
      summary: 'Shows an API key, by its id or itself',
      query: z.object(secretsQuery),
      answer: apiKey,
      handle: async ({ params: { id = '' }, request }) => viewOf(await find(id), revealsSecrets(request)),
    }),
    route({
      method: 'PUT',
      path: '/apikeys/:id',
      tag: TAG,
      summary: 'Changes an API key, such as to disable it',
      body: updateBody,
      bodyOptional: true,
      answer: apiKey,
      async handle({ params: { id = '' }, body: { user, metadata: about, enabled, key_hash }, request }) {
        const key = await find(id);
        if (typeof key_hash === 'string' && key_hash !== key.hash && key_hash !== MASKED) {
          throw new PetrelError('invalid', 'Changes to the hash of an API key are not allowed.');
        }
        await refuseUser(request, key.user);
        if (typeof user === 'string') await refuseUser(request, user);
        const changed = {
          ...key,
          ...(typeof user === 'string' && { user }),
          ...(about && { metadata: about as JsonObject }), // z.json() is JSON
          ...(typeof enabled === 'boolean' && { enabled }),
        };
        await apiKeys.update(changed);
        return viewOf(changed, false);
      },
    }),
    route({
      method: 'DELETE',
      path: '/apikeys/:id',
      tag: TAG,
      summary: 'Deletes an API key',
      status: 204,
      async handle({ params: { id = '' }, request }) {
        const key = await find(id);
        await refuseUser(request, key.user);
        await apiKeys.delete(key.id);
      },
    }),
  ];

  function viewOf(key: StoredApiKey, showSecrets: boolean): JsonObject {
    const hash = showSecrets ? key.hash : MASKED;
    return {
      id: key.id,
      uid: `api_key:${hash}`,
      user: key.user,
      key_hash: hash,
      metadata: masker.maskJson(key.metadata),
      created_at: timestamp(key.createdAt),
      enabled: key.enabled,
    };
  }
}

function timeOf(text: string): number {
  const value = Date.parse(text);
  if (Number.isNaN(value))
    throw new PetrelError('invalid', `"${text}" is not a time stamp; write e.g. 2024-05-01T12:00:00Z.`);
  return value;
}
