import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CredentialSource, fileCredentials } from '../../src/kubernetes/credentials.ts';
import { execCredentials } from '../../src/kubernetes/exec-credential.ts';
import {
  type Answer,
  type Asked,
  respond,
  startScriptedServer,
  testClient,
  WIDGET_DISCOVERY,
} from './scripted-server.ts';
import { COLLECTION, change, has, list, run, watchesOf } from './watching.ts';

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'petrel-token-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A credential plugin that prints token-1, then token-2 and so on, and counts its runs in a file. */
function plugin(): CredentialSource {
  const count = join(directory(), 'count');
  const script = `
    const fs = require('node:fs');
    const run = fs.existsSync(${JSON.stringify(count)}) ? Number(fs.readFileSync(${JSON.stringify(count)}, 'utf8')) + 1 : 1;
    fs.writeFileSync(${JSON.stringify(count)}, String(run));
    console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1', status: { token: 'token-' + run } }));
  `;
  const apiVersion = 'client.authentication.k8s.io/v1';
  return execCredentials({ apiVersion, command: process.execPath, args: ['-e', script], env: {} }, {}, process.env);
}

/** A server that takes only `valid`, until it answered `watches` watches with it; then only the next token. */
function serverThatExpiresTokens(onExpiry: (next: number) => void) {
  let valid = 1;
  const guarded =
    (answer: (response: Parameters<typeof respond>[0], asked: Asked) => void): Answer =>
    (response, asked) => {
      if (asked.headers.authorization === `Bearer token-${valid}`) answer(response, asked);
      else respond(response, 401, { kind: 'Status', code: 401, message: 'Unauthorized' });
    };
  return startScriptedServer({
    '/apis/example.org/v1': guarded((response) => respond(response, 200, WIDGET_DISCOVERY['/apis/example.org/v1'])),
    [COLLECTION]: guarded((response, asked) => {
      if (asked.query.get('watch') !== 'true') return respond(response, 200, list('5'));
      const version = 5 + valid;
      response.writeHead(200);
      response.write(`${JSON.stringify(change('MODIFIED', 'a', String(version)))}\n`);
      if (version === 8) return;
      valid += 1;
      onExpiry(valid);
      response.end();
    }),
  });
}

describe('A watch whose token ends while it runs', () => {
  it('goes on with the next one of a credential plugin', async () => {
    const server = await serverThatExpiresTokens(() => {});
    const { restarts } = await run(server, has('MODIFIED a @8'), { config: { credentials: plugin() } });
    expect(restarts).toEqual(['closed', 'closed']);
    expect(watchesOf(server).map(({ headers }) => headers.authorization)).toEqual(
      [1, 1, 2, 2, 3].map((token) => `Bearer token-${token}`),
    );
  });

  it('goes on with what is in the token file by then', async () => {
    const token = join(directory(), 'token');
    writeFileSync(token, 'token-1\n');
    const server = await serverThatExpiresTokens((next) => writeFileSync(token, `token-${next}\n`));
    const { restarts } = await run(server, has('MODIFIED a @8'), {
      config: { credentials: fileCredentials({ token }) },
    });
    expect(restarts).toEqual(['closed', 'closed']);
  });
});

describe('Requests that are refused one after another with the same token', () => {
  it('run the credential plugin once', async () => {
    let refusals = 0;
    const server = await startScriptedServer({
      '/version': (response, { headers }) => {
        if (headers.authorization === 'Bearer token-2') respond(response, 200, { minor: '32' });
        // The last refusals come when the next token is there already.
        else setTimeout(() => respond(response, 401, { kind: 'Status', code: 401 }), 100 * refusals++);
      },
    });
    const client = testClient(server, { credentials: plugin() });
    await Promise.all(Array.from({ length: 8 }, () => client.request({ path: '/version' })));
    const tokens = new Set(server.asked.map(({ headers }) => headers.authorization));
    expect(tokens).toEqual(new Set(['Bearer token-1', 'Bearer token-2']));
  });
});
