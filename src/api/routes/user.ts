import type { FastifyInstance } from 'fastify';
import { ADMIN_ROLES, callerOf } from '../auth.ts';

/** /user: who is asking. There are no roles yet: everybody who has a token may do everything. */
export function userRoutes(api: FastifyInstance): void {
  api.get('/user', async (request) => ({
    username: callerOf(request).user,
    authentication: { method: 'authentication token', location: 'header' },
    rbac: { enabled: false, roles: ADMIN_ROLES, is_admin: true },
  }));
}
