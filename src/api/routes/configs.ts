import { z } from 'zod';
import type { JsonObject, PackContent } from '../../model/index.ts';
import { maskedConfig } from '../../packs/index.ts';
import { sealConfig } from '../config-secrets.ts';
import { notFound } from '../errors.ts';
import { idOf } from '../forms.ts';
import { sendArray } from '../listing.ts';
import { flag, listQuery } from '../query.ts';
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
  const view = ({ manifest: { ref }, config: values, configSchema: schemas }: PackContent): JsonObject => ({
    id: idOf(`config:${ref}`),
    pack: ref,
    values: masker.maskJson(maskedConfig(values, schemas)),
  });
  const schemaView = ({ manifest: { ref }, configSchema: attributes }: PackContent): JsonObject => ({
    id: idOf(`config_schema:${ref}`),
    pack: ref,
    attributes,
  });
  const withSchema = () => all().filter(({ configSchema: schemas }) => Object.keys(schemas).length > 0);
  const showSecrets = flag.optional().meta({ description: 'Taken, and without effect: secrets are never shown.' });

  return [
    route({
      method: 'GET',
      path: '/configs',
      tag: TAG,
      summary: 'Lists the configurations of packs',
      query: z.object({ ...listQuery, show_secrets: showSecrets }),
      answer: z.array(config),
      handle: ({ query, reply }) => sendArray(reply, query, all().map(view), 100),
    }),
    route({
      method: 'GET',
      path: '/configs/:pack',
      tag: TAG,
      summary: "Shows a pack's configuration",
      query: z.object({ show_secrets: showSecrets }),
      answer: config,
      handle: ({ params }) => view(find(params.pack ?? '')),
    }),
    route({
      method: 'PUT',
      path: '/configs/:pack',
      tag: TAG,
      summary: "Replaces a pack's configuration; from now on its file has no effect",
      query: z.object({ show_secrets: showSecrets }),
      body: jsonObject,
      answer: config,
      async handle({ params, body }) {
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
        return view(find(ref));
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
