import { resolve } from 'node:path';
import { createPack } from '../../packs/index.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';

interface CreateOptions extends GlobalOptions {
  readonly typescript?: boolean;
  readonly in: string;
}

/** A new pack in a folder of its name. */
export async function create(name: string, options: CreateOptions): Promise<void> {
  const folder = resolve(options.in, name);
  const files = await createPack(name, folder, options.typescript === true ? 'typescript' : 'yaml');
  await print({ folder, files: [...files] }, options, () =>
    [`The pack ${name} is in ${folder}:`, ...files.map((file) => `  ${file}`), `Next: petrel pack lint ${folder}`].join(
      '\n',
    ),
  );
}
