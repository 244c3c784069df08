import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ModuleError } from '../../src/packs/index.ts';
import { testRun } from '../../src/sdk/index.ts';
import { newModules, removeTemporaryFolders, temporaryFolder, trialPack, write } from './support.ts';

afterAll(removeTemporaryFolders);

const action = (answer: string, imports = '') =>
  `import { defineAction, z } from 'petrel/sdk';\n${imports}\nexport default defineAction({ input: z.object({}), run: async () => ${answer} });\n`;

async function answer(modules: ReturnType<typeof newModules>, file: string): Promise<unknown> {
  const { result } = await testRun(await modules.loadAction(file), { input: {} });
  return result;
}

describe('loading an action', () => {
  it('answers the same definition as long as nothing has changed', async () => {
    const file = join(trialPack({ 'actions/a.ts': action('1') }), 'actions/a.ts');
    const modules = newModules();
    expect(await modules.loadAction(file)).toBe(await modules.loadAction(file));
  });

  it('follows changes of the file', async () => {
    const folder = trialPack({ 'actions/a.ts': action('1') });
    const modules = newModules();
    expect(await answer(modules, join(folder, 'actions/a.ts'))).toBe(1);
    write(folder, { 'actions/a.ts': action('22') });
    expect(await answer(modules, join(folder, 'actions/a.ts'))).toBe(22);
  });

  it('follows changes of what the file imports, however far away, for every action of the pack', async () => {
    const folder = trialPack({
      'actions/a.ts': action('value', "import { value } from '../lib/near.ts';"),
      'actions/b.ts': action('value', "import { value } from '../lib/far';"),
      'lib/near.ts': "export * from './far.js';\n",
      'lib/far.ts': 'export const value: number = 1;\n',
    });
    const modules = newModules();
    const both = async () => [
      await answer(modules, join(folder, 'actions/a.ts')),
      await answer(modules, join(folder, 'actions/b.ts')),
    ];
    expect(await both()).toEqual([1, 1]);
    write(folder, { 'lib/far.ts': 'export const value: number = 22;\n' });
    expect(await both()).toEqual([22, 22]);
  });

  it('lets the actions of a pack share its modules', async () => {
    const folder = trialPack({
      'actions/a.ts': action('count()', "import { count } from '../lib/count.ts';"),
      'actions/b.ts': action('count()', "import { count } from '../lib/count.ts';"),
      'lib/count.ts': 'let n = 0;\nexport const count = () => ++n;\n',
    });
    const modules = newModules();
    expect(await answer(modules, join(folder, 'actions/a.ts'))).toBe(1);
    expect(await answer(modules, join(folder, 'actions/b.ts'))).toBe(2);
  });

  it('loads many actions of a pack at the same time', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `actions/a${index}.ts`);
    const imports = "import { value } from '../lib/value.ts';";
    const folder = trialPack({
      ...Object.fromEntries(names.map((name) => [name, action('value', imports)])),
      'lib/value.ts': 'export const value = await Promise.resolve(7);\n',
    });
    const modules = newModules();
    const answers = await Promise.all(names.map((name) => answer(modules, join(folder, name))));
    expect(answers).toEqual(names.map(() => 7));
  });

  it('runs plain JavaScript too', async () => {
    const folder = trialPack({ 'actions/a.mjs': action('1'), 'actions/b.js': action('2') });
    const modules = newModules();
    expect(await answer(modules, join(folder, 'actions/a.mjs'))).toBe(1);
    expect(await answer(modules, join(folder, 'actions/b.js'))).toBe(2);
  });

  it('works through a link to the pack', async () => {
    const folder = trialPack({
      'actions/a.ts': action('value', "import { value } from '../lib/v.ts';"),
      'lib/v.ts': 'export const value = 1;',
    });
    const link = join(temporaryFolder(), 'linked');
    symlinkSync(folder, link);
    const modules = newModules();
    expect(await answer(modules, join(link, 'actions/a.ts'))).toBe(1);
    write(folder, { 'lib/v.ts': 'export const value = 22;' });
    expect(await answer(modules, join(link, 'actions/a.ts'))).toBe(22);
  });
});

describe('what a pack imports', () => {
  it("finds Petrel's own packages when it brings none", async () => {
    const imports = "import { Agent } from 'undici';\nimport { parse } from 'yaml';\nimport { z as same } from 'zod';";
    const folder = trialPack({ 'actions/a.ts': action("[typeof Agent, parse('[1]'), same === z]", imports) });
    expect(await answer(newModules(), join(folder, 'actions/a.ts'))).toEqual(['function', [1], true]);
  });

  it('finds its own packages first', async () => {
    const folder = trialPack({
      'actions/a.ts': action('mine', "import { mine } from 'undici';"),
      'node_modules/undici/package.json': '{"name": "undici", "version": "0.0.1", "main": "index.js"}',
      'node_modules/undici/index.js': 'exports.mine = "mine";\n',
    });
    expect(await answer(newModules(), join(folder, 'actions/a.ts'))).toBe('mine');
  });

  it('may be the client for Kubernetes', async () => {
    const folder = trialPack({
      'actions/a.ts': action('Object.keys(kubernetes).length > 0', "import * as kubernetes from 'petrel/kubernetes';"),
    });
    expect(await answer(newModules(), join(folder, 'actions/a.ts'))).toBe(true);
  });
});

describe('an action that was changed and does not load any more', () => {
  it('is run as it last was, while reading it says what is wrong', async () => {
    const folder = trialPack({ 'actions/a.ts': action('1') });
    const file = join(folder, 'actions/a.ts');
    const modules = newModules();
    expect(await answer(modules, file)).toBe(1);
    write(folder, { 'actions/a.ts': 'export default ;' });
    expect(await answer(modules, file)).toBe(1);
    await expect(modules.readDefinition(file)).rejects.toThrow(ModuleError);
    write(folder, { 'actions/a.ts': action('333') });
    expect(await answer(modules, file)).toBe(333);
  });

  it('is refused when it never loaded, with its place in the message', async () => {
    const file = join(trialPack({ 'actions/a.ts': 'const a: string = 1;\nexport default ;' }), 'actions/a.ts');
    await expect(newModules().loadAction(file)).rejects.toThrow(`${file}:2:16: The file is not valid TypeScript`);
  });

  it('is refused when it waits for ever', async () => {
    const file = join(trialPack({ 'actions/a.ts': 'await new Promise(() => {});' }), 'actions/a.ts');
    await expect(newModules(20).loadAction(file)).rejects.toThrow('it did not finish within 20 ms');
  });

  it('is refused when it is not there', async () => {
    const file = join(trialPack(), 'actions/none.ts');
    await expect(newModules().loadAction(file)).rejects.toThrow('The file cannot be read: ENOENT');
  });
});

describe('an error that an action throws when it runs', () => {
  it('names the line of the source', async () => {
    const text = `import { defineAction, z } from 'petrel/sdk';

interface Unused {
  readonly a: string;
}

export default defineAction({
  input: z.object({}),
  async run(): Promise<Unused> {
    throw new Error('here');
  },
});
`;
    const file = join(trialPack({ 'actions/a.ts': text }), 'actions/a.ts');
    const failure = await answer(newModules(), file).catch((error: unknown) => error);
    expect((failure as Error).stack).toContain(`${file}:10:`);
  });
});
