import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { seeded } from '../../src/sandbox/index.ts';
import { databaseChaos } from './databases.ts';

it('SIGKILL, trouble at RDS and outages leave exactly the databases that are wished, each created once, and then none', async () => {
  const seed = randomInt(1, 1_000_000);
  try {
    expect(await databaseChaos({ rounds: 5, names: 6, random: seeded(seed) })).toBeGreaterThan(2);
  } catch (error) {
    throw new Error(`npm run chaos:resources -- --seed ${seed}`, { cause: error });
  }
}, 300_000);
