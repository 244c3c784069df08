import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type Server, startServer } from '../../src/server.ts';

let directory: string;
let server: Server;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-inquiries-'));
  server = await startServer({
    data: join(directory, 'data'),
    port: 0,
    logFile: join(directory, 'petrel.log'),
  });
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.url}/v1${path}`, {
    method,
    headers: { 'x-auth-token': server.token, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) as JsonObject };
}

async function asked(parameters: JsonObject = {}): Promise<string> {
  const { body } = await ask('POST', '/executions', { action: 'core.ask', parameters });
  for (;;) {
    const { status } = (await ask('GET', `/executions/${body.id}`)).body;
    if (status === 'pending') return String(body.id);
    if (status !== 'requested' && status !== 'running') throw new Error(`The inquiry is ${String(status)}.`);
  }
}

const SCHEMA = {
  type: 'object',
  properties: { ok: { type: 'boolean', required: true }, pin: { type: 'string', secret: true } },
};

describe('the inquiries that wait', () => {
  it('are listed, the newest first, by pages', async () => {
    const first = await asked({ route: 'one', ttl: 5 });
    const second = await asked({ route: 'two', users: ['ann'], roles: ['dba'] });
    const all = await ask('GET', '/inquiries');
    expect(all.headers.get('x-total-count')).toBe('2');
    expect(all.headers.get('x-limit')).toBe('20');
    expect(all.body).toEqual([
      { id: second, route: 'two', ttl: 1440, users: ['ann'], roles: ['dba'], schema: expect.anything() },
      { id: first, route: 'one', ttl: 5, users: [], roles: [], schema: expect.anything() },
    ]);
    const page = await ask('GET', '/inquiries?limit=1&offset=1&include_attributes=route');
    expect(page.body).toEqual([{ id: first, route: 'one' }]);
    expect((await ask('GET', '/inquiries?action=core.noop')).body).toEqual([]);
    for (const id of [first, second]) await ask('DELETE', `/executions/${id}`);
    expect((await ask('GET', '/inquiries')).body).toEqual([]);
  });

  it('show what they ask while they wait, also as executions', async () => {
    const id = await asked({ route: 'ops', schema: SCHEMA });
    const { body } = await ask('GET', `/inquiries/${id}`);
    expect(body).toEqual({ id, route: 'ops', ttl: 1440, users: [], roles: [], schema: SCHEMA });
    const execution = (await ask('GET', `/executions/${id}`)).body;
    expect(execution).toMatchObject({ status: 'pending', result: { route: 'ops', schema: SCHEMA } });
    expect(execution).not.toHaveProperty('end_timestamp');
    await ask('DELETE', `/executions/${id}`);
  });
});

describe('an answer', () => {
  it('ends the inquiry, and its secrets are masked wherever they are shown', async () => {
    const id = await asked({ schema: SCHEMA });
    const { status, body } = await ask('PUT', `/inquiries/${id}`, { id, response: { ok: true, pin: 'sesame-sesame' } });
    expect(status).toBe(200);
    expect(body).toEqual({ id, response: { ok: true, pin: '********' } });
    const execution = (await ask('GET', `/executions/${id}`)).body;
    expect(execution).toMatchObject({ status: 'succeeded', result: { response: { ok: true, pin: '********' } } });
    const echo = (await ask('POST', '/executions', { action: 'core.echo', parameters: { message: 'sesame-sesame' } }))
      .body;
    expect(JSON.stringify((await ask('GET', `/executions/${echo.id}?wait=20`)).body)).not.toContain('sesame-sesame');
    expect((await ask('GET', `/inquiries/${id}`)).body).toEqual({
      faultstring: `Inquiry ${id} has already been responded to.`,
    });
  });

  it.each([
    ['of the wrong shape', { response: { ok: 'maybe' } }, 400, /field "ok"/],
    ['without a response', {}, 400, /response/],
    ['that is no object', { response: [true] }, 400, /response/],
  ])('%s is refused', async (_, body, status, words) => {
    const id = await asked({ schema: SCHEMA });
    const refused = await ask('PUT', `/inquiries/${id}`, body);
    expect(refused.status).toBe(status);
    expect(refused.body.faultstring).toMatch(words);
    await ask('DELETE', `/executions/${id}`);
  });

  it('of somebody who may not is refused with 403; a role of the administrator lets it through', async () => {
    const id = await asked({ users: ['ann'] });
    const refused = await ask('PUT', `/inquiries/${id}`, { response: { continue: true } });
    expect(refused.status).toBe(403);
    expect(refused.body.faultstring).toContain('"admin" does not have permission');
    await ask('DELETE', `/executions/${id}`);
    const other = await asked({ users: ['admin'], roles: ['admin'] });
    expect((await ask('PUT', `/inquiries/${other}`, { response: { continue: true } })).status).toBe(200);
  });

  it('to what is no inquiry is refused with 404 or 400', async () => {
    const response = { continue: true };
    expect((await ask('PUT', '/inquiries/000000000000000000000000', { response })).status).toBe(404);
    const noop = (await ask('POST', '/executions', { action: 'core.noop' })).body;
    expect((await ask('PUT', `/inquiries/${noop.id}`, { response })).status).toBe(400);
    expect((await ask('GET', `/inquiries/${noop.id}`)).status).toBe(400);
  });
});
