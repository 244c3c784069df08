import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDatabaseWorld } from '../chaos/database-world.ts';
import { liveManyDatabases, NAMESPACES } from './databases-many.ts';

it('200 databases at once, 20 changed and 20 deleted while they are created: the end is exact, each made once, and nothing leaks', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-many-databases-'));
  const world = await openDatabaseWorld(directory, NAMESPACES);
  try {
    await liveManyDatabases({ petrel: world, outside: world.outside, patience: 300_000 });
    const made = world.rds.listCreations().map(({ tags }) => tags.get('petrel.dev/owner'));
    // Some of those that were deleted had been made, and some had not begun.
    expect(made.length).toBeGreaterThan(180);
    expect(new Set(made).size).toBe(made.length);
  } finally {
    await world.close();
    await rm(directory, { recursive: true, force: true });
  }
}, 700_000);
