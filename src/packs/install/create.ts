import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PetrelError } from '../../model/index.ts';

export type PackTemplate = 'yaml' | 'typescript';

/** Beside src/ and dist/. In the files, `__PACK__` stands for the reference of the pack. */
const TEMPLATES = fileURLToPath(new URL('../../../templates', import.meta.url));

/**
 * Makes a new pack in a folder that is not there or empty: an action, a workflow, a rule, an alias, a configuration and a test, so that it lints
 * and runs as it is. Answers the files, relative to it. Throws `PetrelError`: `invalid` (no name of a pack), `conflict`.
 */
export async function createPack(ref: string, folder: string, template: PackTemplate): Promise<readonly string[]> {
  if (!/^[a-z][a-z0-9_]*$/.test(ref)) {
    throw new PetrelError('invalid', `"${ref}" is no name for a pack; use lower case letters, digits and underscores.`);
  }
  if (existsSync(folder) && (await readdir(folder)).length > 0) {
    throw new PetrelError('conflict', `The folder ${folder} is there already and not empty; choose another.`);
  }
  const source = join(TEMPLATES, `pack-${template}`);
  const made: string[] = [];
  for (const name of (await readdir(source, { recursive: true })).sort()) {
    const stats = await stat(join(source, name));
    if (stats.isDirectory()) continue;
    const text = await readFile(join(source, name), 'utf8');
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text.replaceAll('__PACK__', ref));
    await chmod(join(folder, name), stats.mode & 0o777);
    made.push(name);
  }
  return made;
}
