import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PETREL } from '../e2e/petrel-process.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-sandbox-cli-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Runs the command until it has printed where it listens, then `use`, then stops it. Returns its exit code. */
async function during(
  args: readonly string[],
  use: (told: { url: string; kubeconfig: string }) => Promise<void>,
): Promise<number | null> {
  const child = spawn(process.execPath, [PETREL, 'sandbox', 'kubernetes', '--json', ...args], { cwd: directory });
  const exited = once(child, 'exit');
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.trimEnd().endsWith('}')) break;
  }
  try {
    await use(JSON.parse(text));
  } finally {
    child.kill('SIGTERM');
  }
  await exited;
  return child.exitCode;
}

const tokenIn = async (file: string): Promise<string> => parse(await readFile(file, 'utf8')).users[0].user.token;

describe('petrel sandbox kubernetes', () => {
  it('writes a kubeconfig that only its owner reads, and serves whoever has its token', async () => {
    const code = await during([], async ({ url, kubeconfig }) => {
      expect(kubeconfig).toBe(join(directory, '.petrel', 'sandbox', 'kubeconfig'));
      expect((await stat(kubeconfig)).mode & 0o077).toBe(0);
      const headers = { authorization: `Bearer ${await tokenIn(kubeconfig)}` };
      expect((await fetch(`${url}/api/v1/nodes`, { headers })).status).toBe(200);
      expect((await fetch(`${url}/api/v1/nodes`)).status).toBe(401);
    });
    expect(code).toBe(0);
    await expect(stat(join(directory, '.petrel', 'sandbox', 'kubernetes'))).rejects.toThrow('ENOENT');
  });

  it('keeps everything with --data', async () => {
    const place = ['--data', join(directory, 'kept')];
    const path = '/api/v1/namespaces/default/configmaps';
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' } };
    await during(place, async ({ url, kubeconfig }) => {
      const headers = { authorization: `Bearer ${await tokenIn(kubeconfig)}`, 'content-type': 'application/json' };
      expect((await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(object) })).status).toBe(201);
    });
    await during(place, async ({ url, kubeconfig }) => {
      const headers = { authorization: `Bearer ${await tokenIn(kubeconfig)}` };
      expect((await fetch(`${url}${path}/kept`, { headers })).status).toBe(200);
    });
  });

  it('knows the users of a token file, and lets roles decide with --rbac', async () => {
    const tokens = join(directory, 'tokens.csv');
    await writeFile(tokens, '# token,user,uid,groups\nboss-token,boss,1,"system:masters"\nguest-token,guest,2\n');
    await during(['--rbac', '--tokens', tokens], async ({ url }) => {
      const ask = async (token: string) =>
        (await fetch(`${url}/api/v1/nodes`, { headers: { authorization: `Bearer ${token}` } })).status;
      expect([await ask('boss-token'), await ask('guest-token'), await ask('no-token')]).toEqual([200, 403, 401]);
    });
  });

  it.each([
    [['--port', '70000'], '--port 70000 is no port; say a number from 0 to 65535.'],
    [['--tokens', 'wrong.csv'], 'wrong.csv:2 is no line of token,user,uid,"group,group"; correct it.'],
  ])('refuses %j', async (args, message) => {
    await writeFile(join(directory, 'wrong.csv'), 'a,b,c\nnonsense\n');
    const run = promisify(execFile)(process.execPath, [PETREL, 'sandbox', 'kubernetes', ...args], { cwd: directory });
    await expect(run).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});
