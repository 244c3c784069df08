import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from '../../src/client/index.ts';
import { type House, openHouse } from '../api/support.ts';

let house: House;
let client: Client;
beforeAll(async () => {
  house = await openHouse({});
  client = createClient({ url: `${house.server().url}/`, token: house.server().token });
});
afterAll(() => house.stop());

describe('operations', () => {
  it('take names for the path, a query and a body, and answer what the document says', async () => {
    const name = 'a/b c';
    const put = await client.call('PUT /keys/{path}', { path: { path: name }, body: { value: '1' } });
    expect(put.name).toBe(name);
    expect((await client.call('GET /keys/{path}', { path: { path: name } })).value).toBe('1');
    expect(await client.call('DELETE /keys/{path}', { path: { path: name } })).toBeUndefined();
  });

  it("throw with the server's own words, and with a code that says what kind of trouble it is", async () => {
    const failure = client.call('GET /actions/{ref}', { path: { ref: 'core.nothing' } });
    await expect(failure).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('core.nothing'),
      details: { status: 404 },
    });
    await expect(client.call('POST /executions', { body: { action: 'core.local' } })).rejects.toMatchObject({
      code: 'invalid',
    });
    const nobody = createClient({ url: house.server().url });
    await expect(nobody.page('GET /rules')).rejects.toMatchObject({ code: 'unauthorized' });
    const nowhere = createClient({ url: 'http://127.0.0.1:9', token: 'x' });
    await expect(nowhere.page('GET /rules')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('say what is in the way of what is there already', async () => {
    const body = { name: 'twice', pack: 'default', runner_type: 'noop' };
    const made = await client.call('POST /actions', { body });
    await expect(client.call('POST /actions', { body })).rejects.toMatchObject({
      code: 'conflict',
      details: { status: 409, 'conflict-id': made.id },
    });
  });

  it('refuse a name that would lead elsewhere', async () => {
    for (const ref of ['', '.', '..']) {
      await expect(client.call('DELETE /rules/{ref}', { path: { ref } })).rejects.toMatchObject({ code: 'invalid' });
    }
  });
});

describe('lists', () => {
  it('come page by page, or all of them, none twice', async () => {
    for (let index = 0; index < 7; index += 1) {
      await client.call('PUT /keys/{path}', { path: { path: `page.${index}` }, body: { value: String(index) } });
    }
    const query = { prefix: 'page.', limit: 3 };
    const { items, total } = await client.page('GET /keys', { query });
    expect([items.length, total]).toEqual([3, 7]);
    const names = [];
    for await (const { name } of client.all('GET /keys', { query })) names.push(name);
    expect(names).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => `page.${index}`));
  });

  it('that grow at their front meanwhile give nothing twice', async () => {
    for (let index = 0; index < 4; index += 1) await house.run('core.noop');
    const seen: string[] = [];
    for await (const { id } of client.all('GET /executions', { query: { limit: 2, action: 'core.noop' } })) {
      if (seen.length === 1) await house.run('core.noop');
      seen.push(id);
    }
    expect(seen).toHaveLength(4);
    expect(new Set(seen).size).toBe(4);
  });
});

describe('streams', () => {
  it('give what an execution prints, to its end', async () => {
    const cmd = 'echo one; echo two >&2; sleep 0.2; echo three';
    const { id } = await client.call('POST /executions', { body: { action: 'core.local', parameters: { cmd } } });
    const lines = [];
    for await (const { stream, data } of client.output(id)) lines.push(`${stream}: ${data}`);
    expect(lines.sort()).toEqual(['stderr: two\n', 'stdout: one\n', 'stdout: three\n']);
  });

  it('give events until the one that was to be the last', async () => {
    const { id } = await client.call('POST /executions', {
      body: { action: 'core.local', parameters: { cmd: 'sleep 0.3' } },
    });
    const end = { end_event: 'st2.execution__update', end_execution_id: id };
    const states = [];
    for await (const { data } of client.events({ events: ['st2.execution__*'], execution_ids: [id], ...end })) {
      states.push((data as { status?: string }).status); // an execution
    }
    expect(states.at(-1)).toBe('succeeded');
  });

  it('go on over a restart of the server, and end when they are told to', { timeout: 30_000 }, async () => {
    const proxied = createClient({ url: await proxy(() => house.server().url), token: house.server().token });
    const leave = new AbortController();
    const heard: string[] = [];
    const reading = (async () => {
      for await (const { name, data } of proxied.events({}, { signal: leave.signal })) {
        heard.push(name === 'petrel.stream__lost' ? name : String((data as { status?: string }).status)); // an execution
        if (heard.filter((one) => one === 'succeeded').length === 4) leave.abort();
      }
    })();
    await expect.poll(() => connections).toBe(1);
    await house.run('core.noop');
    await expect.poll(() => heard.filter((one) => one === 'succeeded').length).toBe(2); // execution and live action
    await house.restart();
    await expect.poll(() => connections, { timeout: 15_000 }).toBeGreaterThan(1);
    await expect.poll(() => heard, { timeout: 15_000 }).toContain('petrel.stream__lost');
    await house.run('core.noop');
    await reading;
    expect(heard.filter((one) => one === 'succeeded')).toHaveLength(4);
  });
});

let connections = 0;
const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing) close();
});

/** A port that stays when the server takes another. */
async function proxy(target: () => string): Promise<string> {
  const server = createServer((socket) => {
    const upstream = connect(Number(new URL(target()).port), '127.0.0.1', () => {
      connections += 1;
    });
    socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}
