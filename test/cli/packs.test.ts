import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PETREL, type PetrelProcess, startPetrelProcess } from '../e2e/petrel-process.ts';
import { write } from '../packs/support.ts';

let directory: string;
let server: PetrelProcess;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-cli-packs-'));
  write(join(directory, 'sources'), {
    'user/pack.yaml': 'name: user\ndescription: x\nversion: 1.0.0\nauthor: x\n',
    'user/aliases/greet.yaml':
      'name: greet\naction_ref: plain.greet\nformats: ["hail {{ name }}"]\nack: {format: "Hailing."}\n',
    'broken/pack.yaml': 'name: broken\ndescription: x\nversion: 1.0.0\nauthor: x\n',
    'broken/actions/good.yaml': 'name: good\nrunner_type: noop\n',
    'broken/actions/bad.yaml': 'name: bad\nrunner_type: noop\nparamters: {}\n',
    'broken/tests/test_bad.sh': 'echo it fails >&2; exit 1\n',
    'secretive/pack.yaml': 'name: secretive\ndescription: x\nversion: 1.0.0\nauthor: x\n',
    'secretive/config.schema.yaml':
      'token: {type: string, secret: true}\nserver: {type: object, properties: {port: {type: integer}}}\n',
  });
  server = await startPetrelProcess(['--data', join(directory, 'data'), '--packs', join(directory, 'sources/user')]);
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function petrel(...args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, PETREL_DATA: join(directory, 'data') };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [PETREL, ...args], { env, cwd: directory });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as Ran; // execFile rejects with these
    return { code, stdout, stderr };
  }
}

const source = (name: string) => join(directory, 'sources', name);

describe('a new pack', () => {
  it.each([
    ['plain', [] as string[], 'tests/test_greet.sh'],
    ['typed', ['--typescript'], 'tests/greet.test.ts'],
  ])('%s lints, passes its test, installs and runs', async (name, words, test) => {
    const made = await petrel('pack', 'create', name, '--in', join(directory, 'sources'), ...words);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining(test) });
    expect(await petrel('pack', 'lint', source(name))).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^0 errors, 0 warnings/),
    });
    expect(await petrel('pack', 'test', source(name))).toMatchObject({ code: 0, stdout: '1 of 1 passed.\n' });
    const installed = await petrel('pack', 'install', source(name));
    expect(installed).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The running server has read its packs again.'),
    });
    const ran = await petrel('run', `${name}.greet_twice`, 'name=Ann');
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('Hello, Ann!') });
    expect(await petrel('pack', 'create', name, '--in', join(directory, 'sources'))).toMatchObject({ code: 1 });
  });

  it.each(['Plain', 'a-b', '../x'])('cannot be called %s', async (name) => {
    expect(await petrel('pack', 'create', name)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is no name for a pack'),
    });
  });
});

describe('petrel pack', () => {
  it('installs the good part, says what is wrong, and tells by its exit code', async () => {
    const { code, stdout } = await petrel('pack', 'install', source('broken'));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Installed broken 1\.0\.0 in .*, but not all of it: 1 errors\.$/m);
    expect(stdout).toMatch(
      /actions\/bad\.yaml:3:1: error: Unknown key "paramters" in an action\. Did you mean "parameters"\?$/m,
    );
    expect(await petrel('run', 'broken.good')).toMatchObject({ code: 0 });
    expect(await petrel('pack', 'install', source('broken'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--force'),
    });
    expect((await petrel('pack', 'list')).stdout).toMatch(/^broken +1\.0\.0/m);
    expect((await petrel('pack', 'get', 'broken')).stdout).toMatch(/^ref +broken$/m);
  });

  it('tells by its exit code that a test failed', async () => {
    const { code, stdout, stderr } = await petrel('pack', 'test', 'broken');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '0 of 1 passed.\nFailed: tests/test_bad.sh\n' });
    expect(stderr).toContain('it fails');
  });

  it('asks before it removes, and says what would hang', async () => {
    expect(await petrel('pack', 'remove', 'plain')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    });
    const dry = await petrel('pack', 'remove', 'plain', '--dry-run');
    expect(dry.stdout).toMatch(/^Would remove .*plain\.\nThe alias user\.greet uses it and will fail\.$/m);
    expect(await petrel('pack', 'remove', 'plain', '--yes')).toMatchObject({ code: 0 });
    expect((await petrel('run', 'plain.greet', 'name=Ann')).code).toBe(2);
    expect(await petrel('pack', 'remove', 'plain', '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('installed are'),
    });
    expect(await petrel('pack', 'install', source('plain'))).toMatchObject({ code: 0 });
  });

  it('configures, with secrets neither shown nor stored in clear text', async () => {
    await petrel('pack', 'install', source('secretive'));
    const { code, stdout } = await petrel(
      'pack',
      'config',
      'secretive',
      '--set',
      'token=hush-hush',
      '--set',
      'server.port=80',
      '--json',
    );
    expect(code).toBe(0);
    const { file, values } = JSON.parse(stdout) as { file: string; values: unknown }; // what it prints
    expect(values).toEqual({ token: '********', server: { port: 80 } });
    expect(await readFile(file, 'utf8')).not.toContain('hush');
    expect((await petrel('pack', 'config', 'secretive', '--set', 'server.port=many')).stderr).toContain(
      'was not changed',
    );
    expect((await petrel('pack', 'config', 'secretive')).stderr).toContain('There is no terminal to ask');
    expect((await petrel('pack', 'config', 'lost', '--show')).stderr).toContain('There is no pack "lost"');
  });

  it('leaves nothing but packs where they are installed', async () => {
    expect((await readdir(join(directory, 'data/packs'))).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('petrel action-alias', () => {
  it('lists, matches, runs and helps', async () => {
    expect((await petrel('action-alias', 'list', '--pack', 'user')).stdout).toMatch(
      /^user\.greet +true +plain\.greet +hail \{\{ name \}\}$/m,
    );
    expect((await petrel('action-alias', 'get', 'user.greet')).stdout).toMatch(/^action_ref +plain\.greet$/m);
    expect((await petrel('action-alias', 'match', 'hail', 'Ann')).stdout).toMatch(/^user\.greet +plain\.greet +hail/m);
    expect(await petrel('action-alias', 'execute', 'hail Ann', '--user', 'bob')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Hailing\.\n {2}petrel execution get \w+\n$/),
    });
    expect((await petrel('action-alias', 'help', '--filter', 'HAIL')).stdout).toMatch(/^user +hail \{\{ name \}\}$/m);
    expect(await petrel('action-alias', 'execute', 'dance')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('matched no patterns'),
    });
  });
});
