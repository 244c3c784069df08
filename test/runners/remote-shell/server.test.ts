import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/model/index.ts';
import { type Server, startServer } from '../../../src/server.ts';
import { type RealSshd, sshdProgram, startSshd } from '../../real/sshd.ts';

const program = sshdProgram();

describe.skipIf(program === undefined)('core.remote on a running Petrel', { timeout: 40_000 }, () => {
  let directory: string;
  let sshd: RealSshd;
  let server: Server;
  beforeAll(async () => {
    sshd = await startSshd(program);
    directory = await mkdtemp(join(tmpdir(), 'petrel-remote-server-'));
    server = await startServer({
      data: join(directory, 'data'),
      port: 0,
      logFile: join(directory, 'petrel.log'),
      ssh: { user: sshd.username, keyFile: sshd.privateKeyFile },
    });
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await sshd?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function send(method: string, path: string, body?: unknown): Promise<JsonObject> {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: { 'x-auth-token': server.token, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as JsonObject; // an object, where a test looks
  }

  async function run(action: string, parameters: JsonObject): Promise<JsonObject> {
    const { id } = await send('POST', '/executions', { action, parameters });
    for (;;) {
      const execution = await send('GET', `/executions/${id}`);
      if (['succeeded', 'failed', 'timeout', 'canceled'].includes(String(execution.status))) return execution;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('logs in as the server is told to, and keeps the key of the host', async () => {
    const hosts = `127.0.0.1:${sshd.port}`;
    const { status, result, id } = await run('core.remote', { hosts, cmd: 'echo "$ST2_ACTION_EXECUTION_ID"' });
    expect([status, result]).toEqual([
      'succeeded',
      { '127.0.0.1': { succeeded: true, failed: false, return_code: 0, stdout: id, stderr: '' } },
    ]);
    const key = await send('GET', `/keys/${encodeURIComponent(`ssh.host_key.[127.0.0.1]:${sshd.port}`)}`);
    expect(key.value).toMatch(/^ssh-ed25519 SHA256:/);
  });

  it('shows a password nowhere, also not where the host prints it', async () => {
    const parameters = { hosts: `127.0.0.1:${sshd.port}`, cmd: 'echo the-word-is-hunter2', password: 'hunter2' };
    const execution = await run('core.remote', { ...parameters, private_key: sshd.privateKeyFile });
    expect(execution.result).toMatchObject({ '127.0.0.1': { stdout: '********' } });
    const log = await readFile(join(directory, 'petrel.log'), 'utf8');
    expect(JSON.stringify(execution) + log).not.toMatch(/hunter2|PRIVATE KEY/);
  });

  it('is cut short when it is canceled', async () => {
    const { id } = await send('POST', '/executions', {
      action: 'core.remote',
      parameters: { hosts: `127.0.0.1:${sshd.port}`, cmd: 'echo begun; sleep 60' },
    });
    const output = async () => (await server.store.listOutput(String(id), 0, 10)).length;
    while ((await output()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await send('DELETE', `/executions/${id}`);
    let status: unknown;
    for (let tries = 0; tries < 400 && status !== 'canceled'; tries += 1) {
      status = (await send('GET', `/executions/${id}`)).status;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(status).toBe('canceled');
  });
});
