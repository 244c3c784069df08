import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WatchReport } from '../../src/sensors/index.ts';
import { createChecks, unreadiness } from '../../src/server/readiness.ts';
import { openSqliteStore } from '../../src/store/index.ts';

const watching = (state: WatchReport['state']): WatchReport => ({
  target: { apiVersion: 'v1', kind: 'Pod' } as WatchReport['target'], // what is shown of it
  state,
  objects: 0,
  events: 0,
  lists: 0,
  lastByteAt: undefined,
});

describe('Petrel is ready', () => {
  it.each<[string, readonly WatchReport[] | undefined, readonly string[]]>([
    ['not before its sensors have started', undefined, ['The sensors have not started yet.']],
    ['when there is nothing to watch', [], []],
    ['when every watch watches', [watching({ phase: 'watching' })], []],
    [
      'not while one has not seen everything',
      [watching({ phase: 'listing' })],
      ['The watch of Pod has not seen everything yet.'],
    ],
    [
      'not while one waits for the cluster',
      [watching({ phase: 'waiting', reason: 'connection refused', milliseconds: 1000, missing: false })],
      ['The watch of Pod waits: connection refused.'],
    ],
    [
      'when the cluster does not serve a kind: that is no hindrance for the others',
      [watching({ phase: 'waiting', reason: 'not found', milliseconds: 1000, missing: true })],
      [],
    ],
  ])('%s', (_, watches, problems) => {
    expect(unreadiness(watches)).toEqual(problems);
  });
});

describe('What is said of a node', () => {
  it('names the store that does not answer, the workers and the leases of sensors', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'petrel-checks-'));
    const store = await openSqliteStore({ directory });
    let workers: readonly string[] = [];
    let lease: string | undefined;
    const checks = createChecks({
      store,
      now: Date.now,
      executions: { problems: () => workers },
      sensors: () => ({ watches: () => [], packs: { problem: () => lease } }),
    });
    expect([await checks.health(), await checks.readiness()]).toEqual([[], []]);
    workers = ['Leases cannot be renewed: no route.'];
    lease = 'The sensors of packs cannot be looked after: no route';
    expect([await checks.health(), await checks.readiness()]).toEqual([[], [...workers, lease]]);
    await store.close();
    const [problem] = await checks.health();
    expect(problem).toMatch(/^The store does not answer: The store is closed/);
    expect(await checks.readiness()).toEqual([problem, ...workers, lease]);
    await rm(directory, { recursive: true });
  });
});
