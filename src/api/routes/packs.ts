import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Json, JsonObject, PackContent } from '../../model/index.ts';
import { PetrelError } from '../../model/index.ts';
import { changeConfig, configFileOf, maskedConfig } from '../../packs/index.ts';
import { ADMIN } from '../auth.ts';
import { notFound } from '../errors.ts';
import { sendArray } from '../listing.ts';
import { parsed } from '../parsed.ts';
import type { ApiServices } from '../services.ts';
import { idOf, registeredCounts } from '../views.ts';

const packsBody = z.object({
  packs: z.array(z.string()),
  force: z.boolean().nullish(),
  skip_dependencies: z.boolean().nullish(),
});
const registerBody = z.object({ packs: z.array(z.string()).nullish(), types: z.array(z.string()).nullish() });

type OfPack = { Params: { pack: string } };

/** Installing, registering and configuring packs (stackstorm-api.md, section 3). */
export function packRoutes(api: FastifyInstance, services: ApiServices): void {
  const { registry, executions, masker } = services;

  for (const [path, actionRef] of [
    ['install', 'packs.install'],
    ['uninstall', 'packs.uninstall'],
  ] as const) {
    api.post(`/packs/${path}`, async (request, reply) => {
      const { packs, force, skip_dependencies: skip } = parsed(packsBody, request.body);
      const options = path === 'install' ? { force: force === true, skip_dependencies: skip === true } : {};
      const parameters: JsonObject = { packs, ...options };
      const execution = await executions.request({ actionRef, parameters, user: ADMIN, literal: true });
      return reply.code(202).send({ execution_id: execution.id });
    });
  }

  /** Reads all packs again; answers how much of each kind those that are named have, or all. */
  api.post('/packs/register', async (request) => {
    const { packs: named } = parsed(registerBody, request.body ?? {});
    const { packs } = await services.readPacks();
    const contents = (named ?? [...packs.keys()]).map((ref) => {
      const content = packs.get(ref);
      if (content === undefined) throw new PetrelError('invalid', `Pack "${ref}" not found on disk.`);
      return content;
    });
    return registeredCounts(contents);
  });

  const find = (ref: string): PackContent => {
    const content = registry.snapshot().packs.get(ref);
    if (content === undefined) throw notFound('Pack', ref);
    return content;
  };
  const configView = ({ manifest, config, configSchema }: PackContent) => ({
    id: idOf(`config:${manifest.ref}`),
    pack: manifest.ref,
    values: masker.maskJson(maskedConfig(config, configSchema)),
  });
  const schemaView = ({ manifest, configSchema }: PackContent) => ({
    id: idOf(`config_schema:${manifest.ref}`),
    pack: manifest.ref,
    attributes: configSchema,
  });

  api.get('/configs', async (request, reply) =>
    sendArray(reply, request.query, [...registry.snapshot().packs.values()].map(configView)),
  );
  api.get<OfPack>('/configs/:pack', async (request) => configView(find(request.params.pack)));
  api.put<OfPack>('/configs/:pack', async (request) => {
    const { manifest, configSchema } = find(request.params.pack);
    const values = parsed(z.record(z.string(), z.json()), request.body);
    const file = configFileOf(services.configDirectory, manifest.ref);
    const configuring = { pack: manifest.ref, file, schemas: configSchema, encrypt: services.encrypt };
    const changes = leaves(values as JsonObject); // z.json() is JSON
    await changeConfig(configuring, changes);
    await services.readPacks();
    return configView(find(manifest.ref));
  });
  api.get('/config_schemas', async (request, reply) =>
    sendArray(reply, request.query, [...registry.snapshot().packs.values()].map(schemaView)),
  );
  api.get<OfPack>('/config_schemas/:pack', async (request) => schemaView(find(request.params.pack)));
}

/** Each value by its path; lists are values. */
function leaves(values: JsonObject, path: readonly string[] = []): { path: readonly string[]; value: Json }[] {
  return Object.entries(values).flatMap(([name, value = null]) => {
    const at = [...path, name];
    const isNested = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isNested ? leaves(value as JsonObject, at) : [{ path: at, value }]; // neither null nor a list
  });
}
