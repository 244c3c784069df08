/**
 * Keeps a sandbox in a directory (`--data`): one line for each change, and the secrets that make its kubeconfig. At the start the lines are
 * read and written anew without what is past. The watch history is not kept: who watched before the restart lists again, after a 410 as
 * from a real server that was compacted.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isMap, parseJson } from './json.ts';
import { isObject, type KubeObject, keyOf } from './objects.ts';
import type { Storage } from './storage.ts';

export interface Kept {
  /** Reads the file into an empty storage and writes every later change to it. Throws for a line that cannot be read. */
  follow(storage: Storage): void;
  /** A secret of this name, made by `make` the first time. */
  secret(name: string, make: () => string): string;
  close(): void;
}

interface Line {
  readonly resource: string;
  readonly revision: number;
  /** Its last state; absent when it was removed. */
  readonly object?: KubeObject;
  readonly key?: string;
}

/** Private to its owner: the directory holds Secrets and tokens. */
const PRIVATE = { mode: 0o600 };

export function keepIn(directory: string): Kept {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'objects.jsonl');
  let handle: number | undefined;
  return {
    follow(storage) {
      const { objects, revision } = read(file);
      const lines = objects.map(({ resource, object }) => JSON.stringify({ resource, revision, object }));
      writeFileSync(`${file}.new`, [JSON.stringify({ resource: '', revision }), ...lines, ''].join('\n'), PRIVATE);
      renameSync(`${file}.new`, file);
      const opened = openSync(file, 'a', PRIVATE.mode);
      handle = opened;
      storage.restore(objects, revision);
      storage.subscribe((resource, event) => {
        if (handle === undefined) return;
        const { revision: at, object, type } = event;
        const line =
          type === 'DELETED' ? { resource, revision: at, key: keyOf(object) } : { resource, revision: at, object };
        appendFileSync(opened, `${JSON.stringify(line)}\n`);
      });
    },
    secret(name, make) {
      const path = join(directory, name);
      if (!existsSync(path)) writeFileSync(path, make(), PRIVATE);
      return readFileSync(path, 'utf8');
    },
    close() {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
}

/** CRDs come first, so that what they declare is served before its objects are looked at. */
function read(file: string): { objects: { resource: string; object: KubeObject }[]; revision: number } {
  const found = new Map<string, { resource: string; object: KubeObject }>();
  let revision = 1;
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  // Without a line feed the last line is one that was being written when the process ended: the change was never answered.
  const torn = lines.pop();
  for (const [index, text] of lines.entries()) {
    const line = parsed(text, `${file}:${index + 1}`);
    revision = Math.max(revision, line.revision);
    if (line.object !== undefined)
      found.set(`${line.resource} ${keyOf(line.object)}`, { resource: line.resource, object: line.object });
    else if (line.key !== undefined) found.delete(`${line.resource} ${line.key}`);
  }
  if (torn !== undefined && torn !== '') revision++;
  const first = (resource: string) => (resource.endsWith('/customresourcedefinitions') ? 0 : 1);
  const objects = [...found.values()].sort((a, b) => first(a.resource) - first(b.resource));
  return { objects, revision };
}

function parsed(text: string, place: string): Line {
  try {
    const line = parseJson(text);
    if (isMap(line) && typeof line.resource === 'string' && typeof line.revision === 'number') {
      const { resource, revision, object, key } = line;
      if (isObject(object)) return { resource, revision, object };
      return { resource, revision, ...(typeof key === 'string' ? { key } : {}) };
    }
  } catch (error) {
    throw new Error(
      `${place} is not a line of the sandbox's: ${String(error)}. Move the directory away to start empty.`,
    );
  }
  throw new Error(`${place} is not a line of the sandbox's. Move the directory away to start empty.`);
}
