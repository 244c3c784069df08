import { afterEach, describe, expect, it } from 'vitest';
import { type ConsulSandbox, type FaultRates, startConsulSandbox, startRdsSandbox } from '../../src/sandbox/index.ts';

let consul: ConsulSandbox;
afterEach(() => consul.close());

const put = async (name: string) => {
  try {
    return (await fetch(`${consul.url}/v1/kv/${name}`, { method: 'PUT', body: 'x' })).status;
  } catch {
    return 'no answer';
  }
};
const there = (name: string) => consul.listKeys().has(name);

describe('faults', () => {
  it('cut the connection before anything is done, or after it', async () => {
    consul = await startConsulSandbox();
    consul.faults.cut();
    expect([await put('a'), there('a')]).toEqual(['no answer', false]);
    consul.faults.loseAnswers();
    expect([await put('b'), there('b')]).toEqual(['no answer', true]);
    expect(await put('a')).toBe(200);
  });

  it('make an answer late, and what was asked is done meanwhile', async () => {
    consul = await startConsulSandbox();
    consul.faults.delay(150);
    const began = performance.now();
    const answer = put('a');
    await expect.poll(() => there('a'), { interval: 5 }).toBe(true);
    expect(await answer).toBe(200);
    expect(performance.now() - began).toBeGreaterThanOrEqual(145);
  });

  it('come at random by rate, the same for the same seed', async () => {
    const outcomes = async (rates: FaultRates) => {
      consul = await startConsulSandbox();
      consul.faults.setRates(rates);
      const seen: unknown[] = [];
      for (let index = 0; index < 60; index += 1) seen.push([await put(`k${index}`), there(`k${index}`)]);
      consul.faults.clear();
      expect(await put('after')).toBe(200);
      await consul.close();
      return seen;
    };
    const rates = { seed: 7, throttled: 0.2, unavailable: 0.2, cut: 0.2, lost: 0.2 };
    const first = await outcomes(rates);
    expect(await outcomes(rates)).toEqual(first);
    expect(await outcomes({ ...rates, seed: 8 })).not.toEqual(first);
    for (const kind of [
      [429, false],
      [503, false],
      ['no answer', false],
      ['no answer', true],
      [200, true],
    ])
      expect(first).toContainEqual(kind);
  });

  it('can be there from the beginning at RDS, which says Throttling', async () => {
    consul = await startConsulSandbox();
    const rds = await startRdsSandbox({ faults: { throttled: 1 } });
    const response = await fetch(rds.url, { method: 'POST', body: 'Action=DescribeDBInstances&Version=2014-10-31' });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('<Code>Throttling</Code>')]);
    await rds.close();
  });
});
