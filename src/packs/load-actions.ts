import { accessSync, constants, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { type Action, messageOf, type Problem } from '../model/index.ts';
import { type KnownRunner, readAction } from './action-file.ts';
import { checkChain } from './chain-file.ts';
import type { ActionMention } from './mention.ts';
import { ModuleError } from './module-error.ts';
import type { ModuleLoader, PackDefinition } from './modules.ts';
import { filesIn, leadsOut, METADATA, readSource } from './pack-files.ts';
import { START } from './problems.ts';
import { actionFromDefinition, runnerTypeOf, TYPESCRIPT_RUNNER, TYPESCRIPT_WORKFLOW } from './typescript-action.ts';

export interface LoadedActions {
  readonly actions: readonly Action[];
  readonly mentions: readonly ActionMention[];
  readonly problems: readonly Problem[];
  /** Metadata files, relative to the pack's folder, that gave no action. */
  readonly refusedFiles: readonly string[];
}

interface Reading {
  readonly pack: string;
  readonly directory: string;
  readonly modules: ModuleLoader;
  readonly runners?: ReadonlyMap<string, KnownRunner>;
}

/** Reads all of a pack's `actions/`: metadata files, and files that define an action or a workflow in TypeScript or JavaScript. */
export async function loadActions(reading: Reading): Promise<LoadedActions> {
  const folder = join(reading.directory, 'actions');
  const actions: Action[] = [];
  const mentions: ActionMention[] = [];
  const problems: Problem[] = [];
  const refusedFiles: string[] = [];
  for (const file of filesIn(folder, METADATA)) {
    // As StackStorm: the file of that name configures an older kind of pack.
    if (basename(file) === 'config.yaml') continue;
    const found = await loadMetadata(reading, file);
    problems.push(...found.problems);
    mentions.push(...found.mentions);
    if (found.action === undefined) refusedFiles.push(relative(reading.directory, file));
    else actions.push(found.action);
  }
  const described = new Set(actions.map((action) => action.entryPath));
  for (const file of filesIn(folder, ['.ts', '.mts', '.js', '.mjs'])) {
    if (described.has(file) || leadsOut(reading.directory, file) !== undefined || !definesAction(file)) continue;
    try {
      const definition = await reading.modules.readDefinition(file);
      actions.push(fromDefinition(reading, file, definition));
    } catch (error) {
      problems.push(problemOf(reading.pack, file, error));
      refusedFiles.push(relative(reading.directory, file));
    }
  }
  return { actions, mentions, problems, refusedFiles };
}

async function loadMetadata(
  reading: Reading,
  file: string,
): Promise<{ action: Action | undefined; mentions: readonly ActionMention[]; problems: readonly Problem[] }> {
  const source = readSource(file, reading.pack, reading.directory);
  if (source.value === undefined) return { action: undefined, mentions: [], problems: source.problems };
  const action = readAction(source, relative(reading.directory, file), reading.directory, reading.runners);
  if (action === undefined) return { action, mentions: [], problems: source.problems };
  const outside = action.entryPath === '' ? undefined : leadsOut(reading.directory, action.entryPath);
  if (outside !== undefined) {
    const message = `The entry point "${action.entryPoint}" leads to ${outside}, which is outside of the pack.`;
    source.error(['entry_point'], message);
    return { action: undefined, mentions: [], problems: source.problems };
  }
  const isTypescript = action.runnerType === TYPESCRIPT_RUNNER || action.runnerType === TYPESCRIPT_WORKFLOW;
  if (action.entryPath !== '' && !isReadable(action.entryPath)) {
    const message = `The entry point "${action.entryPoint}" cannot be read; it was looked for at ${action.entryPath}.`;
    // As StackStorm, which misses the file when the action runs; of a module the file is what says what the action is.
    if (isTypescript) source.error(['entry_point'], message);
    else source.warning(['entry_point'], message);
    return { action: isTypescript ? undefined : action, mentions: [], problems: source.problems };
  }
  if (action.runnerType === 'action-chain') {
    const chain = readSource(action.entryPath, reading.pack);
    const mentions = chain.value === undefined ? [] : checkChain(chain);
    return { action, mentions, problems: [...source.problems, ...chain.problems] };
  }
  if (action.runnerType === 'orquesta') {
    const workflow = readSource(action.entryPath, reading.pack, undefined, { uniqueKeys: true });
    return { action, mentions: [], problems: [...source.problems, ...workflow.problems] };
  }
  if (!isTypescript) return { action, mentions: [], problems: source.problems };
  try {
    const definition = await reading.modules.readDefinition(action.entryPath);
    if (runnerTypeOf(definition) !== action.runnerType) {
      source.error(
        ['runner_type'],
        `The entry point "${action.entryPoint}" defines ${definition.kind === 'action' ? 'an action' : 'a workflow'}; its runner is "${runnerTypeOf(definition)}".`,
      );
      return { action: undefined, mentions: [], problems: source.problems };
    }
    const defined = fromDefinition(reading, action.entryPath, definition);
    // What the metadata file says wins over what the module says.
    return { action: merge(defined, action), mentions: [], problems: source.problems };
  } catch (error) {
    const problem = problemOf(reading.pack, action.entryPath, error);
    return { action: undefined, mentions: [], problems: [...source.problems, problem] };
  }
}

function merge(defined: Action, described: Action): Action {
  const names = new Set([...Object.keys(defined.parameters), ...Object.keys(described.parameters)]);
  const parameters = [...names].map((name) => [name, { ...defined.parameters[name], ...described.parameters[name] }]);
  return { ...defined, ...described, parameters: Object.fromEntries(parameters) };
}

function fromDefinition(reading: Reading, file: string, definition: PackDefinition): Action {
  try {
    return actionFromDefinition(definition, {
      pack: reading.pack,
      file,
      metadataFile: relative(reading.directory, file),
    });
  } catch (error) {
    const why = `The ${definition.kind}'s "input" or "output" has a type that JSON cannot say: ${messageOf(error)}.`;
    throw new ModuleError(file, START, why, error);
  }
}

/**
 * Whether a file beside the metadata is meant as an action, told from its text: a script that another runner executes must not be
 * run just to see what it exports.
 */
function definesAction(file: string): boolean {
  if (/\.(?:d|test|spec)\.[mc]?[jt]s$/.test(file)) return false;
  try {
    return /\bdefine(?:Action|Workflow)\b/.test(readFileSync(file, 'utf8'));
  } catch {
    return true; // so that reading it as an action says what is wrong
  }
}

function problemOf(pack: string, file: string, error: unknown): Problem {
  if (error instanceof ModuleError) {
    return { severity: 'error', pack, file: error.file, ...error.place, message: error.why };
  }
  return { severity: 'error', pack, file, ...START, message: `The file cannot be loaded: ${messageOf(error)}.` };
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
