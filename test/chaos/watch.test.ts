import { describe, expect, it } from 'vitest';
import { watchChaos } from './watch.ts';

describe('A watch of a misbehaving API server, with SIGKILL at random instants', () => {
  it('handles every change that must be seen once, and none that was not', async () => {
    const { changes, events } = await watchChaos({ changes: 700, random: Math.random });
    expect(changes).toBeGreaterThanOrEqual(700);
    expect(events).toBeGreaterThan(changes / 4);
  }, 180_000);
});
