import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The packs that come with Petrel, beside src/ and dist/. */
export const SHIPPED_PACKS = fileURLToPath(new URL('../packs', import.meta.url));

/** The example of databases by rules and action-chains; part of the story. */
export const CHAIN_PACK = fileURLToPath(new URL('../examples/database-chain', import.meta.url));

/** Each shipped pack's folder. */
export function shippedPackFolders(): readonly string[] {
  return readdirSync(SHIPPED_PACKS).map((name) => join(SHIPPED_PACKS, name));
}
