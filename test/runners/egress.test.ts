import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEgress, type EgressSettings, type Resolve } from '../../src/runners/egress.ts';
import { httpRequest } from '../../src/runners/http-request.ts';
import { harness } from './harness.ts';

let port: number;
let hits = 0;
let redirectTo = '';
const server = createServer((request, response) => {
  hits += 1;
  if (request.url === '/redirect') response.writeHead(302, { Location: redirectTo }).end();
  else response.end('hello');
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  hits = 0;
});

/** Answers these addresses, one list after the other, the last for ever. */
function resolver(...answers: readonly (readonly string[])[]): Resolve {
  let asked = 0;
  return (_, callback) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    callback(
      null,
      addresses.map((address): LookupAddress => ({ address, family: isIP(address) })),
    );
  };
}

async function call(url: string, settings: EgressSettings, resolve?: Resolve, more: object = {}) {
  const runner = httpRequest({ version: '1', egress: createEgress(settings, resolve) });
  const { run } = harness({ runnerParameters: { url, ...more }, actionParameters: { timeout: 5 } });
  const end = await runner.run(run);
  return { status: 'status' in end ? end.status : 'pending', text: JSON.stringify(end) };
}

describe('an http-request', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://[::ffff:169.254.169.254]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'https://169.254.169.254/',
  ])('never goes to %s', async (url) => {
    const { status, text } = await call(url, {});
    expect([status, text]).toEqual(['failed', expect.stringContaining('must not be called from here')]);
  });

  it('goes to this machine, unless that is denied', async () => {
    expect((await call(`http://127.0.0.1:${port}/`, {})).status).toBe('succeeded');
    expect((await call(`http://localhost:${port}/`, {})).status).toBe('succeeded');
    expect(hits).toBe(2);
    for (const host of ['127.0.0.1', 'localhost', '127.1', '0.0.0.0', '[::ffff:127.0.0.1]', '[::1]']) {
      const { status, text } = await call(`http://${host}:${port}/`, { deny: ['loopback'] });
      expect([host, status, text]).toEqual([host, 'failed', expect.stringContaining('must not be called from here')]);
    }
    expect(hits).toBe(2);
  });

  it('goes where it is allowed to, whatever is denied around it', async () => {
    const settings = { deny: ['loopback', 'private'], allow: ['127.0.0.1'] };
    expect((await call(`http://127.0.0.1:${port}/`, settings)).status).toBe('succeeded');
    expect((await call(`http://127.0.0.2:${port}/`, settings)).status).toBe('failed');
  });

  // Only Linux has the whole of 127.0.0.0/8 without being told.
  it.runIf(process.platform === 'linux')('is not led by a redirect where it may not go', async () => {
    const settings = { deny: ['loopback'], allow: ['127.0.0.2'] };
    for (const target of [
      'http://169.254.169.254/x',
      `http://127.0.0.1:${port}/secret`,
      `http://[::ffff:7f00:1]:${port}/secret`,
      `http://localhost:${port}/secret`,
    ]) {
      redirectTo = target;
      hits = 0;
      const { text } = await call(`http://127.0.0.2:${port}/redirect`, settings, undefined, { allow_redirects: true });
      expect([target, text]).toEqual([target, expect.stringContaining('must not be called from here')]);
      expect(hits).toBe(1);
    }
  });

  it('is not led astray by a name that changes its address between look-ups', async () => {
    const rebinding = resolver(['203.0.113.7'], ['127.0.0.1']);
    const guard = createEgress({ deny: ['loopback'] }, rebinding);
    // Somebody has looked, and found it harmless.
    await new Promise((resolve) => guard.lookup('rebinding.example', { all: true }, resolve));
    const runner = httpRequest({ version: '1', egress: guard });
    const { run } = harness({
      runnerParameters: { url: `http://rebinding.example:${port}/` },
      actionParameters: { timeout: 5 },
    });
    expect(JSON.stringify(await runner.run(run))).toContain('rebinding.example (127.0.0.1) must not be called');
    expect(hits).toBe(0);
  });

  it('connects to what was looked up and to nothing else', async () => {
    const both = resolver(['169.254.169.254', '127.0.0.1']);
    expect((await call(`http://two.example:${port}/`, {}, both)).status).toBe('succeeded');
    expect(hits).toBe(1);
    expect((await call(`http://none.example:${port}/`, {}, resolver([]))).text).toContain('ENOTFOUND');
  });

  it('uses no proxy where it may not go, and asks none for what it may not', async () => {
    const settings = { deny: ['loopback'] };
    const asked = await call('http://good.example/', settings, undefined, { http_proxy: `http://127.0.0.1:${port}` });
    expect(asked.text).toContain('127.0.0.1 must not be called');
    const named = await call('http://good.example/', settings, resolver(['127.0.0.1']), {
      http_proxy: `http://proxy.example:${port}`,
    });
    expect(named.text).toContain('proxy.example (127.0.0.1) must not be called');
    const through = await call('http://169.254.169.254/', {}, undefined, { http_proxy: `http://127.0.0.1:${port}` });
    expect(through.text).toContain('169.254.169.254 must not be called');
    expect(hits).toBe(0);
    const fine = await call('http://good.example/', {}, undefined, { http_proxy: `http://127.0.0.1:${port}` });
    expect([fine.status, hits]).toEqual(['succeeded', 1]);
  });
});

describe('the settings', () => {
  it.each(['10.0.0.0/33', '10.0.0.0/', 'fe80::/129', 'intranet', '10.0.0', '10.0.0.0/-1'])('refuse %s', (network) => {
    expect(() => createEgress({ deny: [network] })).toThrowError(expect.objectContaining({ code: 'invalid' }));
  });

  it.each<[string, string, boolean]>([
    ['10.1.2.3', 'private', true],
    ['172.31.0.1', 'private', true],
    ['172.32.0.1', 'private', false],
    ['fd12::1', 'private', true],
    ['127.255.0.1', 'loopback', true],
    ['::', 'loopback', true],
    ['203.0.113.7', 'private', false],
    ['2001:db8::1', 'private', false],
  ])('hold %s against %s', (address, word, denied) => {
    const check = () => createEgress({ deny: [word] }).checkHost(address);
    if (denied) expect(check).toThrow();
    else expect(check).not.toThrow();
  });
});
