import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PetrelProcess, startPetrelProcess } from '../e2e/petrel-process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
let directory: string;
let server: PetrelProcess;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-client-'));
  server = await startPetrelProcess(['--data', directory]);
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('docs/client.md', () => {
  it('shows a program that runs, with the package as others import it', async () => {
    const page = await readFile(join(ROOT, 'docs', 'client.md'), 'utf8');
    const [, program = ''] = /```js\n(.*?)```/s.exec(page) ?? [];
    const env = {
      ...process.env,
      PETREL_URL: server.url,
      PETREL_TOKEN: (await readFile(join(directory, 'admin.token'), 'utf8')).trim(),
    };
    // From here, the package's own name leads to its exports.
    const args = ['--input-type=module', '--eval', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: ROOT });
    expect(stdout).toBe('stdout hello\nsucceeded\n');
  });
});
