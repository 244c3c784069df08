import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compileFormat } from '../../aliases/index.ts';
import { mayBeOperation } from '../../kubernetes/index.ts';
import { formatProblem, lintPack } from '../../packs/index.ts';
import { lintPython } from '../../runners/index.ts';
import { shippedPackFolders } from '../../shipped-packs.ts';
import { inspectWorkflow } from '../../workflows/index.ts';
import { withContentTools } from '../content.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';
import { packsDirectoryOf } from './pack-install.ts';

interface LintOptions extends GlobalOptions {
  readonly packs: readonly string[];
}

/** Exit code 1 when there is an error; warnings alone are 0. */
export async function lint(directory: string, options: LintOptions): Promise<number> {
  const provider = { mayProvide: mayBeOperation };
  const others = [...options.packs, packsDirectoryOf(options)].flatMap(packsIn);
  const problems = await withContentTools((tools) =>
    lintPack(directory, {
      ...tools,
      others,
      shipped: shippedPackFolders(),
      provider,
      checkAliasFormat: compileFormat,
      inspectWorkflow,
      checkPython: (pack) => lintPython(pack, process.env.PETREL_PYTHON),
    }),
  );
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const human = () =>
    [
      ...problems.map((problem) => formatProblem(problem)),
      `${errors} errors, ${problems.length - errors} warnings in ${directory}`,
    ].join('\n');
  await print(
    problems.map((problem) => ({ ...problem })),
    options,
    human,
  );
  return errors === 0 ? 0 : 1;
}

/** The packs in a folder of packs, or the folder itself when it is one. */
function packsIn(base: string): readonly string[] {
  if (!existsSync(base)) return [];
  const isPack = (folder: string) => existsSync(join(folder, 'pack.yaml'));
  if (isPack(base)) return [base];
  return readdirSync(base)
    .map((name) => join(base, name))
    .filter(isPack);
}
