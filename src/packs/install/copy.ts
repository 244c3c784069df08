import { copyFile, lstat, mkdir, readdir, readlink, realpath, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { PetrelError, type Problem } from '../../model/index.ts';
import { START } from '../problems.ts';

/** More than any pack of code holds; what is larger is something else, or does not end. */
export const COPY_LIMITS = { bytes: 256 * 1024 * 1024, files: 50_000 };

/** What belongs to whoever made the pack, not to the pack. */
const LEFT_BEHIND: ReadonlySet<string> = new Set([
  '.git',
  '.hg',
  '.svn',
  '__pycache__',
  'virtualenv',
  '.venv',
  '.tox',
  '.petrel',
]);

/**
 * Copies a pack's folder. Links that lead out of it, pipes, sockets and devices are left out; answers a problem for each, with the place in
 * `source`. Throws `PetrelError` (`invalid`) when the folder is larger than `limits`.
 */
export async function copyPack(
  source: string,
  target: string,
  pack: string,
  limits: typeof COPY_LIMITS = COPY_LIMITS,
): Promise<readonly Problem[]> {
  const root = await realpath(source);
  const place = await realpath(dirname(target));
  const problems: Problem[] = [];
  let bytes = 0;
  let files = 0;
  const leaveOut = (file: string, message: string) => {
    problems.push({ severity: 'error', pack, file, ...START, message });
  };
  const copyFolder = async (from: string, to: string): Promise<void> => {
    await mkdir(to, { recursive: true, mode: 0o755 });
    for (const name of (await readdir(from)).sort()) {
      if (!LEFT_BEHIND.has(name)) await copyOne(join(from, name), join(to, name));
    }
  };
  const copyOne = async (from: string, to: string): Promise<void> => {
    // A pack may lie above the place where it is installed.
    if (from === place) return;
    const stats = await lstat(from);
    files += 1;
    bytes += stats.isFile() ? stats.size : 0;
    if (files > limits.files || bytes > limits.bytes) {
      throw new PetrelError(
        'invalid',
        `The folder ${source} is too large for a pack: at most ${limits.files} files and ${limits.bytes} bytes are copied.`,
      );
    }
    if (stats.isDirectory()) return await copyFolder(from, to);
    if (stats.isFile()) return await copyFile(from, to);
    if (!stats.isSymbolicLink())
      return leaveOut(from, 'This is neither a file nor a folder nor a link; it is left out.');
    const link = await readlink(from);
    const real = await realpath(from).catch(() => undefined);
    if (real === undefined) return leaveOut(from, `The link leads to ${link}, which does not exist; it is left out.`);
    if (real !== root && !real.startsWith(root + sep)) {
      return leaveOut(from, `The link leads to ${real}, which is outside of the pack; it is left out.`);
    }
    // An absolute one would lead back to where the pack came from.
    await symlink(isAbsolute(link) ? relative(await realpath(join(from, '..')), real) : link, to);
  };
  await copyFolder(root, target);
  return problems;
}
