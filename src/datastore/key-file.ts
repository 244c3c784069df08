import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, PetrelError } from '../model/index.ts';

const KEY_BYTES = 32;

/**
 * The key of the data directory: 32 bytes as base64 text. Made, readable by its owner alone, when the file is missing; either
 * the whole file exists afterwards or none, and of two processes that start at once both get the same key.
 *
 * Throws `PetrelError`: `invalid` (the file holds no such key), `forbidden` (others may read it, or its group may change it),
 * `unavailable` (it cannot be read or written). A file its group may read (a mounted Kubernetes Secret) is used, with a warning.
 */
export function openKeyFile(path: string, options: { warn?: (message: string) => void } = {}): Uint8Array {
  try {
    return readKey(path, options.warn);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw explained(error, path);
  }
  try {
    createKey(path);
    return readKey(path, options.warn);
  } catch (error) {
    throw explained(error, path);
  }
}

function readKey(path: string, warn?: (message: string) => void): Uint8Array {
  const handle = openSync(path, 'r');
  let text: string;
  try {
    const mode = fstatSync(handle).mode & 0o777;
    if (process.platform !== 'win32' && (mode & 0o027) !== 0) {
      throw new PetrelError(
        'forbidden',
        `The key file ${path} is open to others (mode ${mode.toString(8)}); close it with: chmod 600 ${path}`,
      );
    }
    if (process.platform !== 'win32' && (mode & 0o040) !== 0) {
      warn?.(`The key file ${path} can be read by its group; if that is not meant, close it with: chmod 600 ${path}`);
    }
    text = readFileSync(handle, 'utf8').trim();
  } finally {
    closeSync(handle);
  }
  const key = Buffer.from(text, 'base64');
  if (key.length !== KEY_BYTES || key.toString('base64') !== text) {
    throw new PetrelError(
      'invalid',
      `The key file ${path} does not hold ${KEY_BYTES} bytes as base64; put the right file in its place. (Removing it makes a new key, and the secrets stored so far are lost.)`,
    );
  }
  return key;
}

function createKey(path: string): void {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    place(draft, path);
    const directory = openSync(dirname(path), 'r');
    fsyncSync(directory);
    closeSync(directory);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Gives the draft its name, unless somebody else was faster: then theirs is the key. */
function place(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    // Some file systems know no hard links.
    copyFileSync(draft, path, constants.COPYFILE_EXCL);
  }
}

function explained(error: unknown, path: string): PetrelError {
  if (error instanceof PetrelError) return error;
  return new PetrelError(
    'unavailable',
    `The key file ${path} cannot be used (${messageOf(error)}); check the directory and its permissions.`,
    { cause: error },
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
