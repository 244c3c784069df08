import { appendFile, mkdir, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileFollower, type Position } from '../../packs/linux/lib/follow-file.ts';
import { type Server, startServer } from '../../src/server.ts';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-file-watch-'));
  file = join(directory, 'app.log');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('A file that is followed', () => {
  let position: Position | undefined;
  let follower: FileFollower;
  let keys: string[];
  beforeEach(() => {
    position = undefined;
    keys = [];
    follower = new FileFollower(file, undefined);
  });
  afterEach(() => follower.close());

  const poll = async () => {
    const seen: string[] = [];
    await follower.poll(async (lines, next) => {
      seen.push(...lines.map(({ text }) => text));
      keys.push(...lines.map(({ key }) => key));
      position = next;
    });
    return seen;
  };
  const restart = async () => {
    await follower.close();
    follower = new FileFollower(file, position);
  };

  it('gives the lines that are appended, not those that were there', async () => {
    await writeFile(file, 'old\n');
    expect(await poll()).toEqual([]);
    await appendFile(file, 'one\ntwo\r\n');
    expect(await poll()).toEqual(['one', 'two']);
    expect(await poll()).toEqual([]);
  });

  it('gives a line when it has its end, and whole', async () => {
    await writeFile(file, 'begun');
    expect(await poll()).toEqual([]);
    const cafe = Buffer.from('half a café\n');
    await appendFile(file, Buffer.concat([Buffer.from(' and ended\n'), cafe.subarray(0, -2)]));
    expect(await poll()).toEqual(['begun and ended']);
    await appendFile(file, cafe.subarray(-2));
    expect(await poll()).toEqual(['half a café']);
  });

  it('is read from its beginning when it comes later', async () => {
    expect(await poll()).toEqual([]);
    await restart();
    await writeFile(file, 'first\n');
    expect(await poll()).toEqual(['first']);
  });

  it('goes on over a restart without loss or repetition', async () => {
    await writeFile(file, '');
    await poll();
    await appendFile(file, 'one\n');
    await poll();
    await appendFile(file, 'two\n');
    await restart();
    expect(await poll()).toEqual(['two']);
    expect(new Set(keys).size).toBe(2);
  });

  it.each([false, true])('is read to its end when it was rotated (restarted in between: %s)', async (restarts) => {
    await writeFile(file, '');
    await poll();
    await appendFile(file, 'one\n');
    await poll();
    await appendFile(file, 'two\n');
    await rename(file, `${file}.1`);
    await appendFile(`${file}.1`, 'three\n');
    await writeFile(file, 'four\n');
    if (restarts) await restart();
    expect(await poll()).toEqual(['two', 'three', 'four']);
    expect(await poll()).toEqual([]);
  });

  it('is read to its end when it was moved and has no successor yet', async () => {
    await writeFile(file, '');
    await poll();
    await appendFile(file, 'one\n');
    await rename(file, `${file}.1`);
    expect(await poll()).toEqual(['one']);
    expect(await poll()).toEqual([]);
    await writeFile(file, 'two\n');
    expect(await poll()).toEqual(['two']);
  });

  it('is read on for a while when its successor is there already', async () => {
    await writeFile(file, '');
    await poll();
    await rename(file, `${file}.1`);
    await writeFile(file, 'new\n');
    expect(await poll()).toEqual(['new']);
    await appendFile(`${file}.1`, 'late\n');
    await appendFile(file, 'newer\n');
    expect(await poll()).toEqual(['late', 'newer']);
    expect(await poll()).toEqual([]);
  });

  it.each([
    ['shorter', 'new\n'],
    ['as long as before', 'two\n'],
    ['longer', 'new\nand\nmore\n'],
  ])('begins anew when it was emptied and is %s', async (_what, text) => {
    await writeFile(file, '');
    await poll();
    await appendFile(file, 'one\n');
    await poll();
    await truncate(file);
    await appendFile(file, text);
    expect(await poll()).toEqual(text.trim().split('\n'));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('gives the same key for a line whose handing over failed', async () => {
    await writeFile(file, '');
    await poll();
    await appendFile(file, 'one\n');
    const given: string[] = [];
    const fail = follower.poll(async (lines) => {
      given.push(...lines.map(({ key }) => key));
      throw new Error('the disk is full');
    });
    await expect(fail).rejects.toThrow('full');
    expect(await poll()).toEqual(['one']);
    expect(keys).toEqual(given);
  });

  it('may have very many lines, and one without an end', async () => {
    await writeFile(file, '');
    await poll();
    await appendFile(file, Array.from({ length: 5000 }, (_, n) => `line ${n}\n`).join(''));
    expect((await poll()).length).toBe(5000);
    await appendFile(file, 'x'.repeat(1024 * 1024 + 10));
    expect((await poll()).map(({ length }) => length)).toEqual([1024 * 1024]);
  });
});

describe('linux.file_watch.line', { timeout: 60_000 }, () => {
  let server: Server | undefined;
  afterEach(async () => server?.stop());

  it('fires for each line of the file that a rule names, also over a restart of Petrel', async () => {
    const pack = join(directory, 'packs', 'shop');
    await mkdir(join(pack, 'rules'), { recursive: true });
    await writeFile(join(pack, 'pack.yaml'), 'name: shop\ndescription: test\nversion: 1.0.0\nauthor: test\n');
    await writeFile(
      join(pack, 'rules', 'lines.yaml'),
      `name: lines\nenabled: true\ntrigger: {type: linux.file_watch.line, parameters: {file_path: ${file}}}\naction: {ref: core.noop}\n`,
    );
    await writeFile(file, 'old\n');
    const start = async () => {
      server = await startServer({
        data: join(directory, 'data'),
        packs: [join(directory, 'packs')],
        port: 0,
        logFile: join(directory, 'petrel.log'),
      });
      return server;
    };
    const lines = async ({ store }: Server) => {
      const { items } = await store.listTriggerInstances(
        { trigger: 'linux.file_watch.line' },
        { limit: 99, offset: 0 },
      );
      return items.map(({ payload }) => payload.line).reverse();
    };
    const until = async (condition: () => Promise<boolean>, what: string) => {
      const end = Date.now() + 25_000;
      while (!(await condition())) {
        if (Date.now() > end) throw new Error(`It never came to this: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const first = await start();
    await until(
      async () =>
        (await first.store.listKeys('system', '', 'linux.FileWatchSensor:', { limit: 9, offset: 0 })).total > 0,
      'its position',
    );
    await appendFile(file, 'one\n');
    await until(async () => (await lines(first)).length === 1, 'the first line');
    await first.stop();
    server = undefined;
    await appendFile(file, 'two\n');
    const second = await start();
    await until(async () => (await lines(second)).length >= 2, 'the second line');
    expect(await lines(second)).toEqual(['one', 'two']);
  });
});
