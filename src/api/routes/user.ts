import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { csrfTokenOf, isAdmin, isSystemAdmin, type Requester } from '../../access/index.ts';
import { type JsonObject, PetrelError, type StoredUser } from '../../model/index.ts';
import { requesterOf } from '../auth.ts';
import { credentialOf } from '../auth-credentials.ts';
import { sendArray } from '../listing.ts';
import type { ApiServices } from '../services.ts';
import { timestamp } from '../views.ts';

type ByName = { Params: { name: string } };

const newUser = z.object({ name: z.string(), password: z.string() });
const newPassword = z.object({ password: z.string() });
const ownPassword = z.object({ old_password: z.string(), password: z.string() });

/** /user: who one is (stackstorm-api.md section 2); and Petrel's own /users. */
export function userRoutes(api: FastifyInstance, services: ApiServices): void {
  const { users, roles } = services.access;

  api.get('/user', async (request) => {
    const requester = requesterOf(request);
    const { user, expiresAt } = requester;
    const credential = credentialOf(request, undefined);
    return {
      username: user,
      authentication: {
        method: requester.method === 'api_key' ? 'API key' : 'authentication token',
        location: credential?.kind === 'cookie' ? 'cookie' : 'header',
        ...(expiresAt !== undefined && { token_expire: timestamp(expiresAt) }),
        ...(credential?.kind === 'cookie' && { csrf_token: csrfTokenOf(credential.secret) }),
      },
      rbac: { enabled: true, roles: requester.roles.map(({ name }) => name), is_admin: isAdmin(requester) },
    };
  });

  /** One's own; the old one is asked for, so that a token alone does not take an account over. */
  api.put('/user/password', async (request, reply) => {
    const { old_password, password } = parse(ownPassword, request.body);
    const { user } = requesterOf(request);
    if (!(await users.authenticate(user, old_password, request.ip))) {
      throw new PetrelError('forbidden', 'The old password is not right.');
    }
    await users.setPassword(user, password);
    return reply.code(204).send();
  });

  api.get('/users', async (request, reply) => sendArray(reply, request.query, (await users.list()).map(viewOf)));

  api.post('/users', async (request, reply) => {
    const { name, password } = parse(newUser, request.body);
    return reply.code(201).send(viewOf(await users.add(name, password)));
  });

  api.put<ByName>('/users/:name/password', async (request, reply) => {
    const { name } = request.params;
    await refuseAbove(requesterOf(request), name);
    await users.setPassword(name, parse(newPassword, request.body).password);
    return reply.code(204).send();
  });

  api.delete<ByName>('/users/:name', async (request, reply) => {
    await refuseAbove(requesterOf(request), request.params.name);
    await users.delete(request.params.name);
    return reply.code(204).send();
  });

  async function refuseAbove(requester: Requester, user: string): Promise<void> {
    if (isSystemAdmin(requester) || !isSystemAdmin({ user, roles: await roles.of(user) })) return;
    throw new PetrelError('forbidden', `Only a system administrator may change "${user}", who is one.`);
  }
}

function viewOf({ name, createdAt, subject }: StoredUser): JsonObject {
  return { id: name, name, origin: subject === undefined ? 'local' : 'oidc', created_at: timestamp(createdAt) };
}

/** What is wrong is named, never what was given: it is a password. */
function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new PetrelError('invalid', `The request is not valid: ${z.prettifyError(parsed.error)}`);
}
