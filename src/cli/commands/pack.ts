import { compileFormat } from '../../aliases/index.ts';
import { mayBeOperation } from '../../kubernetes/index.ts';
import { formatProblem, lintPack } from '../../packs/index.ts';
import { shippedPackFolders } from '../../shipped-packs.ts';
import { withContentTools } from '../content.ts';
import type { GlobalOptions } from '../main.ts';
import { print } from '../output.ts';

/** Exit code 1 when there is an error; warnings alone are 0. */
export async function lint(directory: string, options: GlobalOptions): Promise<number> {
  const provider = { mayProvide: mayBeOperation };
  const problems = await withContentTools((tools) =>
    lintPack(directory, { ...tools, others: shippedPackFolders(), provider, checkAliasFormat: compileFormat }),
  );
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const human = () =>
    [
      ...problems.map((problem) => formatProblem(problem)),
      `${errors} errors, ${problems.length - errors} warnings in ${directory}`,
    ].join('\n');
  print(
    problems.map((problem) => ({ ...problem })),
    options.json === true,
    human,
  );
  return errors === 0 ? 0 : 1;
}
