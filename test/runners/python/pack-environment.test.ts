import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/model/index.ts';
import { preparePackEnvironment, pythonScript } from '../../../src/runners/python/index.ts';
import { openPythonBench, PYTHON, type PythonBench, quiet } from '../../python.ts';
import { harness } from '../harness.ts';

/** A wheel is a zip with three files of metadata. */
const WHEEL = `
import sys, zipfile
name, version, folder = sys.argv[1:]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    wheel.writestr(f"{name}.py", f"VERSION = '{version}'")
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")
`;

let bench: PythonBench;
let wheels: string;
const before = { ...process.env };
beforeAll(() => {
  bench = openPythonBench();
  wheels = join(bench.folder, 'wheels');
  mkdirSync(wheels);
  for (const version of ['1.0', '2.0']) {
    if (PYTHON !== undefined) execFileSync(PYTHON, ['-c', WHEEL, 'petrel_trial', version, wheels]);
  }
  process.env.PIP_NO_INDEX = '1';
  process.env.PIP_FIND_LINKS = wheels;
});
afterAll(async () => {
  process.env = before;
  await bench.close();
});

const settings = () => ({
  directory: join(bench.folder, 'data', 'virtualenvs'),
  log: quiet,
  ...(PYTHON !== undefined && { python: PYTHON }),
});
const pack = () => ({ ref: 'demo', path: bench.pack });

async function version(): Promise<JsonObject> {
  const entryPath = bench.write(
    'actions/version.py',
    'import os, sys, shutil\nimport petrel_trial\nclass Version(object):\n    def __init__(self, config=None, action_service=None):\n        pass\n    def run(self):\n        return [petrel_trial.VERSION, sys.prefix, os.environ.get("VIRTUAL_ENV"), shutil.which("python"), os.environ.get("PIP_NO_INDEX")]\n',
  );
  const runner = pythonScript({ python: bench.host, packFolder: () => bench.pack });
  return (await runner.run(harness({ entryPath }).run)).result as JsonObject; // the runner answers an object
}

/** pip is not fast, and less so on a busy machine. */
describe.skipIf(PYTHON === undefined)("a pack's environment", { timeout: 240_000 }, () => {
  it("is the system's Python while the pack asks for nothing", async () => {
    bench.write('requirements.txt', '# nothing yet\n\n');
    const { python, directory } = await preparePackEnvironment(pack(), settings());
    expect(directory).toBeUndefined();
    expect(python).toMatch(/python3/);
    expect((await version()).error).toMatch(
      /"petrel_trial" is not installed for pack "demo" .*requirements\.txt; Petrel installs that before the next run/,
    );
  });

  it('is made on first need, in the data directory, and used from then on', async () => {
    bench.write('requirements.txt', 'petrel-trial==1.0\n');
    const { result } = await version();
    const [found, prefix, environment, python, pip] = result as string[];
    expect(found).toBe('1.0');
    expect(prefix).toMatch(new RegExp(`^${bench.folder}/data/virtualenvs/demo/3\\.`));
    expect(environment).toBe(prefix);
    expect(python).toBe(`${prefix}/bin/python`);
    // What pip needs is not for actions: an index may have a password in its address.
    expect(pip).toBeNull();
    expect(readdirSync(bench.pack).sort()).toEqual(['actions', 'requirements.txt']);
    const again = await preparePackEnvironment(pack(), settings());
    expect(again.directory).toBe(prefix);
  });

  it('is made anew when the requirements change, and the one before is kept for what still runs', async () => {
    const first = await preparePackEnvironment(pack(), settings());
    bench.write('requirements.txt', 'petrel-trial>=2\n');
    expect((await version()).result).toMatchObject({ 0: '2.0' });
    const second = await preparePackEnvironment(pack(), settings());
    expect(second.directory).not.toBe(first.directory);
    bench.write('requirements.txt', 'petrel-trial == 2.0\n');
    const third = await preparePackEnvironment(pack(), settings());
    const kept = readdirSync(join(bench.folder, 'data', 'virtualenvs', 'demo')).map((name) => name);
    const expected = [second, third].map(({ directory }) => String(directory).split('/').at(-1));
    expect(kept.sort()).toEqual([...expected, 'current.json'].sort());
  });

  it('cannot be made: the reason is that of pip, credentials hidden, and nothing is left', async () => {
    bench.write('requirements.txt', 'surely-not-there==7\n');
    process.env.PIP_FIND_LINKS = `${wheels} https://me:geheim@127.0.0.1:1/simple`;
    try {
      const failure = preparePackEnvironment({ ref: 'other', path: bench.pack }, settings());
      await expect(failure).rejects.toThrow(
        /The requirements of pack "other" \(.*\/requirements\.txt\) cannot be installed: .*surely-not-there==7.*PIP_INDEX_URL/,
      );
      await expect(failure).rejects.not.toThrow(/geheim/);
      expect(readdirSync(join(bench.folder, 'data', 'virtualenvs', 'other'))).toEqual([]);
    } finally {
      process.env.PIP_FIND_LINKS = wheels;
    }
  });

  it("that cannot be made leaves the system's to the runs, which say so, and is made when the requirements are mended", async () => {
    bench.write('requirements.txt', 'surely-not-there==7\n');
    expect(await version()).toMatchObject({
      result: 'None',
      exit_code: 1,
      error: expect.stringMatching(
        /module "petrel_trial" is not installed for pack "demo" .* cannot be installed: .*surely-not-there==7/,
      ),
    });
    const entryPath = bench.write(
      'actions/plain.py',
      'class Plain(object):\n    def __init__(self, config=None, action_service=None):\n        pass\n    def run(self):\n        return 1\n',
    );
    const runner = pythonScript({ python: bench.host, packFolder: () => bench.pack });
    const { status, result } = await runner.run(harness({ entryPath }).run);
    expect({ status, result }).toMatchObject({
      status: 'succeeded',
      result: {
        result: 1,
        stderr: expect.stringMatching(/^petrel: The requirements of pack "demo" .* cannot be installed/),
      },
    });
    bench.write('requirements.txt', 'petrel-trial == 2.0\n');
    expect((await version()).result).toMatchObject({ 0: '2.0' });
  });
});

describe('a Python without venv', () => {
  it('is told of with the package to install', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'petrel-novenv-'));
    try {
      const python = join(folder, 'python3');
      const said = 'The virtual environment was not created successfully because ensurepip is not available.';
      writeFileSync(
        python,
        `#!/bin/sh\nif [ "$1" = "-c" ]; then printf '%s\\n3.12.4\\n' "$0"; exit 0; fi\necho '${said}'\nexit 1\n`,
        { mode: 0o755 },
      );
      writeFileSync(join(folder, 'requirements.txt'), 'requests\n');
      const failure = preparePackEnvironment(
        { ref: 'demo', path: folder },
        { directory: join(folder, 'v'), python, log: quiet },
      );
      await expect(failure).rejects.toThrow(
        /The Python environment of pack "demo" cannot be made, because `python -m venv` failed: .*lacks the modules venv and ensurepip\. On Debian and Ubuntu they are in a package of their own: apt-get install python3\.12-venv\./,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('that is too old is refused', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'petrel-old-'));
    try {
      const python = join(folder, 'python3');
      writeFileSync(python, `#!/bin/sh\nprintf '%s\\n3.6.9\\n' "$0"\n`, { mode: 0o755 });
      const failure = preparePackEnvironment({ ref: 'demo', path: folder }, { directory: folder, python, log: quiet });
      await expect(failure).rejects.toThrow(
        /python3" is Python 3\.6\.9, which is too old\. Install Python 3\.8 or later/,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
