import type { ActionProvider, Problem } from '../model/index.ts';
import type { KnownRunner } from './action-file.ts';
import { BUILTIN_TRIGGER_TYPES } from './builtin-trigger-types.ts';
import { loadPack } from './load-pack.ts';
import type { ModuleLoader } from './modules.ts';
import type { RegistrySnapshot } from './registry.ts';
import { buildSnapshot } from './snapshot.ts';

export interface LintSettings {
  readonly modules: ModuleLoader;
  readonly runners?: readonly KnownRunner[];
  readonly configDirectory?: string;
  /** Folders of other packs that this one may refer to, such as the shipped ones. */
  readonly others?: readonly string[];
  readonly provider?: Pick<ActionProvider, 'mayProvide'>;
  /** Throws when a format of an alias is none. Absent: formats are not checked. */
  readonly checkAliasFormat?: (format: string) => void;
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
  const { ref } = pack.content.manifest;
  const others = await Promise.all((settings.others ?? []).map((other) => loadPack(other, reading)));
  const rest = others.filter((other) => other.kind === 'loaded' && other.content.manifest.ref !== ref);
  const snapshot: RegistrySnapshot = buildSnapshot(1, [pack, ...rest], {
    builtinTriggerTypes: BUILTIN_TRIGGER_TYPES,
    ...(runners && { runners }),
    ...(settings.provider && { provider: settings.provider }),
  });
  const found = [...(snapshot.packs.get(ref)?.problems ?? [])];
  return found.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
}
