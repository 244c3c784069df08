import { type FSWatcher, realpathSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { namesIn, statOf } from './pack-files.ts';

/** Folders inside packs that hold no pack content, and may be huge. */
const IGNORED: ReadonlySet<string> = new Set(['node_modules', '__pycache__', 'virtualenv', 'virtualenvs', 'venv']);

/** A cheap summary of a folder that differs when anything below it was added, removed or written. */
export function fingerprintTree(root: string, onFolder: (folder: string) => void = () => {}): string {
  const parts: string[] = [];
  const seen = new Set<string>();
  const walk = (path: string) => {
    const stats = statOf(path);
    const real = realPathOf(path);
    if (stats === undefined || real === undefined) return;
    if (stats.isFile()) {
      parts.push(`${path} ${stats.mtimeMs} ${stats.size} ${stats.ino}`);
      // A link to a file elsewhere: it is there that the change will show.
      if (real !== path) onFolder(dirname(real));
      return;
    }
    if (!stats.isDirectory() || seen.has(real)) return;
    seen.add(real);
    // Watched before it is listed, so that nothing added in between goes unseen.
    onFolder(real);
    for (const name of readable(path)) {
      if (!name.startsWith('.') && !IGNORED.has(name)) walk(join(path, name));
    }
  };
  walk(root);
  return parts.join('\n');
}

/** Undefined when it has gone away since it was listed. */
function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** A folder that may not be read counts as empty here; reading the pack says what is wrong with it. */
function readable(folder: string): readonly string[] {
  try {
    return [...namesIn(folder)].sort();
  } catch {
    return [];
  }
}

export interface FolderWatch {
  /** Watches these folders (their direct contents) and no others. */
  set(folders: ReadonlySet<string>): void;
  /** Watches one folder more. */
  add(folder: string): void;
  close(): void;
}

/** How often to look where the system cannot watch (too many watches, a network file system). Milliseconds. */
const POLL_EVERY = 2_000;

/**
 * Calls `onEvent` whenever something may have changed in one of the folders. One watch per folder rather than a recursive
 * one: Node 20 on Linux loses folders that are renamed over when it watches recursively. Falls back to calling `onEvent` at an interval.
 */
export function watchFolders(onEvent: () => void, onFallback: (reason: unknown) => void): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  let poll: NodeJS.Timeout | undefined;

  const fallBack = (reason: unknown) => {
    if (poll !== undefined) return;
    poll = setInterval(onEvent, POLL_EVERY);
    poll.unref();
    onFallback(reason);
  };

  const drop = (folder: string) => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };

  const add = (folder: string) => {
    if (watchers.has(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, onEvent);
      // The folder itself went away; whoever holds the tree will notice with the next look.
      watcher.on('error', () => drop(folder));
      watchers.set(folder, watcher);
    } catch (error) {
      if (statOf(folder) !== undefined) fallBack(error);
    }
  };

  return {
    add,
    set(folders) {
      for (const folder of watchers.keys()) if (!folders.has(folder)) drop(folder);
      for (const folder of folders) add(folder);
    },
    close() {
      clearInterval(poll);
      for (const folder of [...watchers.keys()]) drop(folder);
    },
  };
}
