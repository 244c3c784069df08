import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PetrelError } from '../../model/index.ts';
import type { Resources } from '../../resources/index.ts';
import { userOf } from '../auth.ts';
import { sendArray } from '../listing.ts';
import type { ApiServices } from '../services.ts';

type ByRef = { Params: { ref: string } };
type ByName = { Params: { name: string } };

const dryRun = z.object({ dry_run: z.boolean().default(false) });

/**
 * /resources: declared resources by reference; /resources/objects: their objects, by uid or name (`name`, `namespace/name`,
 * `kind/namespace/name`; slashes encoded).
 */
export function resourceRoutes(api: FastifyInstance, { resources, registry, masker }: ApiServices): void {
  const running = (): Resources => {
    if (resources !== undefined) return resources;
    throw new PetrelError(
      'unavailable',
      'No Kubernetes cluster is configured, so there are no resources. Start Petrel with --kubeconfig FILE or --kubernetes-url URL.',
    );
  };
  const isDryRun = (body: unknown): boolean => {
    const parsed = dryRun.safeParse(body ?? {});
    if (!parsed.success) throw new PetrelError('invalid', `The request is not valid: ${z.prettifyError(parsed.error)}`);
    return parsed.data.dry_run;
  };

  /** What is declared can be said without a cluster, too. */
  const kinds = () =>
    resources?.kinds() ??
    [...registry.snapshot().resources.values()].map(({ ref, pack, kind, group, versions, description = '' }) => {
      const problem = 'No Kubernetes cluster is configured.';
      const state = { declared: true, objects: {}, orphans: 0, watch: 'none', problem };
      return { ref, pack, kind, api_version: `${group}/${versions[0]?.name}`, description, ...state };
    });

  api.get('/resources', async (request, reply) => sendArray(reply, request.query, kinds()));
  api.get('/resources/orphans', async (request, reply) => {
    const { resource } = request.query as { resource?: string }; // fastify's query object
    return sendArray(reply, request.query, masker.maskJson(running().orphans(resource)));
  });
  api.get('/resources/objects', async (request, reply) => {
    const { resource } = request.query as { resource?: string }; // fastify's query object
    return sendArray(reply, request.query, masker.maskJson(running().objects(resource)));
  });
  api.get<ByName>('/resources/objects/:name', async (request) => masker.maskJson(running().get(request.params.name)));
  api.get<ByName>('/resources/objects/:name/explain', async (request) => running().explain(request.params.name));
  api.post<ByName>('/resources/objects/:name/reconcile', async (request) =>
    masker.maskJson(await running().reconcile(request.params.name, { dryRun: isDryRun(request.body) })),
  );
  api.post<ByName>('/resources/objects/:name/abandon', async (request) =>
    masker.maskJson(await running().abandon(request.params.name, userOf(request))),
  );
  api.get<ByRef>('/resources/:ref', async (request) => running().kind(request.params.ref));
  api.get<ByRef>('/resources/:ref/crd', async (request) => running().crd(request.params.ref));
  api.post<ByRef>('/resources/:ref/reconcile', async (request) => {
    running().crd(request.params.ref); // one that is not declared is no name of an object here
    return masker.maskJson(await running().reconcile(request.params.ref, { dryRun: isDryRun(request.body) }));
  });
}
