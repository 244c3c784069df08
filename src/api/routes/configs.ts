import { z } from 'zod';
import { permits } from '../../access/index.ts';
import type { JsonObject, PackContent } from '../../model/index.ts';
import { maskedConfig } from '../../packs/index.ts';
import { requesterOf, revealsSecrets } from '../auth.ts';
import { sealConfig } from '../config-secrets.ts';
import { notFound } from '../errors.ts';
import { idOf } from '../forms.ts';
import { sendArray } from '../listing.ts';
import { listQuery, secretsQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { jsonObject, packName } from '../shapes/common.ts';
import { config, configSchema } from '../shapes/content.ts';

const TAG = 'Configurations';

/** /configs and /config_schemas. */
export function configRoutes({ registry, content, keys, masker }: ApiServices): readonly Route[] {
  const all = () => [...registry.snapshot().packs.values()];
  const find = (ref: string): PackContent => {
    const found = registry.snapshot().packs.get(ref);
    if (found === undefined) throw notFound('Pack', ref);
    return found;
  };
  /** What is secret lies in the datastore, as a rule, and the configuration names it: that name is what `reveal` shows. */
  const view = (
    { manifest: { ref }, config: values, configSchema: schemas }: PackContent,
    reveal: boolean,
  ): JsonObject => ({
    id: idOf(`config:${ref}`),
    pack: ref,
    values: reveal ? values : masker.maskJson(maskedConfig(values, schemas)),
  });
  const schemaView = ({ manifest: { ref }, configSchema: attributes }: PackContent): JsonObject => ({
    id: idOf(`config_schema:${ref}`),
    pack: ref,
    attributes,
  });
  const withSchema = () => all().filter(({ configSchema: schemas }) => Object.keys(schemas).length > 0);

  return [
    route({
      method: 'GET',
      path: '/configs',
      tag: TAG,
      summary: 'Lists the configurations of packs that one may configure',
      query: z.object({ ...listQuery, ...secretsQuery }),
      answer: z.array(config),
      handle({ query, request, reply }) {
        const reveal = revealsSecrets(request);
        const requester = requesterOf(request);
        const views = all()
          .filter(({ manifest: { ref } }) => permits(requester, 'pack_config', { type: 'pack', uids: [`pack:${ref}`] }))
          .map((pack) => view(pack, reveal));
        return sendArray(reply, query, views, 100);
      },
    }),
    route({
      method: 'GET',
      path: '/configs/:pack',
      tag: TAG,
      summary: "Shows a pack's configuration",
      query: z.object(secretsQuery),
      answer: config,
      handle: ({ params, request }) => view(find(params.pack ?? ''), revealsSecrets(request)),
    }),
    route({
      method: 'PUT',
      path: '/configs/:pack',
      tag: TAG,
      summary: "Replaces a pack's configuration; from now on its file has no effect",
      query: z.object(secretsQuery),
      body: jsonObject,
      answer: config,
      async handle({ params, body, request }) {
        const ref = packName.catch('').parse(params.pack);
        const pack = find(ref);
        const sealed = await sealConfig(pack, body as JsonObject, keys); // z.json() is JSON
        try {
          await content.put({ kind: 'config', ref, body: sealed.values });
        } catch (error) {
          await sealed.settle(false);
          throw error;
        }
        await sealed.settle(true);
        return view(find(ref), revealsSecrets(request));
      },
    }),
    route({
      method: 'GET',
      path: '/config_schemas',
      tag: TAG,
      summary: 'Lists what packs can be configured with',
      query: z.object(listQuery),
      answer: z.array(configSchema),
      handle: ({ query, reply }) => sendArray(reply, query, withSchema().map(schemaView), 100),
    }),
    route({
      method: 'GET',
      path: '/config_schemas/:pack',
      tag: TAG,
      summary: 'Shows what a pack can be configured with',
      answer: configSchema,
      handle({ params }) {
        const found = withSchema().find(({ manifest }) => manifest.ref === params.pack);
        if (found === undefined) throw notFound('ConfigSchema', params.pack ?? '');
        return schemaView(found);
      },
    }),
  ];
}
