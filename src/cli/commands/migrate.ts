import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { migrateThirdPartyResources, readManifests } from '../../kubernetes/index.ts';
import { messageOf, PetrelError } from '../../model/index.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';

interface MigrateOptions extends GlobalOptions {
  readonly out?: string;
}

/** Prints or writes the CustomResourceDefinitions that replace a file's ThirdPartyResources; what its users must change is said beside it. */
export async function tpr(file: string, options: MigrateOptions): Promise<void> {
  const migrated = migrateThirdPartyResources(await readManifests(file), file);
  const definitions = migrated.map(({ definition }) => definition);
  const notes = migrated.flatMap((one) => one.notes);
  const text = definitions.map((definition) => stringify(definition, { lineWidth: 0 })).join('---\n');
  if (options.out !== undefined) await write(options.out, text);
  const written = options.out === undefined ? {} : { file: resolve(options.out) };
  if (options.json !== true) for (const note of notes) process.stderr.write(`note: ${note}\n`);
  const names = migrated.map(({ name }) => name).join(', ');
  await print({ ...written, definitions, notes }, options, () =>
    options.out === undefined ? text.trimEnd() : `${names}: ${options.out}`,
  );
}

/** A file that is there is somebody's work: it is not overwritten. */
async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const there = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new PetrelError(
      there ? 'conflict' : 'invalid',
      there
        ? `${file} is there already. Choose another file with --out.`
        : `${file} cannot be written: ${messageOf(error)}.`,
      { cause: error },
    );
  }
}
