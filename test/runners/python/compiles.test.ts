import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PYTHON } from '../../python.ts';

const ROOT = resolve(import.meta.dirname, '../../../python');
const FILES = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.py'));

/** Parses every file with the grammar of the oldest Python there may be, whatever the one that runs. */
const PARSE = `import ast, sys
for file in sys.argv[1:]:
    ast.parse(open(file, encoding="utf-8").read(), file, feature_version=(3, 8))
`;

describe('python/', () => {
  it.skipIf(PYTHON === undefined)('compiles, with warnings as errors, and in the grammar of 3.8', () => {
    const cache = mkdtempSync(join(tmpdir(), 'petrel-compile-'));
    const files = FILES.map((file) => join(ROOT, file));
    const options = ['-W', 'error', '-X', `pycache_prefix=${cache}`];
    try {
      execFileSync(PYTHON ?? '', [...options, '-m', 'py_compile', ...files], { stdio: 'pipe' });
      execFileSync(PYTHON ?? '', ['-c', PARSE, ...files], { stdio: 'pipe' });
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  });

  it('uses nothing but the standard library and itself', () => {
    const own = new Set(readdirSync(ROOT));
    const foreign = FILES.filter((file) => !file.startsWith('fallback/')).flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^\s*(?:from|import) (\w+)/gm)]
        .map(([, name = '']) => name)
        .filter((name) => !own.has(name) && !STANDARD.has(name))
        .map((name) => `${file}: ${name}`),
    );
    // The tests of aliases read YAML where there is PyYAML, and are skipped where there is not.
    expect(foreign).toEqual(['st2tests/base.py: yaml']);
  });
});

const STANDARD = new Set(
  `abc argparse ast atexit base64 calendar copy csv ctypes datetime decimal email fcntl fnmatch gc glob hashlib http importlib inspect itertools json lib2to3
  logging os queue random re resource select shlex shutil signal socket ssl string subprocess sys tempfile threading time traceback
  sre_constants sre_parse unittest urllib uuid warnings xml`.split(/\s+/),
);
