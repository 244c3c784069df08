import { existsSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  type JsonObject,
  messageOf,
  type ParameterSchemas,
  type Problem,
  type Sensor,
  type TriggerType,
} from '../model/index.ts';
import type { KnownRunner } from './action-file.ts';
import { placesOfRule } from './added.ts';
import { mentionOfAlias, readAlias } from './alias-file.ts';
import { readConfig, readConfigSchema, withDefaults } from './config.ts';
import { loadActions } from './load-actions.ts';
import { loadResources } from './load-resources.ts';
import { loadSensorModules } from './load-sensors.ts';
import type { LoadedPack, RefusedPack, RulePlaces } from './loaded-pack.ts';
import { readManifest } from './manifest.ts';
import type { ActionMention } from './mention.ts';
import type { ModuleLoader } from './modules.ts';
import { filesIn, METADATA, readSource } from './pack-files.ts';
import { type PolicyPlaces, placesOfPolicy, readPolicy } from './policy-file.ts';
import { START } from './problems.ts';
import { readRule } from './rule-file.ts';
import { readSensor } from './sensor-file.ts';
import type { Source } from './source.ts';
import { readTriggerType } from './trigger-file.ts';

export interface PackReading {
  readonly modules: ModuleLoader;
  /** Folder of `<pack>.yaml` files with configuration values. Absent: packs run on their defaults. */
  readonly configDirectory?: string;
  /** Absent: runner types and parameters of runners are not checked. */
  readonly runners?: ReadonlyMap<string, KnownRunner>;
  /** Throws when a format of an alias is none. Absent: formats are not checked. */
  readonly checkAliasFormat?: (format: string) => void;
}

/**
 * Reads one pack folder. A file that is wrong is refused, with file, line and column in the content's problems; the other files
 * load. Only a folder without a usable pack.yaml is refused as a whole. Never rejects because of what the folder holds. References to other packs
 * are not looked at here: see `checkReferences`.
 */
export async function loadPack(directory: string, reading: PackReading): Promise<LoadedPack | RefusedPack> {
  const folder = resolve(directory);
  try {
    return await readFolder(folder, reading);
  } catch (error) {
    const message = `The pack's folder cannot be read: ${messageOf(error)}.`;
    const problem: Problem = { severity: 'error', pack: basename(folder), file: folder, ...START, message };
    return { kind: 'refused', directory: folder, problems: [problem] };
  }
}

async function readFolder(folder: string, reading: PackReading): Promise<LoadedPack | RefusedPack> {
  const manifestFile = join(folder, 'pack.yaml');
  if (!existsSync(manifestFile)) {
    const message =
      'This folder is not a pack: it has no pack.yaml. Add one with ref, name, description, version and author.';
    const problem: Problem = { severity: 'error', pack: basename(folder), file: manifestFile, ...START, message };
    return { kind: 'refused', directory: folder, problems: [problem] };
  }
  const manifestSource = readSource(manifestFile, basename(folder));
  const manifest = manifestSource.value === undefined ? undefined : readManifest(manifestSource, folder);
  if (manifest === undefined) return { kind: 'refused', directory: folder, problems: manifestSource.problems };

  const pack = manifest.ref;
  const problems: Problem[] = manifestSource.problems.map((problem) => ({ ...problem, pack }));
  const refusedFiles = new Set<string>();
  /** Runs a reader over each metadata file of a folder. */
  const readAll = <T>(name: string, read: (source: Source, metadataFile: string) => T | undefined): T[] => {
    const found: T[] = [];
    for (const file of filesIn(join(folder, name), METADATA)) {
      const source = readSource(file, pack, folder);
      const resource = source.value === undefined ? undefined : read(source, relative(folder, file));
      problems.push(...source.problems);
      if (resource === undefined) refusedFiles.add(relative(folder, file));
      else found.push(resource);
    }
    return found;
  };

  const triggerTypes: TriggerType[] = readAll('triggers', readTriggerType);
  const sensors: Sensor[] = [];
  for (const found of readAll('sensors', (source, file) => readSensor(source, file, folder))) {
    sensors.push(found.sensor);
    triggerTypes.push(...found.triggerTypes);
  }
  const described = new Set(sensors.map(({ entryPath }) => entryPath));
  const modules = await loadSensorModules({ ...reading, pack, directory: folder, described });
  problems.push(...modules.problems);
  for (const file of modules.refusedFiles) refusedFiles.add(file);
  for (const found of modules.sensors) {
    sensors.push(found.sensor);
    triggerTypes.push(...found.triggerTypes);
  }
  const actions = await loadActions({ ...reading, pack, directory: folder });
  problems.push(...actions.problems);
  for (const file of actions.refusedFiles) refusedFiles.add(file);
  const resources = await loadResources({ ...reading, pack, directory: folder });
  problems.push(...resources.problems);
  for (const file of resources.refusedFiles) refusedFiles.add(file);
  const rulePlaces = new Map<string, RulePlaces>();
  const rules = readAll('rules', (source, file) => {
    const rule = readRule(source, file);
    if (rule !== undefined) rulePlaces.set(rule.ref, placesOfRule(source, rule));
    return rule;
  });
  const policyPlaces = new Map<string, PolicyPlaces>();
  const policies = readAll('policies', (source, file) => {
    const policy = readPolicy(source, file);
    if (policy !== undefined) policyPlaces.set(policy.ref, placesOfPolicy(source, policy));
    return policy;
  });
  const aliasMentions: ActionMention[] = [];
  const aliases = readAll('aliases', (source, file) => {
    const alias = readAlias(source, file, reading.checkAliasFormat);
    if (alias !== undefined) aliasMentions.push(mentionOfAlias(source, alias));
    return alias;
  });
  const configuration = loadConfig(folder, pack, reading.configDirectory);
  for (const file of configuration.refusedFiles) refusedFiles.add(file);
  problems.push(...configuration.problems);

  const names: Naming = { pack, folder, problems };
  return {
    kind: 'loaded',
    rulePlaces,
    policyPlaces,
    mentions: [...actions.mentions, ...resources.mentions, ...aliasMentions],
    refusedFiles,
    content: {
      manifest,
      actions: unique(actions.actions, 'action', names),
      triggerTypes: uniqueTriggerTypes(triggerTypes, names),
      sensors: unique(sensors, 'sensor', names),
      rules: unique(rules, 'rule', names),
      resources: unique(resources.resources, 'resource', names),
      policies: unique(policies, 'policy', names),
      aliases: unique(aliases, 'alias', names),
      configSchema: configuration.schema,
      config: configuration.values,
      problems,
    },
  };
}

interface Configuration {
  readonly schema: ParameterSchemas;
  readonly values: JsonObject;
  readonly problems: readonly Problem[];
  readonly refusedFiles: readonly string[];
}

function loadConfig(folder: string, pack: string, configDirectory: string | undefined): Configuration {
  const problems: Problem[] = [];
  const refusedFiles: string[] = [];
  const read = <T>(file: string, reader: (source: Source) => T | undefined): T | undefined => {
    if (!existsSync(file)) return undefined;
    const source = readSource(file, pack);
    const result = source.value === undefined ? undefined : reader(source);
    problems.push(...source.problems);
    if (result === undefined) refusedFiles.push(file);
    return result;
  };
  const schema = read(join(folder, 'config.schema.yaml'), readConfigSchema) ?? {};
  const file = configDirectory === undefined ? undefined : configFileOf(configDirectory, pack);
  const written = file === undefined ? undefined : read(file, (source) => readConfig(source, schema));
  const values =
    written ?? (file !== undefined && existsSync(file) ? undefined : read(join(folder, 'config.yaml'), ofOld));
  return { schema, values: values ?? withDefaults(schema, {}), problems, refusedFiles };
}

/** As StackStorm before its release 1.4: values in the pack itself. Whoever has packs of that time has their configuration there. */
function ofOld(source: Source): JsonObject | undefined {
  const values = readConfig(source, {});
  if (values === undefined || Object.keys(values).length === 0) return values;
  source.warning(
    [],
    `Configuration in the pack is of old; it counts until there is a file ${source.pack}.yaml among the configurations.`,
  );
  return values;
}

/** Where a pack's configuration values lie. */
export function configFileOf(configDirectory: string, pack: string): string {
  return resolve(configDirectory, `${pack}.yaml`);
}

interface Naming {
  readonly pack: string;
  readonly folder: string;
  readonly problems: Problem[];
}

/** Sensors that dispatch the same events each declare them; as StackStorm. Only where they say different things one of them is not heeded. */
function uniqueTriggerTypes(types: readonly TriggerType[], { pack, folder, problems }: Naming): readonly TriggerType[] {
  const first = new Map<string, TriggerType>();
  for (const type of types) {
    const other = first.get(type.ref);
    if (other === undefined) {
      first.set(type.ref, type);
      continue;
    }
    const schemas = ({ payloadSchema, parametersSchema }: TriggerType) => ({ payloadSchema, parametersSchema });
    if (isDeepStrictEqual(schemas(other), schemas(type))) continue;
    const message = `The trigger type "${type.ref}" has other schemas in ${other.metadataFile}; those count.`;
    problems.push({ severity: 'warning', pack, file: join(folder, type.metadataFile ?? ''), ...START, message });
  }
  return [...first.values()];
}

/** Two files that define the same thing: the first, in the order of file names, counts. */
function unique<T extends { readonly ref: string; readonly metadataFile?: string }>(
  resources: readonly T[],
  what: string,
  { pack, folder, problems }: Naming,
): readonly T[] {
  const first = new Map<string, T>();
  for (const resource of resources) {
    const other = first.get(resource.ref);
    if (other === undefined) {
      first.set(resource.ref, resource);
      continue;
    }
    const message = `The ${what} "${resource.ref}" is defined in ${other.metadataFile} already; this one is left out.`;
    problems.push({ severity: 'error', pack, file: join(folder, resource.metadataFile ?? ''), ...START, message });
  }
  return [...first.values()];
}
