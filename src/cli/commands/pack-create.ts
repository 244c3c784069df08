import { resolve } from 'node:path';
import { PetrelError } from '../../model/index.ts';
import { createPack } from '../../packs/index.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';

interface CreateOptions extends GlobalOptions {
  readonly yaml?: boolean;
  readonly typescript?: boolean;
  readonly in: string;
}

/** A new pack in a folder of its name. */
export async function create(name: string, options: CreateOptions): Promise<void> {
  if (options.yaml === true && options.typescript === true) {
    throw new PetrelError('invalid', 'Choose --yaml or --typescript, not both.');
  }
  const folder = resolve(options.in, name);
  const files = await createPack(name, folder, options.typescript === true ? 'typescript' : 'yaml');
  print({ folder, files: [...files] }, options.json === true, () =>
    [`The pack ${name} is in ${folder}:`, ...files.map((file) => `  ${file}`), `Next: petrel pack lint ${folder}`].join(
      '\n',
    ),
  );
}
