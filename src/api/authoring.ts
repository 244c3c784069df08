import { canonicalJson, isJsonObject, type Json, type JsonObject, PetrelError } from '../model/index.ts';
import type { AddedKind, RegistrySnapshot } from '../packs/index.ts';
import { notFound } from './errors.ts';
import type { ApiServices } from './services.ts';

/** The pack of content that names none, as StackStorm's. */
const DEFAULT_PACK = 'default';

/** A kind of content that is made, replaced and deleted through the API, beside what the files of packs define. */
interface Authored<T> {
  readonly kind: AddedKind;
  /** In messages, as StackStorm: `Rule`. */
  readonly what: string;
  items(snapshot: RegistrySnapshot): ReadonlyMap<string, T>;
  view(item: T): JsonObject;
  /** Of those that no snapshot holds. */
  provided?(ref: string): Promise<T | undefined>;
  /** Told of the files that came with it, once it is in force. */
  written?(ref: string, files: readonly string[]): Promise<void>;
  /** A body without what answers show of a thing that does not belong to it. */
  ownOf?(body: Body): Body;
}

/** A body with what names the thing; the readers of packs judge the rest. */
export interface Body {
  readonly name: string;
  readonly pack?: string | null | undefined;
  readonly [key: string]: unknown;
}

export interface Author {
  list(): readonly JsonObject[];
  /** By reference or id. Throws `not_found`. */
  find(refOrId: string): Promise<JsonObject>;
  /** Throws `conflict` (with the id of what is there) and `invalid`. */
  create(body: Body): Promise<JsonObject>;
  /**
   * Replaces it. What a pack's file defines can only be switched on and off; another change throws `conflict`, since the file would
   * win. Throws `not_found` and `invalid`.
   */
  replace(refOrId: string, body: Body): Promise<JsonObject>;
  /** Throws `not_found`, and `conflict` for what a pack's file defines. */
  remove(refOrId: string): Promise<void>;
  /** Whether it was made through the API. */
  isAdded(ref: string): boolean;
}

export function createAuthor<T>(services: ApiServices, authored: Authored<T>): Author {
  const { registry, content, masker } = services;
  const { kind, what } = authored;
  const byId = new WeakMap<RegistrySnapshot, ReadonlyMap<string, T>>();

  const view = (item: T): JsonObject => masker.maskJson(authored.view(item));
  const idsOf = (snapshot: RegistrySnapshot) => {
    const known = byId.get(snapshot);
    if (known !== undefined) return known;
    const ids = new Map([...authored.items(snapshot).values()].map((item) => [String(authored.view(item).id), item]));
    byId.set(snapshot, ids);
    return ids;
  };
  const find = async (refOrId: string): Promise<T> => {
    const snapshot = registry.snapshot();
    const found = authored.items(snapshot).get(refOrId) ?? idsOf(snapshot).get(refOrId);
    const item = found ?? (refOrId.includes('.') ? await authored.provided?.(refOrId) : undefined);
    if (item === undefined) throw notFound(what, refOrId);
    return item;
  };
  const own = (body: Body): Body => authored.ownOf?.(body) ?? body;
  const isAdded = (ref: string) => registry.snapshot().added.has(`${kind}:${ref}`);
  const current = (ref: string): JsonObject => {
    const item = authored.items(registry.snapshot()).get(ref);
    if (item === undefined) throw notFound(what, ref);
    return view(item);
  };
  /** Files that came with it once stay when a body brings none, as when it is switched off. */
  const store = async (ref: string, body: Body): Promise<JsonObject> => {
    const brought = body.data_files ?? undefined;
    const data_files = brought ?? (await content.get(kind, ref))?.body.data_files;
    const kept = data_files === undefined ? body : { ...body, data_files };
    const files = await content.put({ kind, ref, body: cleaned(kept) });
    if (brought !== undefined) await authored.written?.(ref, files);
    return current(ref);
  };

  return {
    isAdded,
    list: () => [...authored.items(registry.snapshot()).values()].map(view),
    find: async (refOrId) => view(await find(refOrId)),

    async create(body) {
      const pack = body.pack ?? DEFAULT_PACK;
      const ref = `${pack}.${body.name}`;
      const existing = authored.items(registry.snapshot()).get(ref);
      if (existing !== undefined) throw conflict(`${what} "${ref}" already exists.`, authored.view(existing));
      return await store(ref, { ...body, pack });
    },

    async replace(refOrId, body) {
      const before = authored.view(await find(refOrId));
      const ref = String(before.ref);
      const pack = body.pack ?? String(before.pack);
      if (`${pack}.${body.name}` !== ref) {
        throw new PetrelError(
          'invalid',
          `${what} "${ref}" keeps its name and its pack; create "${pack}.${body.name}" and delete this one instead.`,
        );
      }
      if (isAdded(ref)) return await store(ref, { ...body, pack });
      if (!saysTheSame(own(before as Body), own(body))) {
        // a view has a name
        throw conflict(
          `${what} "${ref}" is defined by a file of its pack${fileOf(before)}, which would win; change it there. Only "enabled" can be changed here.`,
          before,
        );
      }
      const enabled = body.enabled ?? before.enabled;
      if (typeof enabled === 'boolean' && enabled !== before.enabled) {
        await content.put({ kind: 'enabled', ref: `${kind}:${ref}`, body: { enabled } });
      }
      return current(ref);
    },

    async remove(refOrId) {
      const before = authored.view(await find(refOrId));
      const ref = String(before.ref);
      if (!isAdded(ref)) {
        throw conflict(`${what} "${ref}" is defined by a file of its pack${fileOf(before)}; delete it there.`, before);
      }
      await content.remove(kind, ref);
    },
  };
}

function conflict(message: string, existing: JsonObject): PetrelError {
  return new PetrelError('conflict', message, { details: { 'conflict-id': existing.id } });
}

function fileOf({ metadata_file: file }: JsonObject): string {
  return typeof file === 'string' ? `, ${file}` : '';
}

/**
 * What Petrel writes itself is not kept. A file that describes the thing is, when it came along: StackStorm's workflow designer reads it
 * again by its name.
 */
function cleaned(body: Body): JsonObject {
  const { id, uid, ref, metadata_file, ...rest } = body as JsonObject; // it came as JSON
  const files = Array.isArray(rest.data_files) ? rest.data_files : [];
  const came = files.some((file) => isJsonObject(file) && `actions/${String(file.file_path)}` === metadata_file);
  return came ? { ...rest, metadata_file } : rest;
}

/** Whether a body says of a thing what is true of it, leaving out whether it is enabled. What it does not say counts as unchanged. */
function saysTheSame(before: Body, body: Body): boolean {
  const ignored = ['enabled', 'pack', 'id', 'uid', 'ref', 'metadata_file'];
  const known = before as JsonObject; // both are JSON
  return Object.entries(body as JsonObject)
    .filter(([name, value]) => !ignored.includes(name) && value !== null && value !== undefined)
    .every(([name, value]) => {
      if (isNothing(value) && isNothing(known[name])) return true;
      return canonicalJson(comparable(value)) === canonicalJson(comparable(known[name]));
    });
}

/** Without what says nothing. */
function comparable(value: Json | undefined): Json {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const entries = Object.entries(value).filter(([, item]) => !isNothing(item));
  return Object.fromEntries(entries.map(([name, item]) => [name, comparable(item)]));
}

function isNothing(value: Json | undefined): boolean {
  if (value === null || value === undefined || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
