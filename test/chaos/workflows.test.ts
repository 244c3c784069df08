import { describe, expect, it } from 'vitest';
import { chaos } from './workflows.ts';

describe('SIGKILL at random instants', () => {
  it('changes nothing about how workflows end', async () => {
    expect(await chaos({ kills: 6, random: Math.random })).toBeGreaterThan(0);
  }, 180_000);
});
