import { z } from 'zod';
import { permits } from '../../access/index.ts';
import {
  isJsonObject,
  type Json,
  type JsonObject,
  type PackContent,
  type ParameterSchemas,
} from '../../model/index.ts';
import { maskedConfig } from '../../packs/index.ts';
import { requesterOf, revealsSecrets } from '../auth.ts';
import { notFound } from '../errors.ts';
import { idOf } from '../forms.ts';
import { sendArray } from '../listing.ts';
import { listQuery, secretsQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { jsonObject, packName } from '../shapes/common.ts';
import { config, configSchema } from '../shapes/content.ts';

const TAG = 'Configurations';
const MASKED = '********';

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

  /**
   * What is to be kept: a secret goes into the datastore, encrypted, and the configuration names it, as StackStorm recommends. A
   * secret that comes back as it was shown stays.
   */
  const sealed = async (pack: PackContent, values: JsonObject): Promise<JsonObject> => {
    const walk = async (value: Json, schemas: ParameterSchemas | JsonObject, path: string[]): Promise<Json> => {
      if (!isJsonObject(value)) return value;
      const entries: [string, Json][] = [];
      for (const [name, item] of Object.entries(value)) {
        const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
        const at = [...path, name];
        if (item === undefined) continue;
        if (!isJsonObject(schema)) entries.push([name, item]);
        else if (schema.secret === true && typeof item === 'string') entries.push([name, await secret(pack, at, item)]);
        else entries.push([name, await walk(item, isJsonObject(schema.properties) ? schema.properties : {}, at)]);
      }
      return Object.fromEntries(entries);
    };
    return (await walk(values, pack.configSchema, [])) as JsonObject; // an object in, an object out
  };
  const secret = async (pack: PackContent, path: readonly string[], value: string): Promise<Json> => {
    if (value === MASKED) return path.reduce<Json | undefined>(below, pack.config) ?? '';
    if (value === '' || /\{\{|\{%/.test(value)) return value;
    const name = ['config', pack.manifest.ref, ...path].join('__').replaceAll(/[^A-Za-z0-9_]/g, '_');
    await keys.set({ scope: 'system', name }, value, {
      secret: true,
      description: `Configuration item ${path.join('.')} of the pack ${pack.manifest.ref}.`,
    });
    return `{{ st2kv.system.${name} }}`;
  };

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
        const values = await sealed(pack, body as JsonObject); // z.json() is JSON
        await content.put({ kind: 'config', ref, body: values });
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

function below(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
