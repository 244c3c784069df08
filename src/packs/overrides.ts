import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type Json, type JsonObject, type PackContent, type Problem } from '../model/index.ts';
import { filesIn, METADATA, readSource } from './pack-files.ts';
import { checkMapping, type Fields, mappingOf } from './shape.ts';
import type { Source } from './source.ts';

/** What an operator switches on and off without touching packs (stackstorm-packs.md, section 1): `_global` and packs by reference. */
export interface Overrides {
  readonly byPack: ReadonlyMap<string, JsonObject>;
  readonly problems: readonly Problem[];
}

export const NO_OVERRIDES: Overrides = { byPack: new Map(), problems: [] };

const KINDS = ['actions', 'sensors', 'rules', 'aliases'] as const;
const SWITCH: Fields = { enabled: { kind: 'boolean' } };

/** Reads a folder of `_global.yaml` and `<pack>.yaml`. A file that is wrong counts for nothing, and is named. */
export function readOverrides(directory: string): Overrides {
  if (!existsSync(directory)) return NO_OVERRIDES;
  const byPack = new Map<string, JsonObject>();
  const problems: Problem[] = [];
  for (const file of filesIn(directory, METADATA)) {
    const name = file.slice(join(directory, '/').length).replace(/\.[^.]+$/, '');
    const source = readSource(file, name);
    const value = source.value === undefined ? undefined : checked(source, name);
    problems.push(...source.problems);
    if (value !== undefined) byPack.set(name, value);
  }
  return { byPack, problems };
}

function checked(source: Source, name: string): JsonObject | undefined {
  if (source.value === null) return {};
  const fields = checkMapping(
    source,
    [],
    source.value,
    Object.fromEntries(KINDS.map((kind) => [kind, { kind: 'mapping' as const }])),
    {
      what: 'a file of overrides',
    },
  );
  for (const kind of KINDS) {
    const part = fields?.[kind];
    if (!isJsonObject(part)) continue;
    // As StackStorm: exceptions are of a pack, so `_global` has none.
    const known: Fields =
      name === '_global'
        ? { defaults: { kind: 'mapping', fields: SWITCH } }
        : { defaults: { kind: 'mapping', fields: SWITCH }, exceptions: { kind: 'mapping' } };
    checkMapping(source, [kind], part, known, { what: `"${kind}"` });
    for (const [item, value] of Object.entries(mappingOf(part, 'exceptions'))) {
      checkMapping(source, [kind, 'exceptions', item], value, SWITCH, { what: `the exception "${item}"` });
    }
  }
  return source.problems.some(({ severity }) => severity === 'error') ? undefined : fields;
}

/** The pack with its actions, sensors, rules and aliases enabled and disabled as the overrides say; the nearest word counts. */
export function applyOverrides(content: PackContent, { byPack }: Overrides): PackContent {
  if (byPack.size === 0) return content;
  const own = byPack.get(content.manifest.ref) ?? {};
  const everywhere = byPack.get('_global') ?? {};
  const switched = <T extends { readonly enabled: boolean }>(
    kind: (typeof KINDS)[number],
    items: readonly T[],
    nameOf: (item: T) => string,
  ) =>
    items.map((item) => {
      const words = [
        mappingOf(mappingOf(own, kind), 'exceptions')[nameOf(item)],
        mappingOf(own, kind).defaults,
        mappingOf(everywhere, kind).defaults,
      ];
      const enabled = words.map(enabledOf).find((word) => word !== undefined);
      return enabled === undefined || enabled === item.enabled ? item : { ...item, enabled };
    });
  return {
    ...content,
    actions: switched('actions', content.actions, ({ name }) => name),
    sensors: switched('sensors', content.sensors, ({ className }) => className),
    rules: switched('rules', content.rules, ({ name }) => name),
    aliases: switched('aliases', content.aliases, ({ name }) => name),
  };
}

function enabledOf(word: Json | undefined): boolean | undefined {
  return isJsonObject(word) && typeof word.enabled === 'boolean' ? word.enabled : undefined;
}
