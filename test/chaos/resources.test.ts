import { describe, expect, it } from 'vitest';
import { resourceChaos } from './resources.ts';

describe('SIGKILL, outages and lost answers', () => {
  it('leave exactly what is wished, and no object that hangs', async () => {
    expect(await resourceChaos({ rounds: 6, random: Math.random })).toBeGreaterThan(0);
  }, 240_000);
});
