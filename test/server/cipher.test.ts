import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCipher } from '../../src/server/index.ts';
import { type Server, startServer } from '../../src/server.ts';
import { askingOf, contractAt, type House } from '../api/support.ts';

const vectors = JSON.parse(readFileSync(new URL('../vectors/stackstorm/jinja.json', import.meta.url), 'utf8')) as {
  crypto_key: object;
  kv: { system: Record<string, string> };
};

describe("a datastore brought along from StackStorm, with StackStorm's key", () => {
  let directory: string;
  let server: Server;
  let ask: House['ask'];
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'petrel-cipher-'));
    const stackstormKey = join(directory, 'datastore_key.json');
    writeFileSync(stackstormKey, JSON.stringify(vectors.crypto_key));
    server = await startServer({ data: directory, port: 0, logFile: join(directory, 'log'), stackstormKey });
    ask = askingOf(() => server, await contractAt(server.url));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('gives its secrets to whoever may read them, and masks them', async () => {
    const value = vectors.kv.system.secret;
    // As `st2 key list --json` prints it.
    const exported = { name: 'moved', value, scope: 'st2kv.system', secret: true, encrypted: true };
    expect((await ask('PUT', '/keys/moved', exported)).status).toBe(200);
    expect((await ask('GET', '/keys/moved?decrypt=true')).body.value).toBe('s3cr3t');
    const parameters = { message: '{{ st2kv.system.moved | decrypt_kv }}' };
    const { body } = await ask('POST', '/executions', { action: 'core.echo', parameters });
    const ended = (await ask('GET', `/executions/${body.id}?wait=30`)).body;
    expect(JSON.stringify(ended)).not.toContain('s3cr3t');
    expect(ended).toMatchObject({ status: 'succeeded', result: { stdout: '********' } });
  });

  it('is refused when its ciphertext was changed', async () => {
    const value = String(vectors.kv.system.secret).replace(/..$/, 'ff');
    const { status } = await ask('PUT', '/keys/bad', { name: 'bad', value, secret: true, encrypted: true });
    expect(status).toBe(400);
  });

  it('has a key file that is read at the start, or the start fails and names it', async () => {
    const missing = join(directory, 'none.json');
    await expect(openCipher({ data: directory, stackstormKey: missing })).rejects.toThrow(
      `StackStorm's key file ${missing} cannot be used: ENOENT`,
    );
  });
});
