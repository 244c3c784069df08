import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openSqliteStore } from '../../src/store/index.ts';
import { storeConformance } from './conformance.ts';

describe('SQLite', () => {
  let root = '';
  let opened = 0;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'petrel-store-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  storeConformance(() => openSqliteStore({ directory: join(root, `store-${opened++}`) }));
});
