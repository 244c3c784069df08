import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compileFormat } from '../../src/aliases/index.ts';
import { formatProblem, type InstallSettings, installPack, lintPack, removePack } from '../../src/packs/index.ts';
import { copyPack } from '../../src/packs/install/copy.ts';
import { originOf, shownUrl } from '../../src/packs/install/origin.ts';
import { type Files, newModules, RUNNERS, removeTemporaryFolders, temporaryFolder, write } from './support.ts';

afterAll(removeTemporaryFolders);

const modules = newModules();
const manifest = (ref: string, version = '1.0.0', more = '') =>
  `ref: ${ref}\nname: ${ref}\ndescription: x\nversion: ${version}\nauthor: x\n${more}`;
const NOOP = 'name: act\nrunner_type: noop\n';

function setUp(files: Files, settings: Partial<InstallSettings> = {}) {
  const base = temporaryFolder();
  write(base, files);
  const packsDirectory = join(temporaryFolder(), 'packs');
  const install = (source: string, more: Partial<InstallSettings> = {}) =>
    installPack(source, {
      packsDirectory,
      known: new Set(['core']),
      lint: (folder) => lintPack(folder, { modules, runners: RUNNERS, checkAliasFormat: compileFormat }),
      ...settings,
      ...more,
    });
  return { base, packsDirectory, install };
}

describe('where a pack comes from', () => {
  const none = () => false;
  it.each([
    ['https://example.com/a/b', { url: 'https://example.com/a/b' }],
    ['https://example.com/a/b.git@v1.0.0', { url: 'https://example.com/a/b.git', ref: 'v1.0.0' }],
    ['https://example.com/a/b=1.0.0', { url: 'https://example.com/a/b', ref: '1.0.0' }],
    ['https://ann:word@example.com/a/b@feature/x', { url: 'https://ann:word@example.com/a/b', ref: 'feature/x' }],
    ['git@example.com:a/b.git', { url: 'git@example.com:a/b.git' }],
    ['git@example.com:a/b.git@main#packs/c', { url: 'git@example.com:a/b.git', ref: 'main', folder: 'packs/c' }],
    ['ssh://git@example.com/a/b', { url: 'ssh://git@example.com/a/b' }],
    ['file:///srv/b@main', { url: 'file:///srv/b', ref: 'main' }],
    ['owner/name@v2', { url: 'https://github.com/owner/name', ref: 'v2' }],
  ])('%s', (text, origin) => {
    expect(originOf(text, none)).toEqual({ kind: 'git', ...origin });
  });

  it.each([
    ['jenkins', 'Petrel has no index of packs'],
    ['./nothing', 'There is no folder "./nothing".'],
    ['https://example.com/a/b@--upload-pack=x', 'is no name of a branch'],
    ['https://example.com/a/b#../..', 'leads out of the repository'],
  ])('%s is refused', (text, message) => {
    expect(() => originOf(text, none)).toThrow(message);
  });

  it('hides a password', () => {
    expect(shownUrl('https://ann:word@example.com/a')).toBe('https://ann:********@example.com/a');
  });
});

describe('installing a folder', () => {
  it('copies it, and keeps what may be run', async () => {
    const { base, packsDirectory, install } = setUp({
      'one/pack.yaml': manifest('one'),
      'one/actions/act.yaml': NOOP,
      'one/.git/config': 'x',
    });
    writeFileSync(join(base, 'one/run.sh'), '', { mode: 0o755 });
    const [done] = await install(join(base, 'one'));
    expect(done).toMatchObject({ ref: 'one', version: '1.0.0', problems: [] });
    expect(existsSync(join(packsDirectory, 'one/actions/act.yaml'))).toBe(true);
    expect(existsSync(join(packsDirectory, 'one/.git'))).toBe(false);
    expect(statSync(join(packsDirectory, 'one/run.sh')).mode & 0o111).not.toBe(0);
    expect(await readdir(packsDirectory)).toEqual(['one']);
  });

  it('takes the name from pack.yaml, not from the folder', async () => {
    const { base, packsDirectory, install } = setUp({ 'stackstorm-one-main/pack.yaml': manifest('one') });
    await install(join(base, 'stackstorm-one-main'));
    expect(await readdir(packsDirectory)).toEqual(['one']);
  });

  it('replaces what is there only when told to', async () => {
    const { base, packsDirectory, install } = setUp({
      'a/pack.yaml': manifest('one'),
      'a/old.txt': '',
      'b/pack.yaml': manifest('one', '2.0.0'),
    });
    await install(join(base, 'a'));
    await expect(install(join(base, 'b'))).rejects.toThrow(/"one" is installed already \(version 1\.0\.0.*--force/);
    const [done] = await install(join(base, 'b'), { force: true });
    expect(done).toMatchObject({ version: '2.0.0', replaced: '1.0.0' });
    expect(await readdir(join(packsDirectory, 'one'))).toEqual(['pack.yaml']);
    expect(await readdir(packsDirectory)).toEqual(['one']);
  });

  it('installs the good part of a pack that is partly wrong, and says what is wrong', async () => {
    const { base, packsDirectory, install } = setUp({
      'one/pack.yaml': manifest('one'),
      'one/actions/act.yaml': NOOP,
      'one/actions/bad.yaml': 'name: bad\nrunner_type: local-shell-script\nentry_point: ../../../etc/passwd\n',
    });
    mkdirSync(join(base, 'one/etc'));
    symlinkSync('/etc/passwd', join(base, 'one/etc/out'));
    symlinkSync('../actions/act.yaml', join(base, 'one/etc/in'));
    symlinkSync(join(base, 'one/actions/act.yaml'), join(base, 'one/etc/absolute'));
    symlinkSync('nowhere', join(base, 'one/etc/broken'));
    execFileSync('mkfifo', [join(base, 'one/etc/pipe')]);
    const [done] = await install(join(base, 'one'));
    expect(done?.problems.map((problem) => formatProblem(problem, join(packsDirectory, 'one')))).toEqual([
      'etc/broken:1:1: error: The link leads to nowhere, which does not exist; it is left out.',
      'etc/out:1:1: error: The link leads to /etc/passwd, which is outside of the pack; it is left out.',
      'etc/pipe:1:1: error: This is neither a file nor a folder nor a link; it is left out.',
      expect.stringContaining('actions/bad.yaml:3:14: error: The entry point "../../../etc/passwd" leads to '),
    ]);
    expect((await readdir(join(packsDirectory, 'one/etc'))).sort()).toEqual(['absolute', 'in']);
    expect(readlinkSync(join(packsDirectory, 'one/etc/absolute'))).toBe('../actions/act.yaml');
  });

  it.each([
    ['a folder without pack.yaml', { 'one/x': '' }, 'is no pack. It needs a pack.yaml.'],
    ['a folder of packs', { 'one/packs/two/pack.yaml': manifest('two') }, '/one/packs/two'],
    ['a pack without a name', { 'one!/pack.yaml': 'description: x\n' }, 'This pack needs a "ref"'],
  ])('refuses %s', async (_, files, message) => {
    const { base, packsDirectory, install } = setUp(files as Files);
    const [name = ''] = await readdir(base);
    await expect(install(join(base, name))).rejects.toThrow(message);
    expect(existsSync(packsDirectory)).toBe(false);
  });

  it('refuses what is too large, and leaves nothing behind', async () => {
    const { base } = setUp({ 'one/pack.yaml': manifest('one'), 'one/a': 'x'.repeat(100), 'one/b': 'y' });
    const target = join(temporaryFolder(), 'one');
    await expect(copyPack(join(base, 'one'), target, 'one', { bytes: 100, files: 10 })).rejects.toThrow(
      'too large for a pack',
    );
    await expect(copyPack(join(base, 'one'), target, 'one', { bytes: 1000, files: 2 })).rejects.toThrow(
      'at most 2 files',
    );
  });

  it('tells what could not be prepared, and keeps the pack', async () => {
    const { base, packsDirectory, install } = setUp({ 'one/pack.yaml': manifest('one') });
    const prepare = () => Promise.reject(new Error('There is no python3 here.'));
    const [done] = await install(join(base, 'one'), { prepare });
    expect(done?.problems.map(({ message }) => message)).toEqual(['There is no python3 here.']);
    expect(existsSync(join(packsDirectory, 'one'))).toBe(true);
  });
});

describe('dependencies', () => {
  const needs = (...refs: string[]) => `dependencies: [${refs.join(', ')}]\n`;

  it('that lie beside it are installed first; those that are there are left', async () => {
    const { base, packsDirectory, install } = setUp({
      'one/pack.yaml': manifest('one', '1.0.0', needs('core', 'two', 'three=1.0.0')),
      'two/pack.yaml': manifest('two', '1.0.0', needs('three')),
      'stackstorm-three/pack.yaml': manifest('three'),
    });
    const installed = await install(join(base, 'one'));
    expect(installed.map(({ ref }) => ref)).toEqual(['three', 'two', 'one']);
    expect((await readdir(packsDirectory)).sort()).toEqual(['one', 'three', 'two']);
  });

  it('in a circle are refused, and nothing is installed', async () => {
    const { base, packsDirectory, install } = setUp({
      'one/pack.yaml': manifest('one', '1.0.0', needs('two')),
      'two/pack.yaml': manifest('two', '1.0.0', needs('one')),
    });
    await expect(install(join(base, 'one'))).rejects.toThrow('depend on each other in a circle: one -> two -> one.');
    expect(existsSync(packsDirectory)).toBe(false);
  });

  it('that are nowhere are told', async () => {
    const { base, install } = setUp({ 'one/pack.yaml': manifest('one', '1.0.0', needs('lost')) });
    const [done] = await install(join(base, 'one'));
    expect(done?.problems.map(({ message }) => message)).toEqual([
      'The pack "lost", which this one depends on, is neither installed nor beside it; install it.',
    ]);
    const [again] = await install(join(base, 'one'), { force: true, skipDependencies: true });
    expect(again?.problems).toEqual([]);
  });
});

describe('installing from a repository', () => {
  const git = (folder: string, ...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-C', folder, ...words], {
      encoding: 'utf8',
    }).trim();

  /** A repository with version 1 as a tag and version 2 at its head. */
  function repository() {
    const { base, packsDirectory, install } = setUp({
      'repo/pack.yaml': manifest('one'),
      'repo/packs/two/pack.yaml': manifest('two'),
    });
    const folder = join(base, 'repo');
    git(folder, 'init', '--quiet', '-b', 'main');
    git(folder, 'add', '.');
    git(folder, 'commit', '--quiet', '-m', 'one');
    git(folder, 'tag', 'v1.0.0');
    const first = git(folder, 'rev-parse', 'HEAD');
    write(base, { 'repo/pack.yaml': manifest('one', '2.0.0') });
    git(folder, 'commit', '--quiet', '-a', '-m', 'two');
    return { base, packsDirectory, install, url: `file://${folder}`, first };
  }

  it.each([
    ['its head', () => '', '2.0.0'],
    ['a branch', () => '@main', '2.0.0'],
    ['a tag', () => '@v1.0.0', '1.0.0'],
    ['a version, whose tag has a v', () => '=1.0.0', '1.0.0'],
    ['a commit', (first: string) => `@${first}`, '1.0.0'],
    ['a commit by a part of its name', (first: string) => `@${first.slice(0, 8)}`, '1.0.0'],
  ])('takes %s', async (_, suffix, version) => {
    const { packsDirectory, install, url, first } = repository();
    const [done] = await install(url + suffix(first));
    expect(done).toMatchObject({ ref: 'one', version });
    expect(readFileSync(join(packsDirectory, 'one/pack.yaml'), 'utf8')).toContain(`version: ${version}`);
    expect(existsSync(join(packsDirectory, 'one/.git'))).toBe(false);
  });

  it('takes a folder of it', async () => {
    const { packsDirectory, install, url } = repository();
    await install(`${url}#packs/two`);
    expect(await readdir(packsDirectory)).toEqual(['two']);
  });

  it.each([
    ['a branch that is not there', '@lost', /has no branch, tag or commit "lost"/],
    ['a repository that is not there', '/lost', /git could not fetch .*lost/],
  ])('refuses %s', async (_, suffix, message) => {
    const { install, url } = repository();
    await expect(install(url + suffix)).rejects.toThrow(message);
  });

  it('says what to do when there is no git', async () => {
    const { install, url } = repository();
    const { PATH } = process.env;
    process.env.PATH = '/nowhere';
    try {
      await expect(install(url)).rejects.toThrow('The program git is not here');
    } finally {
      process.env.PATH = PATH;
    }
  });
});

describe('removing', () => {
  it('takes the folder away', async () => {
    const { base, packsDirectory, install } = setUp({ 'one/pack.yaml': manifest('one') });
    await install(join(base, 'one'));
    await removePack('one', packsDirectory);
    expect(await readdir(packsDirectory)).toEqual([]);
  });

  it.each(['lost', '..', '../packs', ''])('refuses %j', async (ref) => {
    const { base, packsDirectory, install } = setUp({ 'one/pack.yaml': manifest('one') });
    await install(join(base, 'one'));
    await expect(removePack(ref, packsDirectory)).rejects.toThrow('is not installed in');
    expect(await readdir(packsDirectory)).toEqual(['one']);
  });
});
