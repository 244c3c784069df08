import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { PetrelError } from '../model/index.ts';

/** The administrator's token, made on the first start. */
export async function openTokenFile(path: string): Promise<string> {
  try {
    const token = (await readFile(path, 'utf8')).trim();
    if (token === '')
      throw new PetrelError(
        'invalid',
        `The token file ${path} is empty. Remove it, and the next start makes a new one.`,
      );
    return token;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    const token = randomBytes(32).toString('hex');
    await writePrivate(path, token);
    return token;
  }
}

/** Whole or not at all, readable by the owner only. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, `${text}\n`, { mode: 0o600 });
  await rename(draft, path);
}
