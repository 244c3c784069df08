import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');

const made: string[] = [];

afterAll(async () => {
  for (const directory of made.splice(0)) await rm(directory, { recursive: true, force: true });
});

/** An empty directory that is removed after the file's tests. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-generate-'));
  made.push(directory);
  return directory;
}

export interface Compiled {
  /** What the compiler complained about; empty when it did not. */
  readonly complaints: string;
  /** Where the JavaScript is, beside the sources. */
  readonly directory: string;
}

/** The strictest there is: whoever generates code cannot know what its user switched on. */
const STRICT = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  target: 'ES2022',
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
};

/** What a client's types name of the SDK, as it is: interfaces alone. */
const SDK = { paths: { 'petrel/sdk': [join(ROOT, 'src/sdk/kubernetes.ts')] }, noEmit: true };

/** Compiles files with the real compiler: for Node, for a browser, or for a pack (there only checked). */
export async function compile(
  files: Readonly<Record<string, string>>,
  platform: 'node' | 'browser' | 'pack' = 'node',
): Promise<Compiled> {
  const directory = await temporaryDirectory();
  const libraries =
    platform === 'browser'
      ? { lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [] }
      : { lib: ['ES2022'], types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] };
  const config = {
    compilerOptions: {
      ...STRICT,
      ...libraries,
      ...(platform === 'pack' ? SDK : {}),
      skipLibCheck: true,
    },
    files: Object.keys(files),
  };
  const all = { ...files, 'package.json': '{"type":"module"}', 'tsconfig.json': JSON.stringify(config) };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  const compiler = join(ROOT, 'node_modules/.bin/tsc');
  try {
    await promisify(execFile)(compiler, ['-p', directory]);
    return { complaints: '', directory };
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }; // execFile rejects with these
    return { complaints: `${stdout ?? ''}${stderr ?? ''}` || String(error), directory };
  }
}
