import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How far a file was read, kept over restarts. */
export interface Position {
  /** Device and inode; empty while the file has not been there. */
  readonly file: string;
  /** Bytes of whole lines. */
  readonly offset: number;
  /** Of the bytes before the offset: tells a file that was emptied and has grown again from one that has grown. */
  readonly print: string;
  /** Counts up when the file begins anew, so that an equal offset is not taken for the same line. */
  readonly generation: number;
}

export interface Line {
  readonly text: string;
  /** The same for the same line of the same file, whenever it is read. */
  readonly key: string;
}

type Take = (lines: readonly Line[], position: Position) => Promise<void>;

const CHUNK = 64 * 1024;
/** Bytes that are looked at to know a file again. */
const PRINT = 64;
/** A line without an end is handed over in pieces of this size. */
const LONGEST_LINE = 1024 * 1024;
const MOST_LINES = 500;
/** Milliseconds that a renamed file is read on beside its successor. */
const LINGER = 60_000;

/**
 * Reads what is appended to a file, through renames (rotation), truncation and restarts. `take` is given the next lines and the position after
 * them, and resolves when both are stored.
 */
export class FileFollower {
  readonly #path: string;
  #position: Position | undefined;
  /** Kept open, so that what is written to a file after it was renamed is read, too. */
  #handle: FileHandle | undefined;
  /** Whoever writes the log may go on in the renamed file for a while, although the next one is there. */
  #former: { readonly handle: FileHandle; position: Position; readonly until: number } | undefined;

  /** Without a position the file is followed from its end; one that comes later from its beginning. */
  constructor(path: string, position: Position | undefined) {
    this.#path = path;
    this.#position = position;
  }

  async poll(take: Take): Promise<void> {
    const known = this.#position ?? (await this.#first(take));
    this.#position = known;
    await this.#readFormer(take);
    const current = await identify(this.#path);
    if (known.file !== '' && current?.file !== known.file) await this.#readRenamed(take);
    if (current === undefined) return;
    if (current.file !== known.file) await this.#begin(current.file, take);
    this.#handle ??= await open(this.#path, 'r');
    await this.#readOn(this.#handle, take);
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    await this.#former?.handle.close();
    this.#handle = undefined;
    this.#former = undefined;
  }

  async #first(take: Take): Promise<Position> {
    const found = await identify(this.#path);
    let position: Position = { file: '', offset: 0, print: '', generation: 0 };
    if (found !== undefined) {
      const handle = await open(this.#path, 'r');
      try {
        const offset = await lineStart(handle, found.size);
        position = { file: found.file, offset, print: await printBefore(handle, offset), generation: 0 };
      } finally {
        await handle.close();
      }
    }
    await take([], position);
    return position;
  }

  async #readOn(handle: FileHandle, take: Take): Promise<void> {
    if (this.#position === undefined) return;
    await read(handle, this.#position, async (lines, position) => {
      await take(lines, position);
      this.#position = position;
    });
  }

  /** Another file has the name now, or none. What was left of the former one is read from where it went. */
  async #readRenamed(take: Take): Promise<void> {
    this.#handle ??= await openByIdentity(dirname(this.#path), this.#position?.file ?? '');
    if (this.#handle !== undefined) await this.#readOn(this.#handle, take);
  }

  async #readFormer(take: Take): Promise<void> {
    const former = this.#former;
    const current = this.#position;
    if (former === undefined || current === undefined) return;
    await read(former.handle, former.position, async (lines, position) => {
      await take(lines, current);
      former.position = position;
    });
    if (Date.now() < former.until) return;
    await former.handle.close();
    this.#former = undefined;
  }

  async #begin(file: string, take: Take): Promise<void> {
    await this.#former?.handle.close();
    this.#former = this.#handle &&
      this.#position && { handle: this.#handle, position: this.#position, until: Date.now() + LINGER };
    this.#handle = undefined;
    const position = { file, offset: 0, print: '', generation: (this.#position?.generation ?? 0) + 1 };
    await take([], position);
    this.#position = position;
  }
}

/** Reads the lines from a position on, from the beginning where the file was emptied meanwhile. */
async function read(handle: FileHandle, from: Position, take: Take): Promise<void> {
  const { size } = await handle.stat();
  const isEmptied = size < from.offset || (await printBefore(handle, from.offset)) !== from.print;
  let position: Position = isEmptied
    ? { file: from.file, offset: 0, print: '', generation: from.generation + 1 }
    : from;
  for (;;) {
    const { file, generation } = position;
    const found = await nextLines(handle, position.offset);
    if (found.length === 0) return;
    let offset = position.offset;
    const lines = found.map(({ text, length }): Line => {
      const key = `${file}.${generation}.${offset}`;
      offset += length;
      return { text, key };
    });
    position = { file, generation, offset, print: await printBefore(handle, offset) };
    await take(lines, position);
  }
}

/** Whole lines from an offset on, with their length in bytes. */
async function nextLines(
  handle: FileHandle,
  offset: number,
): Promise<readonly { readonly text: string; readonly length: number }[]> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const chunk = Buffer.alloc(CHUNK);
    const { bytesRead } = await handle.read(chunk, 0, CHUNK, offset + bytes.length);
    bytes = Buffer.concat([bytes, chunk.subarray(0, bytesRead)]);
    if (bytes.includes(10)) return split(bytes);
    if (bytes.length >= LONGEST_LINE) return [{ text: bytes.toString('utf8'), length: bytes.length }];
    if (bytesRead === 0) return [];
  }
}

function split(bytes: Buffer): { readonly text: string; readonly length: number }[] {
  const lines: { readonly text: string; readonly length: number }[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0 && lines.length < MOST_LINES; end = bytes.indexOf(10, start)) {
    lines.push({ text: bytes.toString('utf8', start, end).replace(/\r$/, ''), length: end + 1 - start });
    start = end + 1;
  }
  return lines;
}

/** Where the line begins that is being written at the end of a file. */
async function lineStart(handle: FileHandle, size: number): Promise<number> {
  const length = Math.min(size, CHUNK);
  const bytes = Buffer.alloc(length);
  await handle.read(bytes, 0, length, size - length);
  const last = bytes.lastIndexOf(10);
  if (last >= 0) return size - length + last + 1;
  return length === size ? 0 : size;
}

async function printBefore(handle: FileHandle, offset: number): Promise<string> {
  if (offset === 0) return '';
  const length = Math.min(offset, PRINT);
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, offset - length);
  return createHash('sha256').update(bytes.subarray(0, bytesRead)).digest('hex').slice(0, 16);
}

async function identify(path: string): Promise<{ readonly file: string; readonly size: number } | undefined> {
  try {
    const { dev, ino, size } = await stat(path);
    return { file: `${dev}:${ino}`, size };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A renamed file: rotation leaves it in the same directory. */
async function openByIdentity(directory: string, file: string): Promise<FileHandle | undefined> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    if ((await identify(path).catch(() => undefined))?.file === file) return await open(path, 'r');
  }
  return undefined;
}
