import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isJsonObject, type JsonObject, messageOf, PetrelError } from '../model/index.ts';
import type { Store, StoredContent } from '../store/index.ts';
import { type AddedContent, originOf } from './added.ts';
import type { LiveRegistry, RegistryLog } from './create-registry.ts';

/** Content that is made through the API: kept in the store, and in the registry of every node. */
export interface ContentStore {
  /** Reads all of it into the registry. */
  load(): Promise<void>;
  /**
   * Keeps it, in the place of what was kept under its kind and reference. It is in force when this resolves. Throws `PetrelError`
   * (`invalid`) when the readers of packs complain about it; nothing is kept then. Answers the paths of the files that came with it,
   * where they lie on this machine.
   */
  put(change: AddedContent): Promise<readonly string[]>;
  /** Answers whether there was any. */
  remove(kind: string, ref: string): Promise<boolean>;
  get(kind: string, ref: string): Promise<AddedContent | undefined>;
  /** Looks from now on whether another node has changed anything. Answers a function that ends it. */
  follow(): () => void;
}

interface Services {
  readonly store: Store;
  readonly registry: LiveRegistry;
  readonly log: RegistryLog;
  /** Where files that came with actions are put on this machine. */
  readonly filesDirectory: string;
  /** Milliseconds between two looks for changes of other nodes. Default 1,000. */
  readonly interval?: number;
}

export function createContentStore({ store, registry, log, filesDirectory, interval = 1000 }: Services): ContentStore {
  let known: readonly StoredContent[] = [];
  let revision = 0;
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work);
    queue = turn.catch(() => undefined); // whoever asked hears of the failure; the next in line goes on
    return turn;
  };

  const load = async () => {
    // Before the content: a change in between is seen at the next look.
    revision = await store.contentRevision();
    known = await store.listContent();
    for (const content of known) placeFiles(filesDirectory, content);
    registry.setAdded(known);
  };

  const checked = (change: AddedContent): readonly string[] => {
    const files = placeFiles(filesDirectory, change);
    const others = known.filter(({ kind, ref }) => kind !== change.kind || ref !== change.ref);
    const origin = originOf(change.kind, change.ref);
    const { problems } = registry.trial([...others, change]);
    const errors = problems.filter(({ file, severity }) => file === origin && severity === 'error');
    if (errors.length > 0) throw new PetrelError('invalid', errors.map(({ message }) => message).join(' '));
    return files;
  };

  return {
    load: () => inTurn(load),
    put: (change) =>
      inTurn(async () => {
        const files = checked(change);
        await store.putContent({ kind: change.kind, ref: change.ref, body: change.body });
        await load();
        return files;
      }),
    remove: (kind, ref) =>
      inTurn(async () => {
        const removed = await store.deleteContent(kind, ref);
        if (removed) await load();
        return removed;
      }),
    get: (kind, ref) => store.getContent(kind, ref),
    follow() {
      let stopped = false;
      let timer: NodeJS.Timeout | undefined;
      const look = async () => {
        try {
          if ((await store.contentRevision()) !== revision) await inTurn(load);
        } catch (error) {
          log.warn(`Changes of other nodes to content could not be looked for: ${messageOf(error)}`);
        }
        if (!stopped) timer = setTimeout(look, interval).unref();
      };
      timer = setTimeout(look, interval).unref();
      return () => {
        stopped = true;
        clearTimeout(timer);
      };
    },
  };
}

/**
 * Puts the `data_files` of an action where its runner finds them, and answers their paths. Throws `PetrelError`: `invalid` for one that would lie elsewhere, or in
 * the place of a folder; `unavailable` when the disk does not take it.
 */
function placeFiles(directory: string, { kind, ref, body }: AddedContent): readonly string[] {
  if (kind !== 'action' || !Array.isArray(body.data_files)) return [];
  const placed: string[] = [];
  const folder = join(directory, ref.split('.', 1)[0] ?? '', 'actions');
  for (const { file_path: path, content } of body.data_files.filter(isDataFile)) {
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..') || path.includes('\0')) {
      throw new PetrelError('invalid', `The data file "${path}" is not below the pack's actions; name it from there.`);
    }
    const file = join(folder, path);
    placed.push(file);
    if (textOf(file) === content) continue;
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, content, { mode: 0o700 });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      const isWrong = ['EISDIR', 'ENOTDIR', 'EEXIST', 'ENAMETOOLONG'].includes(code);
      const message = `The data file "${path}" cannot be written: ${messageOf(error)}.`;
      throw new PetrelError(isWrong ? 'invalid' : 'unavailable', message, { cause: error });
    }
  }
  return placed;
}

function isDataFile(value: unknown): value is { file_path: string; content: string } & JsonObject {
  return isJsonObject(value) && typeof value.file_path === 'string' && typeof value.content === 'string';
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
