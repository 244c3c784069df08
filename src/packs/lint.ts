import { existsSync, readFileSync } from 'node:fs';
import type { ActionProvider, Problem } from '../model/index.ts';
import type { KnownRunner } from './action-file.ts';
import { BUILTIN_TRIGGER_TYPES } from './builtin-trigger-types.ts';
import { loadPack } from './load-pack.ts';
import type { LoadedPack } from './loaded-pack.ts';
import type { ModuleLoader } from './modules.ts';
import type { RegistrySnapshot } from './registry.ts';
import { buildSnapshot } from './snapshot.ts';

export interface LintSettings {
  readonly modules: ModuleLoader;
  readonly runners?: readonly KnownRunner[];
  readonly configDirectory?: string;
  /** Folders of other packs that this one may refer to. */
  readonly others?: readonly string[];
  /** Those that come with Petrel. One of the pack's own name lies below it, as in a running Petrel. */
  readonly shipped?: readonly string[];
  readonly provider?: Pick<ActionProvider, 'mayProvide'>;
  /** Throws when a format of an alias is none. Absent: formats are not checked. */
  readonly checkAliasFormat?: (format: string) => void;
  /** What is wrong with a workflow of Orquesta, which would fail when it starts. Absent: workflows are only read. */
  readonly inspectWorkflow?: (
    text: string,
    file: string,
  ) => readonly { readonly line: number; readonly column: number; readonly message: string }[];
  /** What is to be said of the pack's Python. Absent: its files are not looked at. */
  readonly checkPython?: (pack: { readonly ref: string; readonly path: string }) => Promise<readonly Problem[]>;
}

/** All complaints about the pack in a folder, in the order of file and line. Nothing is registered. */
export async function lintPack(directory: string, settings: LintSettings): Promise<readonly Problem[]> {
  const runners = settings.runners && new Map(settings.runners.map((runner) => [runner.name, runner]));
  const reading = {
    modules: settings.modules,
    ...(runners && { runners }),
    ...(settings.checkAliasFormat && { checkAliasFormat: settings.checkAliasFormat }),
    ...(settings.configDirectory !== undefined && { configDirectory: settings.configDirectory }),
  };
  const pack = await loadPack(directory, reading);
  if (pack.kind === 'refused') return pack.problems;
  const { ref, path } = pack.content.manifest;
  const load = (folders: readonly string[] = []) => Promise.all(folders.map((folder) => loadPack(folder, reading)));
  const others = (await load(settings.others)).filter(
    (other) => other.kind === 'loaded' && other.content.manifest.ref !== ref,
  );
  const shipped = (await load(settings.shipped)).flatMap((other) =>
    other.kind === 'loaded' && other.content.manifest.path !== path ? [{ ...other, isBase: true }] : [],
  );
  const snapshot: RegistrySnapshot = buildSnapshot(1, [pack, ...others, ...shipped], {
    builtinTriggerTypes: BUILTIN_TRIGGER_TYPES,
    ...(runners && { runners }),
    ...(settings.provider && { provider: settings.provider }),
  });
  const problems = snapshot.packs.get(ref)?.problems ?? [];
  const python = (await settings.checkPython?.({ ref, path })) ?? [];
  const found = [...problems, ...workflowProblems(pack, problems, settings.inspectWorkflow), ...python];
  return found.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
}

/** Of each file once, and not of those that could not even be read. */
function workflowProblems(
  { content }: LoadedPack,
  known: readonly Problem[],
  inspect: LintSettings['inspectWorkflow'],
): readonly Problem[] {
  if (inspect === undefined) return [];
  const files = new Set(
    content.actions.flatMap(({ runnerType, entryPath }) => (runnerType === 'orquesta' ? [entryPath] : [])),
  );
  for (const { file, severity } of known) if (severity === 'error') files.delete(file);
  return [...files].flatMap((file) => {
    if (!existsSync(file)) return []; // the pack's reader has said so
    const text = readFileSync(file, 'utf8');
    return inspect(text, file).map(({ line, column, message }): Problem => {
      const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
      return { severity: 'error', pack: content.manifest.ref, file, line, column, message: sentence };
    });
  });
}
