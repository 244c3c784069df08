import { z } from 'zod';
import { PetrelError } from '../../model/index.ts';
import type { Resources } from '../../resources/index.ts';
import { sendArray } from '../listing.ts';
import { listQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import {
  customResourceDefinition,
  declaredResource,
  resourceExplanation,
  resourceObject,
  resourceObjectInFull,
  resourcePlan,
  resourceWithDeclaration,
} from '../shapes/resources.ts';

const TAG = 'Resources';
const ofResource = z.object({ ...listQuery, resource: z.string().optional() });
const dryRun = z.looseObject({ dry_run: z.boolean().default(false) });

/**
 * /resources: declared resources by reference; /resources/objects: their objects, by uid or name (`name`, `namespace/name`,
 * `kind/namespace/name`; slashes encoded). Petrel's own.
 */
export function resourceRoutes({ resources, registry, masker }: ApiServices): readonly Route[] {
  const running = (): Resources => {
    if (resources !== undefined) return resources;
    throw new PetrelError(
      'unavailable',
      'No Kubernetes cluster is configured, so there are no resources. Start Petrel with --kubeconfig FILE or --kubernetes-url URL.',
    );
  };

  /** What is declared can be said without a cluster, too. */
  const kinds = () =>
    resources?.kinds() ??
    [...registry.snapshot().resources.values()].map(({ ref, pack, kind, group, versions, description = '' }) => {
      const problem = 'No Kubernetes cluster is configured.';
      const state = { declared: true, objects: {}, orphans: 0, watch: 'none', problem };
      return { ref, pack, kind, api_version: `${group}/${versions[0]?.name}`, description, ...state };
    });

  return [
    route({
      method: 'GET',
      path: '/resources',
      tag: TAG,
      summary: 'Lists the resources that packs declare',
      query: z.object(listQuery),
      answer: z.array(declaredResource),
      handle: ({ query, reply }) => sendArray(reply, query, kinds()),
    }),
    route({
      method: 'GET',
      path: '/resources/orphans',
      tag: TAG,
      summary: 'Lists what is left of objects whose resource is not declared any more',
      query: ofResource,
      answer: z.array(resourcePlan),
      handle: ({ query, reply }) => sendArray(reply, query, masker.maskJson(running().orphans(query.resource))),
    }),
    route({
      method: 'GET',
      path: '/resources/objects',
      tag: TAG,
      summary: 'Lists the objects of declared resources',
      query: ofResource,
      answer: z.array(resourceObject),
      handle: ({ query, reply }) => sendArray(reply, query, masker.maskJson(running().objects(query.resource))),
    }),
    route({
      method: 'GET',
      path: '/resources/objects/:name',
      tag: TAG,
      summary: 'Shows an object',
      answer: resourceObjectInFull,
      errors: [409],
      handle: ({ params }) => masker.maskJson(running().get(params.name ?? '')),
    }),
    route({
      method: 'GET',
      path: '/resources/objects/:name/explain',
      tag: TAG,
      summary: 'Says what Petrel waits for, and why',
      answer: resourceExplanation,
      errors: [409],
      handle: ({ params }) => running().explain(params.name ?? ''),
    }),
    route({
      method: 'POST',
      path: '/resources/objects/:name/reconcile',
      tag: TAG,
      summary: 'Reconciles an object now',
      body: dryRun,
      bodyOptional: true,
      answer: z.array(resourcePlan),
      errors: [409],
      handle: async ({ params, body }) =>
        masker.maskJson(await running().reconcile(params.name ?? '', { dryRun: body.dry_run })),
    }),
    route({
      method: 'POST',
      path: '/resources/objects/:name/abandon',
      tag: TAG,
      summary: 'Lets an object go without deleting what it stands for',
      body: z.looseObject({}),
      bodyOptional: true,
      answer: resourceObject,
      errors: [409],
      handle: async ({ params, user }) => masker.maskJson(await running().abandon(params.name ?? '', user)),
    }),
    route({
      method: 'GET',
      path: '/resources/:ref',
      tag: TAG,
      summary: 'Shows a declared resource',
      answer: resourceWithDeclaration,
      handle: ({ params }) => running().kind(params.ref ?? ''),
    }),
    route({
      method: 'GET',
      path: '/resources/:ref/crd',
      tag: TAG,
      summary: "The custom resource definition that is Petrel's for it",
      answer: customResourceDefinition,
      handle: ({ params }) => running().crd(params.ref ?? ''),
    }),
    route({
      method: 'POST',
      path: '/resources/:ref/reconcile',
      tag: TAG,
      summary: 'Reconciles all objects of a resource now',
      body: dryRun,
      bodyOptional: true,
      answer: z.array(resourcePlan),
      async handle({ params, body }) {
        const ref = params.ref ?? '';
        running().crd(ref); // one that is not declared is no name of an object here
        return masker.maskJson(await running().reconcile(ref, { dryRun: body.dry_run }));
      },
    }),
  ];
}
