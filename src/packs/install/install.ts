import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, type PackManifest, PetrelError, type Problem } from '../../model/index.ts';
import { readManifest } from '../manifest.ts';
import { isPackFolder, namesIn, readSource } from '../pack-files.ts';
import { formatProblem } from '../problems.ts';
import { copyPack } from './copy.ts';
import { fetchRepository } from './git.ts';
import { type Origin, originOf, shownUrl } from './origin.ts';

export interface InstallSettings {
  /** Where installed packs live, each in a folder of its reference. */
  readonly packsDirectory: string;
  /** Replace a pack that is installed already. */
  readonly force?: boolean;
  /** Default false: what pack.yaml calls dependencies is installed first. */
  readonly skipDependencies?: boolean;
  /** References of packs that are there without being installed: those that Petrel brings, and of other directories. */
  readonly known: ReadonlySet<string>;
  /** All complaints about a pack's folder. */
  lint(folder: string): Promise<readonly Problem[]>;
  /** What else a pack needs before it runs, such as its Python environment. Called with the installed folder. */
  prepare?(manifest: PackManifest): Promise<void>;
  readonly signal?: AbortSignal;
}

export interface Installed {
  readonly ref: string;
  readonly version: string;
  readonly path: string;
  readonly origin: string;
  /** The version that was there before. */
  readonly replaced?: string;
  /** What is wrong with it. Files are named as they are installed. */
  readonly problems: readonly Problem[];
}

/**
 * Installs a pack, and before it what it depends on. The folder appears whole or not at all; of a pack that is partly wrong the good part
 * is installed, and the problems say what is wrong. Answers what was installed, dependencies first.
 *
 * Throws `PetrelError`: `invalid` (no pack, dependencies in a circle, too large), `conflict` (installed already and no `force`),
 * `unavailable` and `not_found` (git).
 */
export async function installPack(text: string, settings: InstallSettings): Promise<readonly Installed[]> {
  return await install(text, settings, { chain: [], installed: [], beside: undefined });
}

interface Progress {
  /** References of those that wait for this one, the first asked for first. */
  readonly chain: readonly string[];
  readonly installed: Installed[];
  /** The folder in which the pack that waits lies. */
  readonly beside: string | undefined;
}

async function install(text: string, settings: InstallSettings, progress: Progress): Promise<readonly Installed[]> {
  const origin = originOf(text);
  const workshop = await mkdtemp(join(tmpdir(), 'petrel-install-'));
  try {
    const folder = await bring(origin, workshop, settings.signal);
    const manifest = manifestOf(folder, text, origin);
    const { ref } = manifest;
    if (progress.chain.includes(ref)) {
      const circle = [...progress.chain.slice(progress.chain.indexOf(ref)), ref].join(' -> ');
      throw new PetrelError(
        'invalid',
        `The packs depend on each other in a circle: ${circle}. Take one dependency out.`,
      );
    }
    if (progress.installed.some((done) => done.ref === ref)) return progress.installed;
    const target = join(settings.packsDirectory, ref);
    const before = existsSync(target) ? versionIn(target) : undefined;
    if (existsSync(target) && settings.force !== true) {
      const message = `The pack "${ref}" is installed already (version ${before}, in ${target}). Replace it with --force.`;
      throw new PetrelError('conflict', message);
    }
    const unmet =
      settings.skipDependencies === true ? [] : await installDependencies(manifest, origin, settings, progress);
    const leftOut = await putInPlace(folder, target, ref);
    const unprepared = await preparationProblem({ ...manifest, path: target }, settings);
    const found = await settings.lint(target);
    const moved = leftOut.map((problem) => ({ ...problem, file: join(target, problem.file.slice(folder.length)) }));
    progress.installed.push({
      ref,
      version: manifest.version,
      path: target,
      origin: origin.kind === 'git' ? shownUrl(text) : resolve(origin.path),
      ...(before !== undefined && { replaced: before }),
      problems: [
        ...unmet.map((problem) => ({ ...problem, file: join(target, 'pack.yaml') })),
        ...moved,
        ...unprepared,
        ...found,
      ],
    });
    return progress.installed;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** Its content is good without it, so what cannot be prepared is told and nothing is taken back. */
async function preparationProblem(manifest: PackManifest, { prepare }: InstallSettings): Promise<readonly Problem[]> {
  try {
    await prepare?.(manifest);
    return [];
  } catch (error) {
    const file = join(manifest.path, 'pack.yaml');
    return [{ severity: 'error', pack: manifest.ref, file, line: 1, column: 1, message: messageOf(error) }];
  }
}

/** The folder that is the pack. */
async function bring(origin: Origin, workshop: string, signal: AbortSignal | undefined): Promise<string> {
  if (origin.kind === 'folder') return resolve(origin.path);
  const repository = join(workshop, basename(origin.url).replace(/\.git$/, '') || 'pack');
  await fetchRepository(origin, repository, signal);
  return origin.folder === undefined ? repository : join(repository, origin.folder);
}

function manifestOf(folder: string, text: string, origin: Origin): PackManifest {
  if (!isPackFolder(folder)) {
    const inside = packsIn(folder);
    const mark = origin.kind === 'git' ? '#' : '/';
    const hint =
      inside.length === 0
        ? 'It needs a pack.yaml.'
        : `Packs lie in it; install one of them: ${inside.map((name) => `${shownUrl(text)}${mark}${name}`).join(', ')}.`;
    throw new PetrelError('invalid', `${shownUrl(text)} is no pack. ${hint}`);
  }
  const source = readSource(join(folder, 'pack.yaml'), basename(folder));
  const manifest = source.value === undefined ? undefined : readManifest(source, folder);
  if (manifest !== undefined) return manifest;
  const why = source.problems.map((problem) => formatProblem(problem, folder)).join('\n');
  throw new PetrelError('invalid', `${shownUrl(text)} cannot be installed:\n${why}`);
}

function packsIn(folder: string): readonly string[] {
  return ['', 'packs/'].flatMap((prefix) =>
    namesIn(join(folder, prefix))
      .filter((name) => isPackFolder(join(folder, prefix, name)))
      .map((name) => prefix + name),
  );
}

function versionIn(folder: string): string {
  const source = readSource(join(folder, 'pack.yaml'), basename(folder));
  return (source.value === undefined ? undefined : readManifest(source, folder))?.version ?? 'unknown';
}

/** Answers a problem for each that cannot be had. */
async function installDependencies(
  manifest: PackManifest,
  origin: Origin,
  settings: InstallSettings,
  progress: Progress,
): Promise<readonly Problem[]> {
  const beside = origin.kind === 'folder' ? dirname(resolve(origin.path)) : progress.beside;
  const next = { ...progress, chain: [...progress.chain, manifest.ref], beside };
  const unmet: Problem[] = [];
  for (const dependency of manifest.dependencies ?? []) {
    const isName = !/[/:]/.test(dependency);
    const [name = ''] = isName ? dependency.split('=', 1) : [];
    // One that waits in the chain is looked at all the same, so that a circle is told.
    if (
      isName &&
      !next.chain.includes(name) &&
      (settings.known.has(name) || existsSync(join(settings.packsDirectory, name)))
    )
      continue;
    const from = isName ? besideAs(name, beside) : dependency;
    if (from === undefined) {
      const message = `The pack "${dependency}", which this one depends on, is neither installed nor beside it; install it.`;
      unmet.push({ severity: 'error', pack: manifest.ref, file: 'pack.yaml', line: 1, column: 1, message });
      continue;
    }
    await install(from, settings, next).catch((error: unknown) => {
      // It is there already: by URL one cannot tell before.
      if (!(error instanceof PetrelError && error.code === 'conflict')) throw error;
    });
  }
  return unmet;
}

function besideAs(name: string, beside: string | undefined): string | undefined {
  if (beside === undefined) return undefined;
  return [name, `stackstorm-${name}`].map((folder) => join(beside, folder)).find((folder) => isPackFolder(folder));
}

/** Copies beside the place and renames, so that nobody ever sees half a pack. Names with a dot are not read as packs. */
async function putInPlace(folder: string, target: string, ref: string): Promise<readonly Problem[]> {
  const mark = randomBytes(4).toString('hex');
  const draft = join(dirname(target), `.${ref}.new-${mark}`);
  const old = join(dirname(target), `.${ref}.old-${mark}`);
  await mkdir(dirname(target), { recursive: true });
  try {
    const problems = await copyPack(folder, draft, ref);
    const isThere = existsSync(target);
    if (isThere) await rename(target, old);
    try {
      await rename(draft, target);
    } catch (error) {
      if (isThere) await rename(old, target);
      throw error;
    }
    return problems;
  } finally {
    for (const rest of [draft, old]) await rm(rest, { recursive: true, force: true });
  }
}

/**
 * Removes an installed pack; its folder vanishes at once. Answers the folder. Throws `PetrelError` (`not_found`) when it is not among the
 * installed ones.
 */
export async function removePack(ref: string, packsDirectory: string): Promise<string> {
  const target = join(packsDirectory, ref);
  if (!/^[a-z0-9_-]+$/.test(ref) || !existsSync(target)) {
    const there = existsSync(packsDirectory)
      ? (await readdir(packsDirectory)).filter((name) => !name.startsWith('.'))
      : [];
    const list = there.length === 0 ? 'nothing is installed' : `installed are ${there.sort().join(', ')}`;
    throw new PetrelError('not_found', `The pack "${ref}" is not installed in ${packsDirectory}; ${list}.`);
  }
  const old = join(packsDirectory, `.${ref}.old-${randomBytes(4).toString('hex')}`);
  await rename(target, old);
  await rm(old, { recursive: true, force: true });
  return target;
}
