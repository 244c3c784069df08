import { describe, expect, it } from 'vitest';
import { apiServerPrograms } from '../real/kube-apiserver.ts';
import { watchChaos } from './watch.ts';
import { startBadSandbox } from './watch-faults.ts';
import { startBadApiServer } from './watch-real.ts';

describe('A watch of a misbehaving API server, with SIGKILL at random instants', () => {
  it('handles every change that must be seen once, and none that was not', async () => {
    const server = await startBadSandbox();
    const { changes, events } = await watchChaos({ server, changes: 700, random: Math.random });
    expect(changes).toBeGreaterThanOrEqual(700);
    expect(events).toBeGreaterThan(changes / 4);
  }, 180_000);
});

const programs = apiServerPrograms();

describe.skipIf(programs === undefined)('A watch of a real API server that is killed too', () => {
  it('handles every change that must be seen once, and none that was not', async () => {
    if (programs === undefined) throw new Error('There is no API server.');
    const server = await startBadApiServer(programs);
    const { changes, events } = await watchChaos({ server, changes: 300, random: Math.random });
    expect(changes).toBeGreaterThanOrEqual(300);
    expect(events).toBeGreaterThan(changes / 4);
  }, 300_000);
});
