import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PetrelError } from '../../model/index.ts';
import type { GlobalOptions } from '../main.ts';
import { print } from '../output.ts';
import { packsDirectoryOf } from './pack-install.ts';

const RUNNER = fileURLToPath(new URL(`../pack-test-runner${extname(import.meta.url)}`, import.meta.url));
/** The host for Python, which has the base classes that packs' tests are written with. */
const PYTHON = fileURLToPath(new URL('../../../python', import.meta.url));

interface Suite {
  readonly name: string;
  readonly command: string;
  readonly words: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a pack's own tests, each suite in a process of its own. Exit code 1 when one fails. */
export async function test(pack: string, options: GlobalOptions): Promise<number> {
  const folder = folderOf(pack, options);
  const cache = await mkdtemp(join(tmpdir(), 'petrel-cache-'));
  try {
    const suites = suitesOf(folder, cache);
    const results = [];
    for (const suite of suites) {
      if (options.json !== true) process.stderr.write(`--- ${suite.name}\n`);
      results.push({ suite: suite.name, passed: (await run(suite, folder)) === 0 });
    }
    const failed = results.filter(({ passed }) => !passed);
    print(results, options.json === true, () =>
      results.length === 0
        ? `${folder} has no tests. They belong into tests/: *.test.ts (node:test), test_*.py (unittest), test_*.sh.`
        : [
            `${results.length - failed.length} of ${results.length} passed.`,
            ...failed.map(({ suite }) => `Failed: ${suite}`),
          ].join('\n'),
    );
    return failed.length === 0 ? 0 : 1;
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

function folderOf(pack: string, options: GlobalOptions): string {
  const folder = [resolve(pack), join(packsDirectoryOf(options), pack)].find((one) =>
    existsSync(join(one, 'pack.yaml')),
  );
  if (folder !== undefined) return folder;
  throw new PetrelError('not_found', `"${pack}" is neither a pack's folder nor an installed pack.`);
}

function suitesOf(folder: string, cache: string): readonly Suite[] {
  const tests = join(folder, 'tests');
  if (!existsSync(tests)) return [];
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' })
    .filter((file) => !file.includes('node_modules'))
    .sort();
  const suites = files.flatMap((file): Suite[] => {
    const path = join(tests, file);
    const name = relative(folder, path);
    if (/\.test\.[mc]?[jt]s$/.test(file)) return [{ name, command: process.execPath, words: [RUNNER, path, cache] }];
    if (/(?:^|\/)test_[^/]*\.sh$/.test(file)) return [{ name, command: 'sh', words: [path] }];
    return [];
  });
  if (!files.some((file) => /(?:^|\/)test_[^/]*\.py$/.test(file))) return suites;
  // As StackStorm's own runner of packs' tests.
  const paths = [
    PYTHON,
    folder,
    ...['lib', 'actions', 'actions/lib', 'sensors', 'etc', 'tests'].map((name) => join(folder, name)),
  ];
  const given = process.env.PYTHONPATH;
  const env = {
    PYTHONPATH: [...paths.filter(existsSync), ...(given === undefined ? [] : [given])].join(delimiter),
    PYTHONDONTWRITEBYTECODE: '1',
  };
  return [
    ...suites,
    {
      name: 'tests/test_*.py',
      command: pythonOf(),
      words: ['-m', 'unittest', 'discover', '-s', tests, '-t', tests],
      env,
    },
  ];
}

function pythonOf(): string {
  return process.env.PETREL_PYTHON ?? 'python3';
}

/** The exit code. What is printed goes to standard error, because standard output is for the outcome. */
async function run({ command, words, env }: Suite, folder: string): Promise<number> {
  return await new Promise((done, reject) => {
    const child = spawn(command, words, { cwd: folder, stdio: ['ignore', 2, 2], env: { ...process.env, ...env } });
    child.once('error', (cause) =>
      reject(new PetrelError('unavailable', `The program ${command} cannot be started; the tests need it.`, { cause })),
    );
    child.once('exit', (code) => done(code ?? 1));
  });
}
