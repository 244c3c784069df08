import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kubectl, pageOf, ROOT, runGuide } from './guide.ts';

const PAGE = pageOf('resources.md');

describe('docs/resources.md', () => {
  it('shows the file that is in the example', () => {
    const [, shown] = /^```yaml\n([\s\S]*?)^```$/m.exec(PAGE) ?? [];
    expect(shown).toBe(readFileSync(join(ROOT, 'examples/resources/resources/flag.yaml'), 'utf8'));
  });

  it.skipIf(kubectl === undefined)(
    'is a guide whose commands do what it says',
    () => runGuide(PAGE, 'flags.settings.example.dev'),
    180_000,
  );
});

describe('docs/databases.md', () => {
  it.skipIf(kubectl === undefined)(
    'is a guide whose commands do what it says',
    () => runGuide(pageOf('databases.md')),
    180_000,
  );
});
