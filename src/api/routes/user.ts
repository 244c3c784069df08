import { z } from 'zod';
import { csrfTokenOf, isAdmin, isSystemAdmin, type Requester } from '../../access/index.ts';
import { type JsonObject, PetrelError, type StoredUser } from '../../model/index.ts';
import { requesterOf } from '../auth.ts';
import { credentialOf } from '../auth-credentials.ts';
import { sendArray } from '../listing.ts';
import { listQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { timestamp as timestampShape } from '../shapes/common.ts';
import { timestamp } from '../views.ts';

const TAG = 'Users';
/** When the administrator's own token expires. */
const NEVER = '9999-12-31T23:59:59.000000Z';

const newUser = z.object({ name: z.string(), password: z.string() });
const newPassword = z.object({ password: z.string() });
const ownPassword = z.object({ old_password: z.string(), password: z.string() });

const whoAmI = z
  .strictObject({
    username: z.string(),
    authentication: z.strictObject({
      method: z.enum(['API key', 'authentication token']),
      location: z.enum(['cookie', 'header']),
      token_expire: timestampShape.optional(),
      csrf_token: z.string().optional(),
    }),
    rbac: z.strictObject({ enabled: z.boolean(), roles: z.array(z.string()), is_admin: z.boolean() }),
  })
  .meta({ id: 'WhoAmI' });

const userShape = z
  .strictObject({ id: z.string(), name: z.string(), origin: z.enum(['local', 'oidc']), created_at: timestampShape })
  .meta({ id: 'User' });

/** /user: who one is (stackstorm-api.md section 2); and Petrel's own /users. */
export function userRoutes({ access: { users, roles } }: ApiServices): readonly Route[] {
  const refuseAbove = async (requester: Requester, user: string): Promise<void> => {
    if (isSystemAdmin(requester) || !isSystemAdmin({ user, roles: await roles.of(user) })) return;
    throw new PetrelError('forbidden', `Only a system administrator may change "${user}", who is one.`);
  };

  return [
    route({
      method: 'GET',
      path: '/user',
      tag: TAG,
      summary: 'Who one is, and what one may do',
      answer: whoAmI,
      handle({ request }) {
        const requester = requesterOf(request);
        const { user, expiresAt } = requester;
        const credential = credentialOf(request, undefined);
        return {
          username: user,
          authentication: {
            method: requester.method === 'api_key' ? 'API key' : 'authentication token',
            location: credential?.kind === 'cookie' ? 'cookie' : 'header',
            // StackStorm's command line takes for granted that a token expires.
            ...(requester.method !== 'api_key' && {
              token_expire: expiresAt === undefined ? NEVER : timestamp(expiresAt),
            }),
            ...(credential?.kind === 'cookie' && { csrf_token: csrfTokenOf(credential.secret) }),
          },
          rbac: { enabled: true, roles: requester.roles.map(({ name }) => name), is_admin: isAdmin(requester) },
        };
      },
    }),
    // One's own; the old one is asked for, so that a token alone does not take an account over.
    route({
      method: 'PUT',
      path: '/user/password',
      tag: TAG,
      summary: "Changes one's own password",
      body: ownPassword,
      status: 204,
      errors: [404, 409, 429],
      async handle({ body: { old_password, password }, user, request }) {
        if (!(await users.authenticate(user, old_password, request.ip))) {
          throw new PetrelError('forbidden', 'The old password is not right.');
        }
        await users.setPassword(user, password);
      },
    }),
    route({
      method: 'GET',
      path: '/users',
      tag: TAG,
      summary: 'Lists users',
      query: z.object({ ...listQuery, sort: z.string().optional() }),
      answer: z.array(userShape),
      handle: async ({ query, reply }) => sendArray(reply, query, (await users.list()).map(viewOf)),
    }),
    route({
      method: 'POST',
      path: '/users',
      tag: TAG,
      summary: 'Makes a user',
      body: newUser,
      status: 201,
      answer: userShape,
      errors: [409],
      handle: async ({ body: { name, password } }) => viewOf(await users.add(name, password)),
    }),
    route({
      method: 'PUT',
      path: '/users/:name/password',
      tag: TAG,
      summary: "Changes a user's password",
      body: newPassword,
      status: 204,
      errors: [409],
      async handle({ params: { name = '' }, body, request }) {
        await refuseAbove(requesterOf(request), name);
        await users.setPassword(name, body.password);
      },
    }),
    route({
      method: 'DELETE',
      path: '/users/:name',
      tag: TAG,
      summary: 'Deletes a user, with tokens, API keys and roles',
      status: 204,
      errors: [409],
      async handle({ params: { name = '' }, request }) {
        await refuseAbove(requesterOf(request), name);
        await users.delete(name);
      },
    }),
  ];
}

function viewOf({ name, createdAt, subject }: StoredUser): JsonObject {
  return { id: name, name, origin: subject === undefined ? 'local' : 'oidc', created_at: timestamp(createdAt) };
}
