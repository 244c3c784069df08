import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isAdmin, isSystemAdmin } from '../../access/index.ts';
import { MASKED } from '../../datastore/index.ts';
import { type JsonObject, PetrelError, type StoredApiKey } from '../../model/index.ts';
import { requesterOf } from '../auth.ts';
import { isAsked } from '../auth-resources.ts';
import { notFound } from '../errors.ts';
import { sendArray } from '../listing.ts';
import type { ApiServices } from '../services.ts';
import { timestamp } from '../views.ts';

type ById = { Params: { id: string } };

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

/** /apikeys (stackstorm-api.md section 2). The key itself is said once, when it is made. */
export function apiKeyRoutes(api: FastifyInstance, services: ApiServices): void {
  const { access, masker } = services;
  const { apiKeys, roles } = access;

  const find = async (id: string): Promise<StoredApiKey> => {
    const key = await apiKeys.get(id);
    if (key === undefined) throw notFound('ApiKey', id);
    return key;
  };
  // The guard has refused `show_secrets` to all but administrators.
  const shows = (request: FastifyRequest) => isAsked((request.query as JsonObject).show_secrets);

  /** Administrators act for others, but only system administrators for system administrators. */
  const refuseUser = async (request: FastifyRequest, user: string): Promise<void> => {
    const requester = requesterOf(request);
    if (user === requester.user) return;
    const above = isSystemAdmin({ user, roles: await roles.of(user) }) && !isSystemAdmin(requester);
    if (!isAdmin(requester) || above) {
      throw new PetrelError('forbidden', `User "${requester.user}" may not make or change API keys of "${user}".`);
    }
  };

  api.get('/apikeys', async (request, reply) => {
    const { user } = request.query as { user?: string }; // fastify's query object
    const requester = requesterOf(request);
    const keys = await apiKeys.list(isAdmin(requester) ? user : requester.user);
    return sendArray(
      reply,
      request.query,
      keys.map((key) => viewOf(key, shows(request))),
      DEFAULT_LIMIT,
    );
  });

  api.post('/apikeys', async (request, reply) => {
    const body = createBody.safeParse(request.body ?? {});
    if (!body.success) throw new PetrelError('invalid', `The API key is not valid: ${z.prettifyError(body.error)}`);
    const { user, metadata: about, enabled, key_hash, id, created_at } = body.data;
    const requester = requesterOf(request);
    const migrated = [key_hash, id, created_at].some((given) => given !== null && given !== undefined);
    if (migrated && !isAdmin(requester)) {
      throw new PetrelError('forbidden', 'Only an administrator may bring keys over with key_hash, id or created_at.');
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
    if (key === undefined) return reply.code(201).send(view);
    masker.add(key);
    return reply.code(201).send({ ...view, key });
  });

  api.get<ById>('/apikeys/:id', async (request) => viewOf(await find(request.params.id), shows(request)));

  api.put<ById>('/apikeys/:id', async (request) => {
    const body = updateBody.safeParse(request.body ?? {});
    if (!body.success) throw new PetrelError('invalid', `The API key is not valid: ${z.prettifyError(body.error)}`);
    const { user, metadata: about, enabled, key_hash } = body.data;
    const key = await find(request.params.id);
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
  });

  api.delete<ById>('/apikeys/:id', async (request, reply) => {
    const key = await find(request.params.id);
    await refuseUser(request, key.user);
    await apiKeys.delete(key.id);
    return reply.code(204).send();
  });

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
