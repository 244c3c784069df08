import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileFormat } from '../../aliases/index.ts';
import { mayBeOperation } from '../../kubernetes/index.ts';
import {
  isJsonObject,
  type Json,
  type JsonObject,
  messageOf,
  type PackManifest,
  PetrelError,
} from '../../model/index.ts';
import { formatProblem, type Installed, installPack, lintPack, loadPack, removePack } from '../../packs/index.ts';
import { lintPython, preparePackEnvironment } from '../../runners/index.ts';
import { shippedPackFolders } from '../../shipped-packs.ts';
import { inspectWorkflow } from '../../workflows/index.ts';
import { openTerminal } from '../ask.ts';
import { connect } from '../client.ts';
import { type ContentTools, withContentTools } from '../content.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';

/** Where the packs of a data directory are installed. */
export function packsDirectoryOf({ data }: Pick<GlobalOptions, 'data'>): string {
  return resolve(data, 'packs');
}

interface InstallOptions extends GlobalOptions {
  readonly force?: boolean;
  readonly skipDependencies?: boolean;
}

/** Exit code 1 when something of what was installed is wrong. */
export async function install(sources: readonly string[], options: InstallOptions): Promise<number> {
  const packsDirectory = packsDirectoryOf(options);
  const installed = await withContentTools(async (tools) => {
    const known = await shippedReferences(tools);
    const done: Installed[] = [];
    for (const source of sources) {
      const settings = {
        packsDirectory,
        known,
        force: options.force === true,
        skipDependencies: options.skipDependencies === true,
        prepare: (pack: PackManifest) => preparePython(pack, options),
        lint: (folder: string) =>
          lintPack(folder, {
            ...tools,
            others: done.map(({ path }) => path),
            shipped: shippedPackFolders(),
            provider: { mayProvide: mayBeOperation },
            checkAliasFormat: compileFormat,
            inspectWorkflow,
            checkPython: (pack) => lintPython(pack, process.env.PETREL_PYTHON),
          }),
      };
      done.push(...(await installPack(source, settings)));
    }
    return done;
  });
  const told = await tellServer(options);
  const plain = installed.map(
    ({ problems, ...rest }): JsonObject => ({ ...rest, problems: problems.map((problem) => ({ ...problem })) }),
  );
  await print({ installed: plain, server: told }, options, () => [...installed.map(describe), told].join('\n'));
  return installed.some(({ problems }) => problems.some(({ severity }) => severity === 'error')) ? 1 : 0;
}

/** A pack that names Python packages gets an environment with them; for others the first run is early enough. */
async function preparePython({ ref, path }: PackManifest, { data }: GlobalOptions): Promise<void> {
  if (!existsSync(join(path, 'requirements.txt'))) return;
  const { PETREL_PYTHON: python } = process.env;
  const log = { info: (message: string) => process.stderr.write(`${message}\n`) };
  const directory = resolve(data, 'virtualenvs');
  await preparePackEnvironment({ ref, path }, { directory, log, ...(python !== undefined && { python }) });
}

function describe({ ref, version, path, replaced, problems }: Installed): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const how = replaced === undefined ? '' : ` in place of ${replaced}`;
  const state = errors === 0 ? '' : `, but not all of it: ${errors} errors`;
  return [
    `Installed ${ref} ${version}${how} in ${path}${state}.`,
    ...problems.map((problem) => formatProblem(problem)),
  ].join('\n');
}

async function shippedReferences({ modules }: ContentTools): Promise<ReadonlySet<string>> {
  const packs = await Promise.all(shippedPackFolders().map((folder) => loadPack(folder, { modules })));
  return new Set(packs.flatMap((pack) => (pack.kind === 'loaded' ? [pack.content.manifest.ref] : [])));
}

/** A running server reads its packs again. Without one there is nobody to tell. */
async function tellServer(options: GlobalOptions): Promise<string> {
  try {
    await (await connect(options)).call('POST /packs/register');
    return 'The running server has read its packs again.';
  } catch (error) {
    if (error instanceof PetrelError && error.code === 'unavailable')
      return 'No server is running; the next start reads it.';
    return `The server could not be told: ${messageOf(error)}`;
  }
}

interface RemoveOptions extends GlobalOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** Exit code 1 when whoever was asked said no. */
export async function remove(ref: string, options: RemoveOptions): Promise<number> {
  const packsDirectory = packsDirectoryOf(options);
  const hanging = await whatHangs(ref, options);
  const target = join(packsDirectory, ref);
  if (options.dryRun === true) {
    await print({ ref, path: target, hanging: [...hanging] }, options, () =>
      [`Would remove ${target}.`, ...hanging].join('\n'),
    );
    return 0;
  }
  for (const line of hanging) process.stderr.write(`petrel: warning: ${line}\n`);
  if (options.yes !== true && !(await confirmed(`Remove ${target}?`))) {
    await print({ ref, removed: false }, options, () => 'Nothing was removed.');
    return 1;
  }
  await removePack(ref, packsDirectory);
  const told = await tellServer(options);
  await print({ ref, removed: true, server: told }, options, () => `Removed ${target}.\n${told}`);
  return 0;
}

async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new PetrelError(
      'invalid',
      'There is no terminal to ask; say --yes to remove it, or --dry-run to see what would hang.',
    );
  }
  const terminal = openTerminal();
  try {
    return /^y(?:es)?$/i.test((await terminal.ask(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

/** The API counts objects by how they stand. */
function countOf(objects: Json | undefined): number {
  return isJsonObject(objects) ? Object.values(objects).reduce<number>((sum, count) => sum + Number(count), 0) : 0;
}

/** What would be left without the pack, in a sentence each; what cannot be known without a server is said, too. */
async function whatHangs(ref: string, options: GlobalOptions): Promise<readonly string[]> {
  try {
    const client = await connect(options);
    const query = { limit: -1 };
    const unfinished = {
      status: ['requested', 'scheduled', 'running', 'pending', 'paused'],
      exclude_attributes: 'result',
    };
    const [resources, rules, aliases, running] = await Promise.all([
      client.call('GET /resources', { query }).catch(() => []),
      client.call('GET /rules', { query }),
      client.call('GET /actionalias', { query }),
      client.call('GET /executions', { query: { ...query, ...unfinished } }),
    ]);
    const isOf = (reference: string) => reference.startsWith(`${ref}.`);
    return [
      ...resources
        .map(({ ref: kind, pack, objects }) => ({ kind, pack, count: countOf(objects) }))
        .filter(({ pack, count }) => pack === ref && count > 0)
        .map(
          ({ kind, count }) => `${count} objects of ${kind} carry a finalizer and cannot be deleted without the pack.`,
        ),
      ...rules
        .filter(({ pack, action, trigger }) => pack !== ref && (isOf(action.ref) || isOf(trigger.type)))
        .map((rule) => `The rule ${rule.ref} uses it and will do nothing.`),
      ...aliases
        .filter((alias) => alias.pack !== ref && isOf(alias.action_ref))
        .map((alias) => `The alias ${alias.ref} uses it and will fail.`),
      ...running
        .filter(({ action }) => isOf(action.ref))
        .map(({ id, action }) => `The execution ${id} of ${action.ref} has not ended.`),
    ];
  } catch (error) {
    return [`What would hang without ${ref} cannot be told: ${messageOf(error)}`];
  }
}
