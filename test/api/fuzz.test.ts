import { expect, it } from 'vitest';
import { fuzzApi, openFuzzedHouse } from './fuzzing.ts';

it('answers whatever its document allows, or almost, as the document says', async () => {
  const { house, known } = await openFuzzedHouse();
  try {
    const statuses = await fuzzApi(house, known, { numRuns: 500 });
    // Not only the door was tried.
    for (const status of [200, 400, 404]) expect(statuses.get(status) ?? 0).toBeGreaterThan(20);
  } finally {
    await house.stop();
  }
}, 120_000);
