import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  isSystemAdmin,
  permissionTypesByResource,
  type Requester,
  type Role,
  SYSTEM_ADMIN,
} from '../../access/index.ts';
import { type JsonObject, PetrelError } from '../../model/index.ts';
import { requesterOf } from '../auth.ts';
import { notFound } from '../errors.ts';
import { sendArray } from '../listing.ts';
import type { ApiServices } from '../services.ts';
import { idOf } from '../views.ts';

const assignment = z.object({ user: z.string().min(1), role: z.string().min(1) });

/** /rbac: roles, who has them, and what can be granted. */
export function rbacRoutes(api: FastifyInstance, { access: { roles } }: ApiServices): void {
  api.get('/rbac/roles', async (request, reply) => {
    const { system } = request.query as { system?: string }; // fastify's query object
    const wanted = roles.roles().filter((role) => system === undefined || String(role.system) === system.toLowerCase());
    return sendArray(reply, request.query, wanted.map(roleView));
  });

  api.get<{ Params: { role: string } }>('/rbac/roles/:role', async (request) => {
    const { role } = request.params;
    const found = roles.roles().find(({ name }) => name === role || idOf(`role:${name}`) === role);
    if (found === undefined) throw notFound('Role', role);
    return roleView(found);
  });

  api.get('/rbac/role_assignments', async (request, reply) => {
    const { user, role, source } = request.query as Record<string, string | undefined>; // fastify's query object
    const wanted = (await roles.assignments()).filter(
      (one) =>
        (user === undefined || one.user === user) &&
        (role === undefined || one.role === role) &&
        (source === undefined || one.source === source),
    );
    const views = wanted.map((one) => ({
      id: idOf(`role_assignment:${one.user}:${one.role}:${one.source}`),
      ...one,
      is_remote: one.source === 'oidc',
      description: '',
    }));
    return sendArray(reply, request.query, views);
  });

  api.post('/rbac/role_assignments', async (request, reply) => {
    const body = assignment.safeParse(request.body);
    if (!body.success) throw new PetrelError('invalid', `The request is not valid: ${z.prettifyError(body.error)}`);
    refuseSystemAdmin(requesterOf(request), body.data.role);
    await roles.assign(body.data.user, body.data.role);
    return reply.code(201).send({ ...body.data, source: 'local' });
  });

  api.delete<{ Params: { user: string; role: string } }>(
    '/rbac/role_assignments/:user/:role',
    async (request, reply) => {
      const { user, role } = request.params;
      refuseSystemAdmin(requesterOf(request), role);
      await roles.revoke(user, role);
      return reply.code(204).send();
    },
  );

  api.get('/rbac/permission_types', async () => permissionTypesByResource());

  /** As `st2-apply-rbac-definitions`. */
  api.post('/rbac/reload', async () => {
    await roles.reload();
    return { roles: roles.roles().length };
  });
}

function refuseSystemAdmin(requester: Requester, role: string): void {
  if (role !== SYSTEM_ADMIN || isSystemAdmin(requester)) return;
  throw new PetrelError('forbidden', `Only a system administrator may give or take away the role ${SYSTEM_ADMIN}.`);
}

function roleView({ name, description, system, grants }: Role): JsonObject {
  return {
    id: idOf(`role:${name}`),
    name,
    description,
    system,
    permission_grants: grants.map(({ permissions, resourceUid, namespaces }) => ({
      permission_types: permissions,
      ...(resourceUid !== undefined && { resource_uid: resourceUid }),
      ...(namespaces !== undefined && { namespaces }),
    })),
  };
}
