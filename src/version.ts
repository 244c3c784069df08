import { readFileSync } from 'node:fs';

/** The version of this installation, from its package.json (beside src/ and dist/). */
export const version = String(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
