import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isJsonObject, type JsonObject, type PackContent } from '../../model/index.ts';
import { attributesOf } from '../attributes.ts';
import { notFound } from '../errors.ts';
import { idOf } from '../forms.ts';
import { matching, sendArray } from '../listing.ts';
import { listPackFiles, type PackFile, packFile, readPackFile } from '../pack-folder.ts';
import { attributeQuery, contentQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { pack, packFile as packFileShape } from '../shapes/content.ts';

const TAG = 'Packs';
const indexEntry = z.strictObject({
  name: z.string(),
  ref: z.string(),
  description: z.string(),
  version: z.string(),
  author: z.string(),
  email: z.string(),
  keywords: z.array(z.string()),
});

/** /packs, their files, and the index of what is here. */
export function packRoutes({ registry, content, masker, now }: ApiServices): readonly Route[] {
  const all = () => [...registry.snapshot().packs.values()];
  const find = (refOrId: string): PackContent => {
    const found =
      registry.snapshot().packs.get(refOrId) ?? all().find(({ manifest }) => packId(manifest.ref) === refOrId);
    if (found === undefined) throw notFound('Pack', refOrId);
    return found;
  };
  const index = () =>
    all().map(({ manifest: { ref, name, description, version, author, email = '', keywords = [] } }) => {
      return { name, ref, description, version, author, email, keywords };
    });
  const by = (name: string) => (item: JsonObject) => item[name];
  /** One that came with an action made through the API, which lies in no pack's folder. */
  const broughtFile = async (pack: string, path: string): Promise<PackFile | undefined> => {
    const made = [...registry.snapshot().added].filter((name) => name.startsWith(`action:${pack}.`));
    for (const name of made) {
      const files = (await content.get('action', name.slice('action:'.length)))?.body.data_files;
      for (const file of Array.isArray(files) ? files : []) {
        if (isJsonObject(file) && `actions/${String(file.file_path)}` === path) {
          return packFile(path, Buffer.from(String(file.content)), new Date(now()));
        }
      }
    }
    return undefined;
  };

  return [
    route({
      method: 'GET',
      path: '/packs',
      tag: TAG,
      summary: 'Lists packs',
      query: z.object({ ...contentQuery, ref: z.string().optional() }),
      answer: z.array(pack),
      async handle({ query, reply }) {
        const filters = { id: by('id'), name: by('name'), ref: by('ref') };
        const wanted = matching(all().map(packView), query, filters);
        // StackStorm's web interface counts what a pack holds by its files.
        if (!attributesOf(query).wants('files')) return sendArray(reply, query, wanted, 100);
        const withFiles = wanted.map(async (view) => ({ ...view, files: await filesOf(find(String(view.ref))) }));
        return sendArray(reply, query, await Promise.all(withFiles), 100);
      },
    }),
    route({
      method: 'GET',
      path: '/packs/:ref',
      tag: TAG,
      summary: 'Shows a pack, by reference or id',
      query: z.object(attributeQuery),
      answer: pack,
      async handle({ params, query }) {
        const found = find(params.ref ?? '');
        return attributesOf(query).choose({ ...packView(found), files: await filesOf(found) });
      },
    }),
    route({
      method: 'GET',
      path: '/packs/index',
      tag: TAG,
      summary: 'What is known of packs that are here; Petrel asks no index on the net',
      answer: z.strictObject({ status: z.array(z.unknown()), index: z.array(indexEntry) }),
      handle: () => ({ status: [], index: index() }),
    }),
    route({
      method: 'GET',
      path: '/packs/index/health',
      tag: TAG,
      summary: 'How the indexes do',
      answer: z.strictObject({
        indexes: z.strictObject({
          count: z.number(),
          valid: z.number(),
          invalid: z.number(),
          errors: z.record(z.string(), z.number()),
          status: z.array(z.unknown()),
        }),
        packs: z.strictObject({ count: z.number() }),
      }),
      handle: () => ({
        indexes: { count: 0, valid: 0, invalid: 0, errors: {}, status: [] },
        packs: { count: index().length },
      }),
    }),
    route({
      method: 'POST',
      path: '/packs/index/search',
      tag: TAG,
      summary: 'Packs of the index: all in which the query stands, or the one of a name',
      body: z.union([z.looseObject({ query: z.string() }), z.looseObject({ pack: z.string() })]),
      answer: z.union([z.array(indexEntry), indexEntry, z.strictObject({})]),
      handle({ body }) {
        if (typeof body.pack === 'string') return index().find(({ ref }) => ref === body.pack) ?? {};
        const wanted = String(body.query).toLowerCase();
        return index().filter((entry) =>
          [entry.name, entry.ref, entry.description, entry.author, ...entry.keywords].some((text) =>
            text.toLowerCase().includes(wanted),
          ),
        );
      },
    }),
    route({
      method: 'GET',
      path: '/packs/views/files/:ref',
      tag: TAG,
      summary: 'The text files of a pack with what is in them',
      answer: z.array(packFileShape),
      async handle({ params }) {
        const { path: folder } = find(params.ref ?? '').manifest;
        const files: { file_path: string; content: string }[] = [];
        for (const path of await listPackFiles(folder)) {
          const text = await readPackFile(folder, path).then(
            (file) => file.text,
            () => undefined,
          );
          if (text !== undefined) files.push({ file_path: path, content: masker.mask(text) });
        }
        return files;
      },
    }),
    route({
      method: 'GET',
      path: '/packs/views/file/:ref/*',
      tag: TAG,
      summary: 'One file of a pack',
      answer: { media: 'application/octet-stream' },
      async handle({ params, request, reply }) {
        const { path: folder, ref } = find(params.ref ?? '').manifest;
        const path = params['*'] ?? '';
        const { bytes, text, media, modified } = await readPackFile(folder, path).catch(async (error: unknown) => {
          const brought = await broughtFile(ref, path);
          if (brought === undefined) throw error;
          return brought;
        });
        const body = text === undefined ? bytes : Buffer.from(masker.mask(text));
        const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
        reply.header('ETag', etag).header('Last-Modified', modified.toUTCString());
        // A pack is written by others; a browser must not take its files for anything else than they say.
        reply
          .header('X-Content-Type-Options', 'nosniff')
          .header('Content-Security-Policy', "default-src 'none'; sandbox");
        const known = request.headers['if-none-match'];
        const since = request.headers['if-modified-since'];
        const unchanged =
          known === undefined
            ? since !== undefined && Date.parse(since) >= Math.floor(modified.getTime() / 1000) * 1000
            : known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
        return unchanged ? reply.code(304).send() : reply.type(media).send(body);
      },
    }),
  ];
}

/** Empty when its folder is gone. */
async function filesOf({ manifest }: PackContent): Promise<readonly string[]> {
  return await listPackFiles(manifest.path).catch(() => []);
}

function packId(ref: string): string {
  return idOf(`pack:${ref}`);
}

function packView({ manifest, problems }: PackContent): JsonObject {
  return {
    id: packId(manifest.ref),
    uid: `pack:${manifest.ref}`,
    ref: manifest.ref,
    name: manifest.name,
    description: manifest.description,
    version: manifest.version,
    author: manifest.author,
    ...(manifest.email !== undefined && { email: manifest.email }),
    keywords: manifest.keywords ?? [],
    ...(manifest.contributors !== undefined && { contributors: manifest.contributors }),
    ...(manifest.dependencies !== undefined && { dependencies: manifest.dependencies }),
    path: manifest.path,
    problems: problems.map((problem) => ({ ...problem })),
  };
}
