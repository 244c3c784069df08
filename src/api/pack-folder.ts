import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { PetrelError } from '../model/index.ts';

/** Larger files are not shown. Bytes. */
const LARGEST = 500 * 1024;
/** More files of one pack than this are not listed. */
const MOST_FILES = 2000;

const MEDIA: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.gif': 'image/gif',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.yaml': 'application/x-yaml',
  '.yml': 'application/x-yaml',
  '.md': 'text/markdown; charset=utf-8',
};

export interface PackFile {
  readonly bytes: Buffer;
  /** Undefined: no UTF-8 text. */
  readonly text: string | undefined;
  readonly media: string;
  readonly modified: Date;
}

/** The files of a pack by their paths in it, sorted; without hidden ones, and without what lies outside and is only linked. */
export async function listPackFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const open = [folder];
  for (let next = open.shift(); next !== undefined && found.length < MOST_FILES; next = open.shift()) {
    for (const entry of await readdir(next, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules' || entry.name === '__pycache__') continue;
      const path = join(next, entry.name);
      if (entry.isDirectory()) open.push(path);
      else if (entry.isFile()) found.push(relative(folder, path));
    }
  }
  return found.sort();
}

/** Throws `PetrelError`: `not_found` (also for what lies outside of the pack), `invalid` (too large). */
export async function readPackFile(folder: string, path: string): Promise<PackFile> {
  const missing = () => new PetrelError('not_found', `File with path "${path}" not found in the pack.`);
  try {
    const root = await realpath(folder);
    const file = await realpath(join(root, path));
    if (
      !file.startsWith(root + sep) ||
      relative(root, file)
        .split(sep)
        .some((part) => part.startsWith('.'))
    )
      throw missing();
    const { size, mtime, isFile } = await facts(file);
    if (!isFile) throw missing();
    if (size > LARGEST) {
      throw new PetrelError('invalid', `File "${path}" has ${size} bytes, which exceeds the maximum of ${LARGEST}.`);
    }
    return packFile(file, await readFile(file), mtime);
  } catch (error) {
    if (error instanceof PetrelError) throw error;
    throw missing();
  }
}

export function packFile(path: string, bytes: Buffer, modified: Date): PackFile {
  const text = textOf(bytes);
  const plain = text === undefined ? 'application/octet-stream' : 'text/plain; charset=utf-8';
  return { bytes, text, media: MEDIA[extname(path).toLowerCase()] ?? plain, modified };
}

async function facts(file: string) {
  const found = await stat(file);
  return { size: found.size, mtime: found.mtime, isFile: found.isFile() };
}

function textOf(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
