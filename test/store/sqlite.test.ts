import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Libsql from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/index.ts';
import { sqliteError } from '../../src/store/sqlite.ts';
import { storeConformance } from './conformance.ts';
import { ALL, id, key } from './given.ts';

describe('SQLite', () => {
  let root = '';
  let opened = 0;
  const newDirectory = () => join(root, `store-${opened++}`);
  const failure = (directory: string) => openSqliteStore({ directory }).catch((error: unknown) => error);
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'petrel-store-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  storeConformance(() => openSqliteStore({ directory: newDirectory() }));

  describe('the data directory', () => {
    it('is made for its owner alone', async () => {
      const directory = join(newDirectory(), 'deep');
      const store = await openSqliteStore({ directory });
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      expect(statSync(join(directory, 'petrel.db')).mode & 0o777).toBe(0o600);
      await store.close();
    });

    it('keeps what was stored from one opening to the next', async () => {
      const directory = newDirectory();
      const first = await openSqliteStore({ directory });
      await first.putKey(key('kept'));
      await first.close();
      const second = await openSqliteStore({ directory });
      expect(await second.getKey('system', '', 'kept')).toEqual(key('kept'));
      await second.close();
    });

    it('belongs to one store at a time, and a second one is told who has it and what to do', async () => {
      const directory = newDirectory();
      const store = await openSqliteStore({ directory });
      const refused = await failure(directory);
      expect(refused).toMatchObject({ code: 'locked' });
      expect(String(refused)).toContain(directory);
      expect(String(refused)).toContain(`process ${process.pid}`);
      expect(String(refused)).toContain('--data');
      await store.putKey(key('still mine'));
      await store.close();
      expect(existsSync(join(directory, 'petrel.pid'))).toBe(false);
      await (await openSqliteStore({ directory })).close();
    });

    it('that cannot be made is named', async () => {
      const file = join(root, 'a-file');
      await writeFile(file, '');
      expect(await failure(join(file, 'below'))).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining(join(file, 'below')),
      });
    });

    it('with something else in place of the database is refused', async () => {
      const directory = newDirectory();
      await (await openSqliteStore({ directory })).close();
      await writeFile(
        join(directory, 'petrel.db'),
        'This is not a database, but it is long enough to look like one. '.repeat(99),
      );
      expect(await failure(directory)).toMatchObject({ code: 'internal', message: expect.stringContaining('damaged') });
      expect(await readFile(join(directory, 'petrel.db'), 'utf8')).toContain('not a database');
    });

    it('written by a newer Petrel is refused, and left as it is', async () => {
      const directory = newDirectory();
      await (await openSqliteStore({ directory })).close();
      const db = new Libsql(join(directory, 'petrel.db'));
      db.exec('INSERT INTO petrel_migrations (version, applied_at) VALUES (999, 0)');
      db.close();
      expect(await failure(directory)).toMatchObject({ code: 'conflict', message: expect.stringContaining('999') });
      expect(await failure(directory)).toMatchObject({ code: 'conflict' });
    });
  });

  it('says so when the disk is full', () => {
    const db = new Libsql(':memory:');
    db.exec('CREATE TABLE t (a TEXT); PRAGMA max_page_count = 2');
    const fill = () => db.prepare('INSERT INTO t VALUES (?)').run(['x'.repeat(50_000)]);
    let thrown: unknown;
    try {
      fill();
    } catch (error) {
      thrown = error;
    }
    expect(sqliteError(thrown, '/data')).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('/data is full'),
    });
    db.close();
  });

  describe('a process that is killed', () => {
    const program = fileURLToPath(new URL('programs/commit-until-killed.ts', import.meta.url));
    const start = (directory: string) =>
      spawn(process.execPath, ['--import', 'jiti/register', program, directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });

    /** The numbers the child printed before it was killed, at the moment it had printed `atLeast`. */
    async function killAfter(child: ChildProcess, atLeast: number): Promise<number[]> {
      let printed = '';
      child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk;
        if (printed.split('\n').length > atLeast) child.kill('SIGKILL');
      });
      await once(child, 'close');
      return printed.split('\n').slice(0, -1).map(Number);
    }

    it.each([1, 40, 333])('after %i acknowledged commits has kept all of them, and none by half', async (commits) => {
      const directory = newDirectory();
      const acknowledged = await killAfter(start(directory), commits);
      expect(acknowledged.length).toBeGreaterThanOrEqual(commits);

      const store = await openSqliteStore({ directory });
      const page = { limit: 1_000_000, offset: 0 };
      const idsOf = (listed: { items: readonly { id: string }[] }) => listed.items.map((item) => item.id).toSorted();
      const instances = idsOf(await store.listTriggerInstances({}, page));
      const executions = idsOf(await store.listExecutions({}, page));
      const keys = (await store.listKeys('system', '', 'number ', page)).items.map((item) =>
        id(Number(item.name.slice(7))),
      );
      expect(instances).toEqual(expect.arrayContaining(acknowledged.map(id)));
      expect(executions).toEqual(instances);
      expect(keys.toSorted()).toEqual(instances);
      await store.close();
    });

    it('while it holds the directory keeps others out, and no longer', async () => {
      const directory = newDirectory();
      const child = start(directory);
      await once(child.stdout ?? child, 'data');
      const refused = await failure(directory);
      expect(refused).toMatchObject({ code: 'locked', message: expect.stringContaining(`process ${child.pid}`) });
      child.kill('SIGKILL');
      await once(child, 'close');
      const store = await openSqliteStore({ directory });
      expect((await store.listExecutions({}, ALL)).total).toBeGreaterThan(0);
      await store.close();
    });
  });
});
