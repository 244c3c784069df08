import { isDeepStrictEqual } from 'node:util';
import type { KeyValueStore } from '../datastore/index.ts';
import { isJsonObject, type Json, type JsonObject, newId, type PackContent, PetrelError } from '../model/index.ts';
import { maskedConfig, schemaOfItem, schemaOfProperty } from '../packs/index.ts';

const MASKED = '********';

interface SealedConfig {
  readonly values: JsonObject;
  /** Is told whether the values were taken: what is named no more is forgotten, and what has the name of an older secret takes its place. */
  settle(taken: boolean): Promise<void>;
}

/** A value, what its schema says, what was there before, and where. */
interface Place {
  readonly schema: JsonObject | undefined;
  /** Undefined: nothing that could be meant. */
  readonly before: Json | undefined;
  readonly path: readonly (string | number)[];
}

/**
 * A pack's configuration as it is to be kept: secrets go into the datastore, encrypted, and the configuration names them, as StackStorm
 * recommends. A secret that comes back as it was shown stays, also where the items of its list have moved. Throws `PetrelError`
 * (`invalid`) where it cannot be told which one is meant.
 */
export async function sealConfig(pack: PackContent, given: JsonObject, keys: KeyValueStore): Promise<SealedConfig> {
  const { ref } = pack.manifest;
  const prefix = `config__${plain(ref)}__`;
  const named = new Set(namesIn(pack.config, prefix));
  const made: string[] = [];
  const replaced: (() => Promise<unknown>)[] = [];

  const walk = async (value: Json, place: Place): Promise<Json> => {
    if (place.schema?.secret === true) return await secret(value, place, false);
    if (Array.isArray(value)) return await items(value, place, walk);
    return isJsonObject(value) ? await properties(value, place, walk) : value;
  };

  /** `inside`: the schema calls secret what holds the value, so that nothing else decrypts it. */
  const secret = async (value: Json, place: Place, inside: boolean): Promise<Json> => {
    if (value === MASKED) return await unchanged(place, inside);
    if (typeof value === 'string') return await text(value, place.path, inside);
    const below = (item: Json, at: Place) => secret(item, at, at.schema?.secret !== true);
    if (Array.isArray(value)) return await items(value, place, below);
    return isJsonObject(value) ? await properties(value, place, below) : value;
  };

  const unchanged = async ({ schema, before, path }: Place, inside: boolean): Promise<Json> => {
    if (before !== undefined) return await secret(before, { schema, before: undefined, path }, inside);
    if (!path.some((step) => typeof step === 'number')) return '';
    throw new PetrelError(
      'invalid',
      `The secret "${path.join('.')}" of the pack "${ref}" is masked, and its list has changed so that it cannot be told which one is meant; write it out.`,
    );
  };

  const text = async (value: string, path: Place['path'], inside: boolean): Promise<Json> => {
    if (value === '' || value === MASKED || /\{\{|\{%/.test(value)) return value;
    // Items of lists move: what is named after a place would be taken for another one's.
    const own = path.some((step) => typeof step === 'number') ? [newId()] : [];
    const name = `${prefix}${[...path, ...own].map(String).map(plain).join('__')}`;
    const description = `Configuration item ${path.join('.')} of the pack ${ref}.`;
    const set = () => keys.set({ scope: 'system', name }, value, { secret: true, description });
    if (named.has(name)) replaced.push(set);
    else {
      made.push(name);
      await set();
    }
    return `{{ st2kv.system.${name}${inside ? ' | decrypt_kv' : ''} }}`;
  };

  const values = (await walk(given, {
    schema: { properties: pack.configSchema },
    before: pack.config,
    path: [],
  })) as JsonObject; // an object in, an object out

  return {
    values,
    async settle(taken) {
      for (const set of taken ? replaced : []) await set();
      const needed = new Set(namesIn(values, prefix));
      const gone = taken ? [...named].filter((name) => !needed.has(name)) : made;
      for (const name of gone) await keys.delete({ scope: 'system', name });
    },
  };
}

type Walk = (value: Json, place: Place) => Promise<Json>;

async function properties(value: JsonObject, { schema, before, path }: Place, walk: Walk): Promise<Json> {
  const entries: [string, Json][] = [];
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const earlier = isJsonObject(before) && Object.hasOwn(before, name) ? before[name] : undefined;
    const place = { schema: schemaOfProperty(schema ?? {}, name), before: earlier, path: [...path, name] };
    entries.push([name, await walk(item, place)]);
  }
  return Object.fromEntries(entries);
}

async function items(value: readonly Json[], { schema, before, path }: Place, walk: Walk): Promise<Json> {
  const earlier = Array.isArray(before) ? (before as readonly Json[]) : []; // an array of JSON holds JSON
  const meant = partners(value, earlier, schema ?? {});
  const walked: Json[] = [];
  for (const [index, item] of value.entries()) {
    const place = { schema: schemaOfItem(schema ?? {}, index), before: meant[index], path: [...path, index] };
    walked.push(await walk(item, place));
  }
  return walked;
}

/**
 * Which of the earlier items each item was: the one that was shown as it comes back, at the same place or, where only one was shown so,
 * at another; in a list that is as long as it was an item that was changed is the one that stood there.
 */
function partners(now: readonly Json[], before: readonly Json[], schema: JsonObject): readonly (Json | undefined)[] {
  const shown = before.map((item, index) => shownItem(item, schemaOfItem(schema, index)));
  const sameLength = now.length === before.length;
  const places = now.map((item, index) => {
    if (sameLength && isDeepStrictEqual(item, shown[index])) return index;
    const same = [...shown.keys()].filter((other) => isDeepStrictEqual(item, shown[other]));
    return same.length === 1 ? same[0] : undefined;
  });
  const taken = new Set(places);
  return places.map((place, index) => {
    if (place !== undefined) return before[place];
    return sameLength && !taken.has(index) ? before[index] : undefined;
  });
}

function shownItem(item: Json, schema: JsonObject | undefined): Json | undefined {
  return maskedConfig({ item }, schema === undefined ? {} : { item: schema }).item;
}

/** The keys of ours that templates of a configuration name. */
function namesIn(config: JsonObject, prefix: string): string[] {
  const names = JSON.stringify(config).matchAll(/\{\{ st2kv\.system\.(\w+)(?: \| decrypt_kv)? \}\}/g);
  return [...names].map(([, name = '']) => name).filter((name) => name.startsWith(prefix));
}

function plain(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, '_');
}
