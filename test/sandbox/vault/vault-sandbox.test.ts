import { afterEach, describe, expect, it } from 'vitest';
import { startVaultSandbox, type VaultSandbox, type VaultSandboxOptions } from '../../../src/sandbox/index.ts';

let sandbox: VaultSandbox | undefined;
afterEach(() => sandbox?.close());

async function start(options: VaultSandboxOptions = {}) {
  const started = await startVaultSandbox(options);
  sandbox = started;
  const ask = (method: string, path: string, body?: object) =>
    fetch(`${started.url}/v1/${path}`, {
      method,
      headers: { 'x-vault-token': started.token },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { sandbox: started, ask };
}

describe('the token', () => {
  it('is a new one for each server, or the one given', async () => {
    const first = (await start()).sandbox.token;
    await sandbox?.close();
    expect((await start()).sandbox.token).not.toBe(first);
    await sandbox?.close();
    expect((await start({ token: 'let-me-in' })).sandbox.token).toBe('let-me-in');
  });
});

describe('a sealed server', () => {
  it('refuses everything with 503, tells so in its health, and keeps what it had', async () => {
    const { sandbox, ask } = await start();
    await ask('POST', 'secret/data/a', { data: { x: '1' } });
    sandbox.seal();
    const refused = await ask('GET', 'secret/data/a');
    expect(refused.status).toBe(503);
    expect(await refused.json()).toEqual({ errors: ['Vault is sealed'] });
    const health = await ask('GET', 'sys/health');
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ initialized: true, sealed: true });
    expect((await ask('GET', 'sys/health?sealedcode=200')).status).toBe(200);
    sandbox.unseal();
    expect((await ask('GET', 'secret/data/a')).status).toBe(200);
  });
});

describe('several engines', () => {
  it('keep their secrets apart', async () => {
    const { sandbox, ask } = await start({ mounts: ['secret', 'teams/shop'] });
    await ask('POST', 'teams/shop/data/a', { data: { x: '1' } });
    expect(sandbox.listSecrets('teams/shop')).toEqual(['a']);
    expect(sandbox.listSecrets()).toEqual([]);
    expect((await ask('GET', 'secret/data/a')).status).toBe(404);
    const preflight = await ask('GET', 'sys/internal/ui/mounts/teams/shop/a');
    expect(await preflight.json()).toMatchObject({
      data: { path: 'teams/shop/', type: 'kv', options: { version: '2' } },
    });
  });
});

describe('looking in', () => {
  it('shows what can be read and nothing else', async () => {
    const { sandbox, ask } = await start();
    await ask('POST', 'secret/data/a', { data: { x: '1' } });
    expect(sandbox.readSecret('a')).toEqual({ x: '1' });
    await ask('DELETE', 'secret/data/a');
    expect(sandbox.readSecret('a')).toBeUndefined();
    expect(sandbox.readSecret('nobody')).toBeUndefined();
    expect(sandbox.listSecrets()).toEqual(['a']);
  });
});

describe('trouble on request', () => {
  it("answers errors in Vault's form", async () => {
    const { sandbox, ask } = await start();
    sandbox.faults.fail({
      status: 500,
      message: 'local node not active but active cluster node not found',
      action: 'POST',
    });
    const response = await ask('POST', 'secret/data/a', { data: {} });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ errors: ['local node not active but active cluster node not found'] });
    expect((await ask('POST', 'secret/data/a', { data: {} })).status).toBe(200);
  });
});

describe('names that look like parts of JavaScript', () => {
  it('are names like others', async () => {
    const { ask } = await start();
    const raw = '{"data":{"__proto__":{"polluted":true},"constructor":"x"}}';
    await ask('POST', 'secret/data/__proto__', JSON.parse(raw));
    const text = await (await ask('GET', 'secret/data/__proto__')).text();
    expect(text).toContain('"data":{"__proto__":{"polluted":true},"constructor":"x"}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
