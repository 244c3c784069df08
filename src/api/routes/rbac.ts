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
import { flag, listQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { id } from '../shapes/common.ts';
import { idOf } from '../views.ts';

const TAG = 'Roles';

const role = z
  .strictObject({
    id,
    name: z.string(),
    description: z.string(),
    system: z.boolean(),
    permission_grants: z.array(
      z.strictObject({
        permission_types: z.array(z.string()),
        resource_uid: z.string().optional(),
        namespaces: z.array(z.string()).optional(),
      }),
    ),
  })
  .meta({ id: 'Role' });

const assignment = z.object({ user: z.string().min(1), role: z.string().min(1) });
const source = z.string().meta({ description: '`local`, or where else it comes from: a file, the identity provider.' });
const assigned = z
  .strictObject({ id, user: z.string(), role: z.string(), source, is_remote: z.boolean(), description: z.string() })
  .meta({ id: 'RoleAssignment' });

/** /rbac: roles, who has them, and what can be granted. */
export function rbacRoutes({ access: { roles } }: ApiServices): readonly Route[] {
  const assignments = async () =>
    (await roles.assignments()).map((one) => ({
      id: idOf(`role_assignment:${one.user}:${one.role}:${one.source}`),
      ...one,
      is_remote: one.source === 'oidc',
      description: '',
    }));

  return [
    route({
      method: 'GET',
      path: '/rbac/roles',
      tag: TAG,
      summary: 'Lists roles',
      query: z.object({ ...listQuery, sort: z.string().optional(), system: z.string().optional() }),
      answer: z.array(role),
      handle({ query, reply }) {
        const { system } = query;
        const wanted = roles
          .roles()
          .filter((one) => system === undefined || String(one.system) === system.toLowerCase());
        return sendArray(reply, query, wanted.map(roleView));
      },
    }),
    route({
      method: 'GET',
      path: '/rbac/roles/:role',
      tag: TAG,
      summary: 'Shows a role, by its name or id',
      answer: role,
      handle({ params: { role: wanted = '' } }) {
        const found = roles.roles().find(({ name }) => name === wanted || idOf(`role:${name}`) === wanted);
        if (found === undefined) throw notFound('Role', wanted);
        return roleView(found);
      },
    }),
    route({
      method: 'GET',
      path: '/rbac/role_assignments',
      tag: TAG,
      summary: 'Who has which role, and why',
      query: z.object({
        ...listQuery,
        sort: z.string().optional(),
        user: z.string().optional(),
        role: z.string().optional(),
        source: z.string().optional(),
        remote: flag.optional().meta({ description: 'Whether the identity provider gives it.' }),
      }),
      answer: z.array(assigned),
      async handle({ query, reply }) {
        const { user, role, source, remote } = query;
        const wanted = (await assignments()).filter(
          (one) =>
            (user === undefined || one.user === user) &&
            (role === undefined || one.role === role) &&
            (source === undefined || one.source === source) &&
            (remote === undefined || one.is_remote === remote),
        );
        return sendArray(reply, query, wanted);
      },
    }),
    route({
      method: 'GET',
      path: '/rbac/role_assignments/:id',
      tag: TAG,
      summary: 'Shows that somebody has a role',
      answer: assigned,
      async handle({ params: { id: wanted = '' } }) {
        const found = (await assignments()).find((one) => one.id === wanted);
        if (found === undefined) throw notFound('RoleAssignment', wanted);
        return found;
      },
    }),
    route({
      method: 'POST',
      path: '/rbac/role_assignments',
      tag: TAG,
      summary: 'Gives a user a role',
      body: assignment,
      status: 201,
      answer: z.strictObject({ user: z.string(), role: z.string(), source }),
      errors: [404, 409],
      async handle({ body, request }) {
        refuseSystemAdmin(requesterOf(request), body.role);
        await roles.assign(body.user, body.role);
        return { ...body, source: 'local' };
      },
    }),
    route({
      method: 'DELETE',
      path: '/rbac/role_assignments/:user/:role',
      tag: TAG,
      summary: 'Takes a role from a user',
      status: 204,
      errors: [409],
      async handle({ params: { user = '', role = '' }, request }) {
        refuseSystemAdmin(requesterOf(request), role);
        await roles.revoke(user, role);
      },
    }),
    route({
      method: 'GET',
      path: '/rbac/permission_types',
      tag: TAG,
      summary: 'What can be granted, by type of resource',
      answer: z.record(z.string(), z.array(z.string())),
      handle: () => permissionTypesByResource(),
    }),
    route({
      method: 'POST',
      path: '/rbac/reload',
      tag: TAG,
      summary: 'Reads the files of roles again, as st2-apply-rbac-definitions',
      answer: z.strictObject({ roles: z.number() }),
      async handle() {
        await roles.reload();
        return { roles: roles.roles().length };
      },
    }),
  ];
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
