import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../src/sandbox/index.ts';
import { resourceChaos } from './resources.ts';

describe('SIGKILL, outages and lost answers', () => {
  it('leave exactly what is wished, and no object that hangs', async () => {
    const seed = randomInt(1, 1_000_000);
    try {
      expect(await resourceChaos({ rounds: 6, random: seeded(seed) })).toBeGreaterThan(0);
    } catch (error) {
      throw new Error(`npm run chaos:resources -- --seed ${seed}`, { cause: error });
    }
  }, 240_000);
});
