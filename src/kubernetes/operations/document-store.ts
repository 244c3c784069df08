import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Operation } from './read-document.ts';

/** Where a cluster keeps its documents: group path (`apis/apps/v1`) to what is fetched. */
export type DocumentIndex = ReadonlyMap<string, DocumentEntry>;

export interface DocumentEntry {
  /** Path and query on the server. */
  readonly url: string;
  /** Changes with the content: its hash as the server tells it, or as it was computed. */
  readonly key: string;
}

/** What was read of a cluster's documents, kept on disk so that a start without the cluster knows the operations, too. */
export interface DocumentStore {
  readIndex(): Promise<DocumentIndex | undefined>;
  /** Forgets the documents that are not in it. */
  writeIndex(index: DocumentIndex): Promise<void>;
  read(key: string): Promise<readonly Operation[] | undefined>;
  write(key: string, operations: readonly Operation[]): Promise<void>;
}

/** Counts up when what is written here changes its form; what an older Petrel wrote is then fetched again. */
const FORMAT = 1;

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** A folder for each server. What cannot be read is as good as not there: all of it can be fetched again. */
export function createDocumentStore(directory: string, server: string): DocumentStore {
  const folder = join(directory, createHash('sha256').update(`${FORMAT} ${server}`).digest('hex').slice(0, 16));
  const fileOf = (key: string) => join(folder, `${key}.json.gz`);
  const INDEX = 'index';

  const read = async (name: string): Promise<unknown> => {
    try {
      return JSON.parse((await expand(await readFile(fileOf(name)))).toString('utf8'));
    } catch {
      return undefined;
    }
  };
  /** Whole or not at all. */
  const write = async (name: string, value: unknown): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const draft = `${fileOf(name)}.${process.pid}.tmp`;
    await writeFile(draft, await compress(JSON.stringify(value)), { mode: 0o600 });
    await rename(draft, fileOf(name));
  };

  return {
    async readIndex() {
      const entries = await read(INDEX);
      return entries === undefined ? undefined : new Map(entries as [string, DocumentEntry][]); // written below
    },
    async writeIndex(index) {
      await write(INDEX, [...index]);
      const wanted = new Set([INDEX, ...[...index.values()].map(({ key }) => key)].map((key) => `${key}.json.gz`));
      const there = await readdir(folder);
      const old = there.filter((name) => name.endsWith('.json.gz') && !wanted.has(name));
      await Promise.all(old.map((name) => rm(join(folder, name), { force: true })));
    },
    read: async (key) => (await read(key)) as readonly Operation[] | undefined, // written below
    write,
  };
}

/** A file name for a document's content. */
export function documentKey(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
}
