import { afterAll, describe } from 'vitest';
import { storeConformance } from './conformance.ts';
import { openPglite } from './pglite.ts';

describe('PostgreSQL within this process (PGlite)', () => {
  const pglite = openPglite();
  afterAll(pglite.close);

  storeConformance(pglite.openStore);
});
