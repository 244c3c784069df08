import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PETREL } from '../e2e/petrel-process.ts';
import { type House, openHouse } from '../resources/house.ts';
import { declaration } from '../resources/things.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ thing: declaration('Thing') });
  await house.create('Thing', 'one', { value: 'v' });
  await house.reaches('Thing', 'one', 'Ready', 'True');
});
afterAll(() => house.close());

async function petrel(...args: string[]): Promise<{ code: number; out: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      PETREL,
      '--data',
      join(house.directory, 'data'),
      ...args,
    ]);
    return { code: 0, out: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }; // execFile rejects with these
    return { code, out: stdout + stderr };
  }
}

describe('petrel resource', () => {
  it('prints the definition without a server, in YAML and JSON', async () => {
    const packs = ['--packs', join(house.directory, 'packs')];
    const yaml = await petrel('resource', 'crd', 'things.thing', ...packs);
    expect(yaml.out).toContain('name: things.test.example.dev');
    const json = await petrel('resource', 'crd', 'things.thing', '--json', ...packs);
    expect(JSON.parse(json.out)).toMatchObject({ kind: 'CustomResourceDefinition' });
    const missing = await petrel('resource', 'crd', 'things.none', ...packs);
    expect(missing.code).toBe(1);
    expect(missing.out).toMatch(
      /^petrel: No pack declares the resource "things\.none"\. Declared: .*things\.thing.*\.\n$/,
    );
    // Three processes, each of which reads all packs.
  }, 90_000);

  it('shows and explains an object', async () => {
    expect((await petrel('resource', 'get', 'one')).out).toMatch(/^uid: .*[\s\S]*value: v/);
    const { out } = await petrel('resource', 'explain', 'one');
    expect(out).toContain('It is unchanged (Available): Generation 1 is in effect.');
    expect(out).toMatch(/create +1 +things\.put +succeeded/);
    expect((await petrel('resource', 'get', 'two')).code).toBe(1);
  });

  it('releases an object on purpose', async () => {
    expect((await petrel('resource', 'abandon', 'one')).out).toBe(
      'Thing/default/one is released: its finalizer goes, and what it stands for stays as it is.\n',
    );
    await house.reaches('Thing', 'one', 'Stalled', 'True', 'Abandoned');
    expect((await petrel('resource', 'list', 'things.thing')).out).toMatch(/Thing +default +one +blocked +Abandoned/);
  });

  it('and petrel pack list warn of objects whose pack is gone', async () => {
    await house.restart({});
    expect((await petrel('pack', 'list')).out).toContain(
      'petrel: warning: The pack things, which declared things.thing, is gone.',
    );
    expect((await petrel('resource', 'list')).out).toMatch(
      /things\.thing +Thing +1 blocked +0 +No pack declares it any more/,
    );
  });
});
