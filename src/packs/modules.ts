import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti, type Jiti } from 'jiti';
import * as zod from 'zod';
import { messageOf } from '../model/index.ts';
import type { ActionDefinition, ResourceDefinition, SensorDefinition, WorkflowDefinition } from '../sdk/index.ts';
import * as sdk from '../sdk/index.ts';
import { contentHashOf, fingerprintOf, isInstalledFor, type ModuleGraph, readModuleGraph } from './imports.ts';
import { ModuleError, moduleError } from './module-error.ts';
import { START } from './problems.ts';

/** Loads the TypeScript and JavaScript files of packs. */
export interface ModuleLoader {
  /**
   * The action or workflow that a file defines, as it is on disk now. Throws `ModuleError` when the file, or one that it imports,
   * does not load or does not define either.
   */
  readDefinition(file: string): Promise<PackDefinition>;
  /** The resource that a file defines; otherwise as `readDefinition`. */
  readResource(file: string): Promise<ResourceDefinition>;
  /** The sensor that a file defines; otherwise as `readDefinition`. */
  readSensor(file: string): Promise<SensorDefinition>;
  /**
   * The action to run: what the file defines now, but where it was changed and does not load any more, the last one that did.
   * Costs a few `stat` calls when nothing has changed.
   */
  loadAction(file: string): Promise<ActionDefinition>;
  /** The workflow to run, as `loadAction`, and a fingerprint of its source and of all that it imports from its pack. */
  loadWorkflow(file: string): Promise<{ readonly definition: WorkflowDefinition; readonly fingerprint: string }>;
}

/** What a file of a pack can define. */
export type PackDefinition = ActionDefinition | WorkflowDefinition;

type AnyDefinition = PackDefinition | ResourceDefinition | SensorDefinition;

interface Loaded {
  readonly graph: ModuleGraph;
  readonly definition: AnyDefinition;
  readonly contentHash: string;
}

/**
 * A loader with its own memory of what is loaded. TypeScript is translated once per content and kept in `cacheDirectory`.
 *
 * - `petrel/sdk`, `petrel/kubernetes` and `zod` are this process's own, so a schema made by a pack is a schema here.
 * - Other packages are looked for from the pack's folder up, as Node does, and then among Petrel's own.
 * - Modules of a pack are shared by its actions. When one of them changes, all of the pack's are loaded anew, each when it is next used.
 */
export function createModuleLoader(options: {
  readonly cacheDirectory: string;
  /** Milliseconds a module may take to load; default 10,000. One that waits for ever must not hold up the others. */
  readonly timeout?: number;
}): ModuleLoader {
  const loaded = new Map<string, Loaded>();
  /** What each file looked like when it was last evaluated. */
  const evaluated = new Map<string, string>();
  /** One load at a time per pack: a second one must not see modules that are half evaluated. */
  const queues = new Map<string, Promise<unknown>>();

  const evaluate = async (file: string, root: string): Promise<Loaded> => {
    const graph = readGraph(file);
    const jiti = await jitiFor(graph, root, options.cacheDirectory);
    const isStale = (part: string) => evaluated.has(part) && evaluated.get(part) !== fingerprintOf([part]);
    if (graph.files.some(isStale)) forget(jiti, root);
    for (const part of graph.files) evaluated.set(part, fingerprintOf([part]));
    const contentHash = contentHashOf(graph.files);
    let exported: unknown;
    try {
      exported = await within(options.timeout ?? 10_000, jiti.import(file));
    } catch (error) {
      forget(jiti, root);
      throw moduleError(file, root, error);
    }
    const definition = checkDefinition(file, exported);
    const now = { graph, definition, contentHash };
    loaded.set(file, now);
    return now;
  };

  const read = (file: string): Promise<Loaded> => {
    const known = loaded.get(file);
    if (known !== undefined && fingerprintOf(known.graph.files) === known.graph.fingerprint) {
      return Promise.resolve(known);
    }
    const root = packRootOf(file);
    const turn = (queues.get(root) ?? Promise.resolve()).then(() => evaluate(file, root));
    // The next in line does not care how this one ended.
    queues.set(root, turn.then(nothing, nothing));
    return turn;
  };

  const readOrLast = async (file: string): Promise<Loaded> => {
    const known = loaded.get(file);
    try {
      return await read(file);
    } catch (error) {
      if (known !== undefined && existsSync(file)) return known;
      throw error;
    }
  };

  return {
    async readDefinition(file) {
      const { definition } = await read(file);
      if ('definition' in definition)
        throw new ModuleError(file, START, 'The file defines a resource; it belongs into the folder resources/.');
      if (definition.kind === 'sensor')
        throw new ModuleError(file, START, 'The file defines a sensor; it belongs into the folder sensors/.');
      return definition;
    },
    async readSensor(file) {
      const { definition } = await read(file);
      if (!('definition' in definition) && definition.kind === 'sensor') return definition;
      throw new ModuleError(file, START, 'The file defines no sensor; this folder is for sensors.');
    },
    async readResource(file) {
      const { definition } = await read(file);
      if ('definition' in definition) return definition;
      throw new ModuleError(
        file,
        START,
        `The file defines no resource but an ${definition.kind}; it belongs into the folder actions/.`,
      );
    },
    async loadAction(file) {
      const { definition } = await readOrLast(file);
      if (!('definition' in definition) && definition.kind === 'action') return definition;
      throw new ModuleError(file, START, 'The file defines no action, but one is asked for.');
    },
    async loadWorkflow(file) {
      const { definition, contentHash } = await readOrLast(file);
      if (!('definition' in definition) && definition.kind === 'workflow')
        return { definition, fingerprint: contentHash };
      throw new ModuleError(file, START, 'The file defines no workflow, but one is asked for.');
    },
  };
}

/** Evaluates a module of a pack for what it does, such as a file of tests: its imports are resolved as those of the pack's actions. */
export async function runPackModule(file: string, cacheDirectory: string): Promise<void> {
  const jiti = await jitiFor(readGraph(file), packRootOf(file), cacheDirectory);
  await jiti.import(file);
}

async function jitiFor(graph: ModuleGraph, root: string, cacheDirectory: string): Promise<Jiti> {
  const virtualModules: Record<string, unknown> = { 'petrel/sdk': sdk, zod };
  // Loaded only for those who ask: it brings the whole client.
  if (graph.packages.has('petrel/kubernetes'))
    virtualModules['petrel/kubernetes'] = await import('../kubernetes/index.ts');
  return createJiti(join(root, 'pack.yaml'), {
    fsCache: cacheDirectory,
    moduleCache: true,
    interopDefault: false,
    // Lines stay where they are, so that stack traces of a pack's code are right.
    transformOptions: { retainLines: true },
    virtualModules,
    alias: aliasesFor(graph),
  });
}

function nothing(): void {}

/** Rejects when the promise has not settled after so many milliseconds. */
async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not finish within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function readGraph(file: string): ModuleGraph {
  try {
    return readModuleGraph(file);
  } catch (error) {
    throw new ModuleError(file, START, `The file cannot be read: ${messageOf(error)}.`, error);
  }
}

/** Drops a pack's modules from Node's memory, so that they are evaluated again. */
function forget(jiti: Jiti, root: string): void {
  const roots = new Set([root, realpathSync(root)]);
  for (const file of Object.keys(jiti.cache)) {
    for (const folder of roots) if (file.startsWith(`${folder}/`)) delete jiti.cache[file];
  }
}

/** The nearest folder above that holds a pack.yaml, else the one above `actions/`. */
function packRootOf(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'pack.yaml'))) return folder;
  }
  return dirname(dirname(file));
}

/** Packages that the pack does not bring, and Petrel does. */
function aliasesFor(graph: ModuleGraph): Record<string, string> {
  const aliases: Record<string, string> = {};
  for (const [specifier, file] of graph.packages) {
    if (isInstalledFor(specifier, file)) continue;
    const found = resolveHere(specifier);
    if (found !== undefined) aliases[specifier] = found;
  }
  return aliases;
}

function resolveHere(specifier: string): string | undefined {
  try {
    return fileURLToPath(import.meta.resolve(specifier));
  } catch {
    return undefined;
  }
}

function checkDefinition(file: string, exported: unknown): AnyDefinition {
  const refuse = (why: string): never => {
    throw new ModuleError(file, START, why);
  };
  const definition =
    typeof exported === 'object' && exported !== null && 'default' in exported ? exported.default : undefined;
  if (typeof definition === 'object' && definition !== null && 'definition' in definition) {
    return checkResource(definition, refuse);
  }
  const kind =
    typeof definition === 'object' && definition !== null && 'kind' in definition ? definition.kind : undefined;
  if (typeof definition === 'object' && definition !== null && kind === 'sensor')
    return checkSensor(definition, refuse);
  if (typeof definition !== 'object' || definition === null || (kind !== 'action' && kind !== 'workflow')) {
    return refuse(
      'The file defines no action. Write `export default defineAction({ ... })` or `defineWorkflow`, both from "petrel/sdk".',
    );
  }
  if (!('run' in definition) || typeof definition.run !== 'function') {
    return refuse(`The ${kind} has no function "run".`);
  }
  const input = 'input' in definition ? definition.input : undefined;
  if (!isZodObject(input))
    return refuse(`The ${kind}'s "input" must be a zod object, such as \`z.object({ name: z.string() })\`.`);
  return definition as PackDefinition; // as checked above
}

function checkSensor(definition: object, refuse: (why: string) => never): SensorDefinition {
  const { run, poll, triggerTypes, pollInterval, pollTimeout } = definition as Partial<Record<string, unknown>>; // each is looked at
  if ((typeof run === 'function') === (typeof poll === 'function')) {
    return refuse('The sensor needs either a function "run" or a function "poll".');
  }
  const types: readonly unknown[] = Array.isArray(triggerTypes) ? triggerTypes : [];
  const isType = (type: unknown) => typeof type === 'object' && type !== null && 'name' in type;
  if (!Array.isArray(triggerTypes) || !types.every(isType)) {
    return refuse('The sensor needs "triggerTypes", a list of objects with a "name".');
  }
  for (const seconds of [pollInterval, pollTimeout]) {
    if (seconds === undefined || (typeof seconds === 'number' && seconds > 0)) continue;
    return refuse('"pollInterval" and "pollTimeout" of a sensor are seconds, more than 0.');
  }
  return definition as SensorDefinition; // the rest is checked as a metadata file's is
}

function checkResource(definition: object, refuse: (why: string) => never): ResourceDefinition {
  const versions = 'versions' in definition ? definition.versions : undefined;
  const list: readonly unknown[] = Array.isArray(versions) ? versions : [];
  const isVersion = (version: unknown) =>
    typeof version === 'object' && version !== null && 'spec' in version && isZodObject(version.spec);
  if (list.length === 0 || !list.every(isVersion)) {
    return refuse(
      'The resource needs "versions", each with a zod object as "spec": `{ name: \'v1\', spec: z.object({ ... }) }`.',
    );
  }
  return definition as ResourceDefinition; // the rest is checked as a metadata file's is
}

/** Not instanceof: a pack may bring its own copy of zod. */
function isZodObject(value: unknown): boolean {
  return (value as { _zod?: { def?: { type?: unknown } } } | null | undefined)?._zod?.def?.type === 'object'; // each step may be absent
}
