import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GENERATED } from '../../../src/kubernetes/generate/comments.ts';
import { writeFiles, writeOneFile } from '../../../src/kubernetes/generate/write.ts';
import { temporaryDirectory } from './compile.ts';

const text = (word: string) => `${GENERATED} client from a test. Do not edit.\n${word}\n`;

describe('Writing a generated client', () => {
  it('makes its directory, and refuses one that holds anything', async () => {
    const directory = join(await temporaryDirectory(), 'a', 'b');
    await writeFiles(directory, { 'index.ts': text('one') }, false);
    expect(await readFile(join(directory, 'index.ts'), 'utf8')).toBe(text('one'));
    await expect(writeFiles(directory, { 'index.ts': text('two') }, false)).rejects.toMatchObject({ code: 'conflict' });
    expect(await readFile(join(directory, 'index.ts'), 'utf8')).toBe(text('one'));
  });

  it('replaces what was generated when told to, and leaves everything else', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'old.ts'), text('old'));
    await writeFile(join(directory, 'index.ts'), text('one'));
    await writeFile(join(directory, 'mine.ts'), 'mine');
    await writeFile(join(directory, 'package.json'), '{}');
    await mkdir(join(directory, 'folder.ts'));
    await writeFiles(directory, { 'index.ts': text('two') }, true);
    expect((await readdir(directory)).sort()).toEqual(['folder.ts', 'index.ts', 'mine.ts', 'package.json']);
    expect(await readFile(join(directory, 'index.ts'), 'utf8')).toBe(text('two'));
  });

  it('never overwrites a file that was not generated, and then writes nothing', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'index.ts'), 'mine');
    await writeFile(join(directory, 'old.ts'), text('old'));
    await expect(writeFiles(directory, { 'a.ts': text('a'), 'index.ts': text('b') }, true)).rejects.toThrow(
      'index.ts in ',
    );
    expect((await readdir(directory)).sort()).toEqual(['index.ts', 'old.ts']);
    expect(await readFile(join(directory, 'index.ts'), 'utf8')).toBe('mine');
  });

  it('of one file overwrites what was generated, and something else only when told to', async () => {
    const file = join(await temporaryDirectory(), 'types', 'crd.ts');
    await writeOneFile(file, text('one'), false);
    await writeOneFile(file, text('two'), false);
    expect(await readFile(file, 'utf8')).toBe(text('two'));
    await writeFile(file, 'mine');
    await expect(writeOneFile(file, text('three'), false)).rejects.toMatchObject({ code: 'conflict' });
    expect(await readFile(file, 'utf8')).toBe('mine');
    await writeOneFile(file, text('three'), true);
    expect(await readFile(file, 'utf8')).toBe(text('three'));
  });
});
