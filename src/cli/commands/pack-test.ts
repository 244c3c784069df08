import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PetrelError } from '../../model/index.ts';
import { testPackPython } from '../../runners/index.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';
import { packsDirectoryOf } from './pack-install.ts';

const RUNNER = fileURLToPath(new URL(`../pack-test-runner${extname(import.meta.url)}`, import.meta.url));
interface Suite {
  readonly name: string;
  /** Answers whether all passed. */
  run(): Promise<boolean>;
}

/** Runs a pack's own tests, each suite in a process of its own. Exit code 1 when one fails. */
export async function test(pack: string, options: GlobalOptions): Promise<number> {
  const folder = folderOf(pack, options);
  const cache = await mkdtemp(join(tmpdir(), 'petrel-cache-'));
  try {
    const results = [];
    for (const { name, run } of suitesOf(folder, { cache, data: options.data })) {
      if (options.json !== true) process.stderr.write(`--- ${name}\n`);
      results.push({ suite: name, passed: await run() });
    }
    const failed = results.filter(({ passed }) => !passed);
    await print(results, options, () =>
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

function suitesOf(folder: string, places: { readonly cache: string; readonly data: string }): readonly Suite[] {
  const tests = join(folder, 'tests');
  if (!existsSync(tests)) return [];
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' })
    .filter((file) => !file.includes('node_modules'))
    .sort();
  const suites = files.flatMap((file): Suite[] => {
    const path = join(tests, file);
    const name = relative(folder, path);
    if (/\.test\.[mc]?[jt]s$/.test(file)) {
      return [{ name, run: () => runIn(folder, process.execPath, [RUNNER, path, places.cache]) }];
    }
    return /(?:^|\/)test_[^/]*\.sh$/.test(file) ? [{ name, run: () => runIn(folder, 'sh', [path]) }] : [];
  });
  const hasPython = files.some((file) => /(?:^|\/)test_[^/]*\.py$/.test(file));
  return hasPython ? [...suites, { name: 'tests/test_*.py', run: () => runPython(folder, places.data) }] : suites;
}

/** In the pack's own environment, with the base classes that StackStorm's packs are tested with. */
async function runPython(folder: string, data: string): Promise<boolean> {
  const { PETREL_PYTHON: python } = process.env;
  const outcome = await testPackPython({
    pack: { ref: basename(folder), path: folder },
    data,
    ...(python !== undefined && { python }),
    log: { info: (message) => process.stderr.write(`${message}\n`) },
    signal: new AbortController().signal,
    output: (_, text) => process.stderr.write(text),
  });
  return outcome === undefined || (outcome.ended === 'exited' && outcome.exitCode === 0);
}

/** What is printed goes to standard error, because standard output is for the outcome. */
async function runIn(folder: string, command: string, words: readonly string[]): Promise<boolean> {
  return await new Promise((done, reject) => {
    const child = spawn(command, words, { cwd: folder, stdio: ['ignore', 2, 2] });
    child.once('error', (cause) =>
      reject(new PetrelError('unavailable', `The program ${command} cannot be started; the tests need it.`, { cause })),
    );
    child.once('exit', (code) => done(code === 0));
  });
}
