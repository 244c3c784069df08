import { describe, it } from 'vitest';
import { PROPERTIES } from './properties.ts';

describe('any expression at all', () => {
  it.each(PROPERTIES)('$name', ({ run }) => run({ numRuns: 500 }), 120_000);
});
