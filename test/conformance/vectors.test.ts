import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'vitest';
import { kindOf } from './kinds.ts';

const folder = join(import.meta.dirname, '..', 'vectors');

for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.json'),
)) {
  const text = readFileSync(join(folder, file), 'utf8');
  const checks = kindOf(basename(file), text)?.(text);
  if (checks === undefined) continue;
  describe(`the vectors of ${file}`, () => {
    it.each(checks)('$id', ({ run }) => run());
  });
}
