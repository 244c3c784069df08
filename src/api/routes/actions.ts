import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { type Action, type JsonObject, messageOf, PetrelError } from '../../model/index.ts';
import { attributesOf } from '../attributes.ts';
import { authoredRoutes } from '../authored-routes.ts';
import { type Author, createAuthor } from '../authoring.ts';
import { matching, sendArray } from '../listing.ts';
import { attributeQuery, contentQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { contentName, packName, parameters } from '../shapes/common.ts';
import { action, actionBody } from '../shapes/content.ts';
import { actionView } from '../views.ts';

const TAG = 'Actions';
/** As StackStorm: whoever keeps the files of several machines alike learns here of new ones. */
const FILE_WRITTEN = 'core.st2.action.file_written';
/** Packs that Petrel brings and needs; as StackStorm, their actions cannot be changed. */
const SYSTEM_PACKS = ['core'];

const actionQuery = z.object({ ...contentQuery, tags: z.string().optional().meta({ description: 'name:value' }) });

/** /actions, with views and clones. */
export function actionRoutes(services: ApiServices): readonly Route[] {
  const { registry, provider, events, log, masker } = services;
  const author = createAuthor<Action>(services, {
    kind: 'action',
    what: 'Action',
    items: ({ actions }) => actions,
    view: actionView,
    provided: async (ref) => provider?.find(ref),
    async written(ref, files) {
      const host_info = { hostname: hostname() };
      const payloads = files.map((file_path) => ({ ref, file_path, host_info }));
      if (payloads.length === 0) return;
      // The action is there already, so whoever made it is not told of a failure.
      await events
        .dispatch(payloads.map((payload) => ({ trigger: FILE_WRITTEN, parameters: {}, payload })))
        .catch((error: unknown) => log.warn(`That files of ${ref} were written is no event: ${messageOf(error)}`));
    },
  });

  /** Those of files first. When it cannot be told what else there is, the list is of those, with a line in the log. */
  const all = async (): Promise<readonly JsonObject[]> => {
    const { actions } = registry.snapshot();
    try {
      const provided = (await provider?.list()) ?? [];
      return [...author.list(), ...provided.filter(({ ref }) => !actions.has(ref)).map(actionView)];
    } catch (error) {
      log.warn(`The list of actions is that of packs' files only: ${messageOf(error)}`);
      return author.list();
    }
  };
  const list = async (query: z.output<typeof actionQuery>) => {
    const items = matching(await all(), query, {
      id: (item) => item.id,
      name: (item) => item.name,
      pack: (item) => item.pack,
    });
    const tags = query.tags?.split(',');
    if (tags === undefined) return items;
    return items.filter((item) => {
      const has = (item.tags as readonly JsonObject[]).map(({ name, value }) => `${name}:${value}`); // of the view
      return tags.every((tag) => has.includes(tag) || has.some((own) => own.startsWith(`${tag}:`)));
    });
  };

  /** The action with the parameters of its runner, which it may override. */
  const merged = (view: JsonObject): JsonObject => ({ ...view, parameters: mergedParameters(view) });
  const mergedParameters = (view: JsonObject): JsonObject => {
    const inherited = services.runnerParameters(String(view.runner_type)) ?? {};
    const own = view.parameters as Readonly<Record<string, JsonObject>>; // of the view
    const names = new Set([...Object.keys(inherited), ...Object.keys(own)]);
    return Object.fromEntries([...names].map((name) => [name, { ...inherited[name], ...own[name] }]));
  };
  const actionOf = async (refOrId: string): Promise<Action> => {
    const { ref } = await author.find(refOrId);
    const found = registry.snapshot().actions.get(String(ref)) ?? (await provider?.find(String(ref)));
    if (found === undefined) throw new PetrelError('not_found', `Action with a reference or id "${refOrId}" not found`);
    return found;
  };

  return [
    route({
      method: 'GET',
      path: '/actions',
      tag: TAG,
      summary: 'Lists actions',
      query: actionQuery,
      answer: z.array(action),
      handle: async ({ query, reply }) => sendArray(reply, query, await list(query)),
    }),
    route({
      method: 'GET',
      path: '/actions/views/overview',
      tag: TAG,
      summary: 'Lists actions with the parameters of their runners',
      query: actionQuery,
      answer: z.array(action),
      handle: async ({ query, reply }) => sendArray(reply, query, (await list(query)).map(merged)),
    }),
    route({
      method: 'GET',
      path: '/actions/views/overview/:ref',
      tag: TAG,
      summary: 'Shows an action with the parameters of its runner',
      query: z.object(attributeQuery),
      answer: action,
      handle: async ({ params, query }) => attributesOf(query).choose(merged(await author.find(params.ref ?? ''))),
    }),
    route({
      method: 'GET',
      path: '/actions/views/parameters/:ref',
      tag: TAG,
      summary: "An action's parameters with those of its runner",
      answer: z.strictObject({ parameters }),
      handle: async ({ params }) => ({ parameters: mergedParameters(await author.find(params.ref ?? '')) }),
    }),
    route({
      method: 'GET',
      path: '/actions/views/entry_point/:ref',
      tag: TAG,
      summary: "The text of an action's file",
      answer: { media: 'text/plain' },
      async handle({ params, reply }) {
        const { ref, entryPath } = await actionOf(params.ref ?? '');
        if (entryPath === '')
          throw new PetrelError('not_found', `Action "${ref}" has no entry point: it needs no file.`);
        try {
          return reply.type('text/plain; charset=utf-8').send(masker.mask(await readFile(entryPath, 'utf8')));
        } catch (error) {
          throw new PetrelError('not_found', `The entry point of action "${ref}" cannot be read: ${messageOf(error)}.`);
        }
      },
    }),
    ...authoredRoutes(protectedAuthor(author), {
      path: '/actions',
      tag: TAG,
      what: 'an action',
      answer: action,
      body: actionBody,
    }),
    route({
      method: 'POST',
      path: '/actions/:ref/clone',
      tag: TAG,
      summary: 'Makes an action of another name that does the same',
      body: z.looseObject({ dest_pack: packName, dest_action: contentName, overwrite: z.boolean().nullish() }),
      status: 201,
      answer: action,
      errors: [409],
      async handle({ params, body }) {
        const source = await actionOf(params.ref ?? '');
        const { dest_pack: pack, dest_action: name } = body;
        const ref = `${pack}.${name}`;
        if (!registry.snapshot().packs.has(pack)) {
          throw new PetrelError('invalid', `Destination pack "${pack}" is not registered; name one that is.`);
        }
        const exists = registry.snapshot().actions.has(ref);
        if (exists && body.overwrite !== true) {
          throw new PetrelError(
            'invalid',
            `The requested destination action "${ref}" already exists; say overwrite to replace it.`,
          );
        }
        const copy = await copyOf(source, name, pack);
        return exists ? await author.replace(ref, copy) : await author.create(copy);
      },
    }),
  ];
}

/** Actions of system packs are not changed. */
function protectedAuthor(author: Author): Author {
  const refuse = async (refOrId: string) => {
    const { ref, pack } = await author.find(refOrId);
    if (!SYSTEM_PACKS.includes(String(pack)) || author.isAdded(String(ref))) return;
    throw new PetrelError(
      'invalid',
      `Action "${ref}" belongs to the system pack "${pack}", whose actions cannot be changed.`,
    );
  };
  return {
    ...author,
    async replace(refOrId, body) {
      await refuse(refOrId);
      return await author.replace(refOrId, body);
    },
    async remove(refOrId) {
      await refuse(refOrId);
      await author.remove(refOrId);
    },
  };
}

/** Metadata as a file would hold it, and the file that is run. */
async function copyOf(source: Action, name: string, pack: string) {
  const { id, uid, ref, metadata_file, output_schema, ...view } = actionView(source);
  const file =
    source.entryPath === '' || source.entryPoint === ''
      ? []
      : [{ file_path: source.entryPoint, content: await readFile(source.entryPath, 'utf8') }];
  return {
    ...view,
    ...(source.outputSchema !== undefined && { output_schema }),
    ...(source.concurrencyKey !== undefined && { concurrency_key: source.concurrencyKey }),
    ...(source.timeout !== undefined && { timeout: source.timeout }),
    ...(source.retry !== undefined && {
      retry: { count: source.retry.count, delay: source.retry.delay, max_delay: source.retry.maxDelay },
    }),
    ...(file.length > 0 && { data_files: file }),
    name,
    pack,
  };
}
