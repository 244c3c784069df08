import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type JsonObject, PetrelError, traceOf } from '../../model/index.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { id } from '../shapes/common.ts';
import { registeredCounts } from '../views.ts';

const TAG = 'Packs';

const refs = { packs: z.array(z.string()) };
const started = z.strictObject({ execution_id: id });

/** Installing and registering packs (stackstorm-api.md, section 3). */
export function packOperationRoutes({ executions, readPacks }: ApiServices): readonly Route[] {
  const start = async (actionRef: string, parameters: JsonObject, user: string, request: FastifyRequest) => {
    const { traceContext } = request;
    const context = traceContext && { context: { trace_context: traceContext } };
    const execution = await executions.request({ actionRef, parameters, user, literal: true, ...context });
    request.traceId = traceOf(execution).id;
    return { execution_id: execution.id };
  };
  return [
    route({
      method: 'POST',
      path: '/packs/install',
      tag: TAG,
      summary: 'Runs packs.install',
      body: z.looseObject({ ...refs, force: z.boolean().nullish(), skip_dependencies: z.boolean().nullish() }),
      status: 202,
      answer: started,
      handle: ({ body: { packs, force, skip_dependencies: skip }, user, request }) =>
        start('packs.install', { packs, force: force === true, skip_dependencies: skip === true }, user, request),
    }),
    route({
      method: 'POST',
      path: '/packs/uninstall',
      tag: TAG,
      summary: 'Runs packs.uninstall',
      body: z.looseObject(refs),
      status: 202,
      answer: started,
      handle: ({ body: { packs }, user, request }) => start('packs.uninstall', { packs }, user, request),
    }),
    route({
      method: 'POST',
      path: '/packs/register',
      tag: TAG,
      summary: 'Reads all packs again; answers how much of each kind those that are named have, or all',
      body: z.looseObject({ packs: z.array(z.string()).nullish(), types: z.array(z.string()).nullish() }),
      bodyOptional: true,
      answer: z.record(z.string(), z.number()),
      async handle({ body: { packs: named } }) {
        const { packs } = await readPacks();
        const contents = (named ?? [...packs.keys()]).map((ref) => {
          const content = packs.get(ref);
          if (content === undefined) throw new PetrelError('invalid', `Pack "${ref}" not found on disk.`);
          return content;
        });
        return registeredCounts(contents);
      },
    }),
  ];
}
