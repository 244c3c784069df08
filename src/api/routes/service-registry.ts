import { hostname } from 'node:os';
import { z } from 'zod';
import { notFound } from '../errors.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';

const TAG = 'Service registry';
/** StackStorm has a service for each; here they are one process. */
const GROUPS = ['api', 'stream', 'workflow_engine', 'rules_engine', 'scheduler', 'sensor_container', 'action_runner'];

/** /service_registry: which processes are there. A node knows of itself only. */
export function serviceRegistryRoutes({ version, now }: Pick<ApiServices, 'version' | 'now'>): readonly Route[] {
  const startedAt = Math.floor(now() / 1000);
  const member = z.strictObject({
    group_id: z.string(),
    member_id: z.string(),
    capabilities: z.strictObject({
      hostname: z.string(),
      pid: z.number(),
      name: z.string(),
      version: z.string(),
      started_at: z.number(),
    }),
  });
  return [
    route({
      method: 'GET',
      path: '/service_registry/groups',
      tag: TAG,
      summary: 'Lists the kinds of services',
      answer: z.strictObject({ groups: z.array(z.string()) }),
      handle: () => ({ groups: GROUPS }),
    }),
    route({
      method: 'GET',
      path: '/service_registry/groups/:id/members',
      tag: TAG,
      summary: 'Lists the processes of one kind',
      answer: z.strictObject({ members: z.array(member) }),
      handle({ params }) {
        const name = params.id ?? '';
        if (!GROUPS.includes(name)) throw notFound('Service group', name);
        const capabilities = { hostname: hostname(), pid: process.pid, name, version, started_at: startedAt };
        return { members: [{ group_id: name, member_id: `${hostname()}_${process.pid}`, capabilities }] };
      },
    }),
  ];
}
