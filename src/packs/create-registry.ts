import { dirname, join, resolve } from 'node:path';
import { type ActionProvider, messageOf, PetrelError, type Problem, type TriggerType } from '../model/index.ts';
import type { KnownRunner } from './action-file.ts';
import type { AddedContent } from './added.ts';
import { BUILTIN_TRIGGER_TYPES } from './builtin-trigger-types.ts';
import { fingerprintTree, watchFolders } from './folder-watch.ts';
import { keepLastGood } from './last-good.ts';
import { configFileOf, loadPack } from './load-pack.ts';
import type { LoadedPack, RefusedPack } from './loaded-pack.ts';
import type { ModuleLoader } from './modules.ts';
import { NO_OVERRIDES, readOverrides } from './overrides.ts';
import { isPackFolder, namesIn, statOf } from './pack-files.ts';
import { formatProblem, START } from './problems.ts';
import type { Registry, RegistrySnapshot } from './registry.ts';
import { buildSnapshot } from './snapshot.ts';

export interface RegistrySettings {
  /**
   * Folders whose subfolders are packs, or packs themselves (when they hold a pack.yaml). Of two packs with one name the one in the earlier folder counts.
   */
  readonly packDirectories: readonly string[];
  /** The one of them that comes with Petrel: a pack of the same name lies over such a pack, and what it does not define stays. */
  readonly baseDirectory?: string;
  /** Folder of `<pack>.yaml` files with configuration values. */
  readonly configDirectory?: string;
  /** Folder of `_global.yaml` and `<pack>.yaml`, which switch on and off what packs bring. */
  readonly overridesDirectory?: string;
  readonly modules: ModuleLoader;
  /** Absent: runner types and runner parameters are not checked. */
  readonly runners?: readonly KnownRunner[];
  /** Default: those of pack `core`. */
  readonly builtinTriggerTypes?: readonly TriggerType[];
  /** Of actions that no file describes. Whether a reference to one of them is good is not checked when a pack is read. */
  readonly provider?: Pick<ActionProvider, 'mayProvide'>;
  /** Throws when a format of an alias is none. Absent: formats are not checked. */
  readonly checkAliasFormat?: (format: string) => void;
  readonly log: RegistryLog;
  /** Where the files of actions that were made through the API lie on this machine. */
  readonly filesDirectory?: string;
  /** Milliseconds without a further change before a change is read; default 100. */
  readonly debounce?: number;
}

export interface RegistryLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface LiveRegistry extends Registry {
  /** Reads all packs, changed or not. */
  load(): Promise<RegistrySnapshot>;
  /** Reads one pack again, whether its files have changed or not. Throws `PetrelError` (`not_found`) when there is no such pack. */
  reload(pack: string): Promise<RegistrySnapshot>;
  /** Puts content that was made through the API in the place of what was added before; it stays when packs are read again. */
  setAdded(contents: readonly AddedContent[]): RegistrySnapshot;
  /** The snapshot that this added content would make; nothing is changed. */
  trial(contents: readonly AddedContent[]): RegistrySnapshot;
  /** Follows the folders from now on: only packs with a changed file are read again. Answers a function that stops it. */
  watch(): () => void;
}

interface Entry {
  readonly directory: string;
  /** Of the folder, and of the configuration file, before they were read. */
  readonly tree: string;
  readonly config: string;
  readonly pack: LoadedPack | RefusedPack;
}

/** The registry of everything that packs bring. Empty until `load`. One read happens at a time; listeners hear of each new snapshot. */
export function createRegistry(settings: RegistrySettings): LiveRegistry {
  const runners = settings.runners && new Map(settings.runners.map((runner) => [runner.name, runner]));
  const builtinTriggerTypes = settings.builtinTriggerTypes ?? BUILTIN_TRIGGER_TYPES;
  const { provider, checkAliasFormat, overridesDirectory, filesDirectory } = settings;
  const given = {
    builtinTriggerTypes,
    ...(runners && { runners }),
    ...(provider && { provider }),
    ...(filesDirectory !== undefined && { filesDirectory }),
    ...(checkAliasFormat && { checkAliasFormat }),
  };
  const base = settings.baseDirectory && resolve(settings.baseDirectory);
  const listeners = new Set<(snapshot: RegistrySnapshot) => void>();
  let entries: readonly Entry[] = [];
  let snapshot = buildSnapshot(0, [], given);
  let overrides = { tree: '', read: NO_OVERRIDES };
  let added: readonly AddedContent[] = [];
  let folderProblems: readonly Problem[] = [];
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work);
    queue = turn.catch(() => undefined); // whoever asked hears of the failure; the next in line goes on
    return turn;
  };

  /** Reads what has changed since it was last read, or what `mustRead` says. Publishes a snapshot when there was anything. */
  const refresh = async (mustRead: (entry: Entry | undefined) => boolean, onFolder?: (folder: string) => void) => {
    const { directories, problems } = findPacks(settings.packDirectories, onFolder);
    if (settings.configDirectory !== undefined) onFolder?.(resolve(settings.configDirectory));
    const overridden = overridesDirectory === undefined ? '' : fingerprintTree(overridesDirectory, onFolder);
    const before = new Map(entries.map((entry) => [entry.directory, entry]));
    const next: Entry[] = [];
    let changed = directories.length !== entries.length || overridden !== overrides.tree;
    for (const directory of directories) {
      const known = before.get(directory);
      // Taken before the read, so that a change during it shows at the next look.
      const tree = fingerprintTree(directory, onFolder);
      const config = fingerprintOfConfig(known?.pack);
      if (known !== undefined && known.tree === tree && known.config === config && !mustRead(known)) {
        next.push(known);
        continue;
      }
      changed = true;
      const read = await loadPack(directory, {
        modules: settings.modules,
        ...(settings.configDirectory !== undefined && { configDirectory: settings.configDirectory }),
        ...(runners && { runners }),
        ...(checkAliasFormat && { checkAliasFormat }),
      });
      const pack = keepLastGood(known?.pack, read);
      // Which file configures a pack is known only once the pack is.
      next.push({ directory, tree, config: known === undefined ? fingerprintOfConfig(pack) : config, pack });
    }
    if (overridesDirectory !== undefined && (changed || snapshot.version === 0)) {
      overrides = { tree: overridden, read: readOverrides(overridesDirectory) };
    }
    entries = next;
    folderProblems = problems;
    if (changed || snapshot.version === 0) publish();
    return snapshot;
  };

  const fingerprintOfConfig = (pack: LoadedPack | RefusedPack | undefined) =>
    settings.configDirectory === undefined || pack?.kind !== 'loaded'
      ? ''
      : fingerprintTree(configFileOf(settings.configDirectory, pack.content.manifest.ref));

  const build = (contents: readonly AddedContent[]) =>
    buildSnapshot(
      snapshot.version + 1,
      entries.map(({ pack, directory }) =>
        pack.kind === 'loaded' && dirname(directory) === base ? { ...pack, isBase: true } : pack,
      ),
      { ...given, problems: folderProblems, overrides: overrides.read, added: contents },
    );

  const publish = () => {
    const reported = new Set(snapshot.problems.map((problem) => formatProblem(problem)));
    snapshot = build(added);
    for (const problem of snapshot.problems) {
      const line = formatProblem(problem);
      if (reported.has(line)) continue;
      if (problem.severity === 'error') settings.log.error(line);
      else settings.log.warn(line);
    }
    for (const listener of listeners) listener(snapshot);
  };

  return {
    snapshot: () => snapshot,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    load: () => inTurn(() => refresh(() => true)),
    async reload(pack) {
      if (!snapshot.packs.has(pack)) {
        throw new PetrelError('not_found', `There is no pack "${pack}". List the packs with \`petrel pack list\`.`);
      }
      const isThat = (entry: Entry | undefined) =>
        entry?.pack.kind === 'loaded' && entry.pack.content.manifest.ref === pack;
      return inTurn(() => refresh(isThat));
    },
    setAdded(contents) {
      added = contents;
      publish();
      return snapshot;
    },
    trial: build,
    watch() {
      let timer: NodeJS.Timeout | undefined;
      let stopped = false;
      const look = async () => {
        const folders = new Set<string>();
        await refresh(
          () => false,
          (folder) => {
            if (stopped) return;
            folders.add(folder);
            watching.add(folder);
          },
        );
        if (!stopped) watching.set(folders);
      };
      const lookLater = () => {
        clearTimeout(timer);
        if (stopped) return;
        timer = setTimeout(() => {
          inTurn(look).catch((error) => settings.log.error(`Packs could not be read again: ${messageOf(error)}`));
        }, settings.debounce ?? 100);
      };
      const watching = watchFolders(lookLater, (reason) => {
        settings.log.warn(`Pack folders cannot be watched (${messageOf(reason)}); they are looked at every 2 seconds.`);
      });
      inTurn(look).catch((error) => settings.log.error(`Packs could not be read: ${messageOf(error)}`));
      return () => {
        stopped = true;
        clearTimeout(timer);
        watching.close();
      };
    },
  };
}

/** All folders that are packs or ought to be, in the order in which they count. */
function findPacks(
  bases: readonly string[],
  onFolder: (folder: string) => void = () => {},
): { directories: readonly string[]; problems: readonly Problem[] } {
  const directories = new Set<string>();
  const problems: Problem[] = [];
  for (const given of bases) {
    const base = resolve(given);
    const complain = (message: string) =>
      problems.push({ severity: 'warning', pack: '', file: base, ...START, message });
    if (statOf(base)?.isDirectory() !== true) {
      complain('This pack directory does not exist; create it or take it out of the settings.');
      continue;
    }
    onFolder(base);
    if (isPackFolder(base)) {
      directories.add(base);
      continue;
    }
    try {
      for (const name of [...namesIn(base)].sort()) {
        const directory = join(base, name);
        if (name.startsWith('.') || name === 'node_modules' || statOf(directory)?.isDirectory() !== true) continue;
        directories.add(directory);
      }
    } catch (error) {
      complain(`This pack directory cannot be read: ${messageOf(error)}.`);
    }
  }
  return { directories: [...directories], problems };
}
