import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { PetrelError } from '../../model/index.ts';
import { type Origin, shownUrl } from './origin.ts';

/** Milliseconds one command of git may take. */
const TIMEOUT = 300_000;

const NOT_THERE =
  'The program git is not here, and a pack from a repository needs it. Install it (on Debian: apt-get install git), or install the pack from a folder.';

type GitOrigin = Extract<Origin, { kind: 'git' }>;

/**
 * Fetches one state of a repository into a folder, by the system's git and without a shell: hooks are off, and nobody is asked for a
 * password. Throws `PetrelError`: `unavailable` (no git, no answer), `not_found` (no such branch, tag or commit).
 */
export async function fetchRepository(origin: GitOrigin, folder: string, signal?: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true });
  const git = (...words: string[]) => run(['-c', 'core.hooksPath=/dev/null', '-C', folder, ...words], signal);
  const url = shownUrl(origin.url);
  const failed = (said: string) => new PetrelError('unavailable', `git could not fetch ${url}: ${said}`);
  const started = await git('init', '--quiet');
  if (started !== undefined) throw failed(started);
  let said = '';
  for (const candidate of candidates(origin.ref)) {
    const problem = await git('fetch', '--quiet', '--depth', '1', '--', origin.url, candidate);
    if (problem === undefined) return await checkOut('FETCH_HEAD');
    said = problem.replaceAll(origin.url, url);
    if (!isMissing(said)) throw failed(said);
  }
  const { ref } = origin;
  // A commit by a part of its name is known only to who has them all.
  if (ref === undefined || !/^[0-9a-f]{4,40}$/.test(ref)) throw missing(ref, said);
  const problem = await git('fetch', '--quiet', '--', origin.url, '+refs/*:refs/fetched/*');
  if (problem !== undefined) throw failed(problem.replaceAll(origin.url, url));
  return await checkOut(ref);

  async function checkOut(commit: string): Promise<void> {
    const refused = await git('-c', 'advice.detachedHead=false', 'checkout', '--quiet', '--detach', commit);
    if (refused !== undefined) throw missing(ref, refused);
  }

  function missing(name: string | undefined, why: string): PetrelError {
    return new PetrelError('not_found', `${url} has no branch, tag or commit "${name ?? 'HEAD'}": ${why}`);
  }
}

/** As StackStorm: `1.2.0` may be the tag `v1.2.0`. */
function candidates(ref: string | undefined): readonly string[] {
  if (ref === undefined) return ['HEAD'];
  return /^\d+\.\d+/.test(ref) ? [ref, `v${ref}`] : [ref];
}

function isMissing(said: string): boolean {
  return /couldn't find remote ref|not our ref|unadvertised object|Server does not allow/i.test(said);
}

/** Undefined when all is well, else what git said. */
async function run(words: readonly string[], signal: AbortSignal | undefined): Promise<string | undefined> {
  return await new Promise((resolve, reject) => {
    const env = { ...process.env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', GIT_LFS_SKIP_SMUDGE: '1' };
    const options = { env, timeout: TIMEOUT, ...(signal && { signal }) };
    execFile('git', words, options, (error, _, stderr) => {
      if (error === null) return resolve(undefined);
      if (error.code === 'ENOENT') return reject(new PetrelError('unavailable', NOT_THERE, { cause: error }));
      const lines = stderr.split('\n').filter((line) => /^(?:fatal|error|remote):/.test(line));
      resolve((lines.join(' ') || stderr || error.message).trim());
    });
  });
}
