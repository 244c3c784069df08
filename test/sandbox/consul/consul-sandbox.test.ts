import { afterEach, describe, expect, it } from 'vitest';
import { type ConsulSandbox, type ConsulSandboxOptions, startConsulSandbox } from '../../../src/sandbox/index.ts';

let sandbox: ConsulSandbox | undefined;
afterEach(() => sandbox?.close());

async function start(options: ConsulSandboxOptions = {}) {
  const started = await startConsulSandbox(options);
  sandbox = started;
  const kv = (key: string, init?: RequestInit) => fetch(`${started.url}/v1/kv/${key}`, init);
  return { sandbox: started, kv };
}

describe('a token', () => {
  it('is asked for when there is one, in any of its three places', async () => {
    const { kv } = await start({ token: 'let-me-in' });
    const write = { method: 'PUT', body: 'x' };
    expect((await kv('a', write)).status).toBe(403);
    expect(await (await kv('a', { headers: { 'x-consul-token': 'wrong' } })).text()).toBe('ACL not found');
    expect((await kv('a', { ...write, headers: { 'x-consul-token': 'let-me-in' } })).status).toBe(200);
    expect((await kv('a', { headers: { authorization: 'Bearer let-me-in' } })).status).toBe(200);
    expect((await kv('a?token=let-me-in')).status).toBe(200);
  });
});

describe('trouble on request', () => {
  it('fails the next requests of a kind', async () => {
    const { sandbox, kv } = await start();
    sandbox.faults.fail({ status: 500, count: 2, action: 'PUT /v1/kv/' });
    expect((await kv('a')).status).toBe(404);
    expect(await (await kv('a', { method: 'PUT', body: 'x' })).text()).toBe('No cluster leader');
    expect((await kv('a', { method: 'PUT', body: 'x' })).status).toBe(500);
    expect((await kv('a', { method: 'PUT', body: 'x' })).status).toBe(200);
  });

  it('ends when it is told to', async () => {
    const { sandbox, kv } = await start();
    sandbox.faults.fail({ status: 500, seconds: 3600 });
    expect((await kv('a')).status).toBe(500);
    sandbox.faults.clear();
    expect((await kv('a')).status).toBe(404);
  });

  it('goes away, also from those who wait, and comes back on the same port with everything', async () => {
    const { sandbox, kv } = await start();
    await kv('a', { method: 'PUT', body: 'x' });
    const waiting = kv('a?index=999999&wait=1m').then(
      () => 'answered',
      () => 'cut',
    );
    await sandbox.stop();
    expect(await waiting).toBe('cut');
    await expect(kv('a')).rejects.toThrow('fetch failed');
    await sandbox.start();
    expect(await (await kv('a?raw')).text()).toBe('x');
    expect(sandbox.listKeys()).toEqual(new Map([['a', 'x']]));
  });
});

describe('locks', () => {
  it('are refused, since there are no sessions', async () => {
    const { kv } = await start();
    const response = await kv('a?acquire=4d8e0b6c', { method: 'PUT', body: 'x' });
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('keeps no sessions');
  });
});

describe('keys that look like parts of JavaScript', () => {
  it('are keys like others', async () => {
    const { sandbox, kv } = await start();
    for (const key of ['__proto__', 'constructor']) await kv(key, { method: 'PUT', body: key });
    expect([...sandbox.listKeys().keys()]).toEqual(['__proto__', 'constructor']);
  });
});
