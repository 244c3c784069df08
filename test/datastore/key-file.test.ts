import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeyFile } from '../../src/datastore/index.ts';

describe('the key file', () => {
  let directory = '';
  let file = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'petrel-key-'));
    file = join(directory, 'petrel.key');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is made on the first start, for its owner alone, and nothing else is left beside it', () => {
    const key = openKeyFile(file);
    expect(key).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['petrel.key']);
  });

  it('gives the same key from then on', () => {
    const key = openKeyFile(file);
    expect(openKeyFile(file)).toEqual(key);
    expect(openKeyFile(join(directory, 'another.key'))).not.toEqual(key);
  });

  it.each(['', 'short', `${'A'.repeat(43)}`, `${'A'.repeat(42)}B=`, 'not base64 at all, but long enough to be a key'])(
    'that holds %j is refused and left as it is',
    (content) => {
      writeFileSync(file, content, { mode: 0o600 });
      expect(() => openKeyFile(file)).toThrow(expect.objectContaining({ code: 'invalid' }));
      expect(statSync(file).size).toBe(content.length);
    },
  );

  it.each([0o604, 0o602, 0o620, 0o666])('with mode %o is refused', (mode) => {
    openKeyFile(file);
    chmodSync(file, mode);
    expect(() => openKeyFile(file)).toThrow(expect.objectContaining({ code: 'forbidden' }));
    expect(() => openKeyFile(file)).toThrow(`chmod 600 ${file}`);
  });

  it('that its group may read is used with a warning, as a mounted Kubernetes Secret is', () => {
    const key = openKeyFile(file);
    chmodSync(file, 0o440);
    const warnings: string[] = [];
    expect(openKeyFile(file, { warn: (message) => warnings.push(message) })).toEqual(key);
    expect(warnings).toEqual([expect.stringContaining(file)]);
  });

  it('in a directory that does not exist is named', () => {
    const missing = join(directory, 'none', 'petrel.key');
    expect(() => openKeyFile(missing)).toThrow(expect.objectContaining({ code: 'unavailable' }));
    expect(() => openKeyFile(missing)).toThrow(missing);
  });
});
