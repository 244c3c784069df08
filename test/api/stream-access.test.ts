import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventResponse, openEvents } from '../../src/api/stream/sse.ts';
import { basic } from './access-server.ts';
import { type House, openHouse } from './support.ts';

/** Milliseconds within which whoever may not read any more is cut off. */
const SECONDS = 15_000;

describe('who reads a stream', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({});
  });
  afterAll(() => house.stop());

  const open = async (headers: Record<string, string>, path = '/stream/v1/stream') => {
    const response = await fetch(`${house.server().url}${path}`, { headers });
    expect(response.status).toBe(200);
    let over = false;
    const ended = (async () => {
      for await (const _ of response.body ?? []); // to its end
    })()
      .catch(() => undefined)
      .then(() => {
        over = true;
      });
    return { ended, isOver: () => over };
  };
  const ask: House['ask'] = async (method, path, body, headers) => {
    const answer = await house.ask(method, path, body, headers);
    expect(answer.status).toBeLessThan(300);
    return answer;
  };
  /** Answers the headers with which the user signs in. */
  const addUser = async (name: string, role: string) => {
    await ask('POST', '/users', { name, password: 'correct horse' });
    await ask('POST', '/rbac/role_assignments', { user: name, role });
    return basic(name, 'correct horse');
  };
  const tokenOf = async (signingIn: Record<string, string>, ttl = 100) => {
    const { body } = await ask('POST', '//auth/v1/tokens', { ttl }, signingIn);
    return { 'x-auth-token': String(body.token) };
  };
  const keyOf = async () => {
    const { body } = await ask('POST', '/apikeys', {});
    return { id: String(body.id), headers: { 'st2-api-key': String(body.key) } };
  };
  const runForAWhile = async (command: string) =>
    String((await ask('POST', '/executions', { action: 'core.local', parameters: { cmd: command } })).body.id);

  it('is cut off within seconds when the reason for letting them in is gone, and others are not', async () => {
    const began = Date.now();
    const file = join(house.directory, 'token');
    const ofRun = await runForAWhile(
      `printf %s "$ST2_ACTION_AUTH_TOKEN" > '${file}.new'; mv '${file}.new' '${file}'; sleep 300`,
    );
    const [ada, obi, eve] = [
      await addUser('ada', 'admin'),
      await addUser('obi', 'observer'),
      await addUser('eve', 'admin'),
    ];
    const [observer, token] = [await tokenOf(obi), await tokenOf(eve)];
    const [disabled, deleted, kept] = [await keyOf(), await keyOf(), await keyOf()];
    const signingIn = { username: 'ada', password: 'correct horse' };
    const session = await house.ask('POST', '//auth/v1/session', signingIn, { 'x-auth-token': '' });
    const pairs = session.headers.getSetCookie().map((text) => text.split(';')[0]);
    const cookie = { cookie: pairs.join('; '), 'x-auth-token': '' };
    await expect.poll(() => existsSync(file), { timeout: 10_000 }).toBe(true);
    const runToken = { 'x-auth-token': readFileSync(file, 'utf8') };

    const readers = {
      'a token whose time is over': await open(await tokenOf(ada, 3)),
      'an API key that is disabled': await open(disabled.headers),
      'an API key that is deleted': await open(deleted.headers),
      'a session that is ended': await open(cookie),
      'a role that is taken': await open(observer),
      'a role that is taken, of one execution': await open(observer, `/stream/v1/executions/${ofRun}/output`),
      'a token of a user who is deleted': await open(token),
      'a run that is over': await open(runToken),
    };
    const stayers = [await open(kept.headers), await open({ 'x-auth-token': house.server().token })];
    // Asked for while it may be had; what is held until the end is not told to whoever may not have it then.
    const waiting = house.ask('GET', `/executions/${ofRun}?wait=40`, undefined, observer);

    await ask('PUT', `/apikeys/${disabled.id}`, { enabled: false });
    await ask('DELETE', `/apikeys/${deleted.id}`);
    await ask('DELETE', '//auth/v1/session', undefined, { ...cookie, 'x-csrf-token': String(session.body.csrf_token) });
    await ask('DELETE', '/rbac/role_assignments/obi/observer');
    await ask('DELETE', '/users/eve');
    // As whoever runs code of a pack it gets no session: that is for browsers.
    const own = await house.ask('GET', '/user', undefined, runToken);
    expect([own.status, own.headers.getSetCookie()]).toEqual([200, []]);
    await ask('DELETE', `/executions/${ofRun}`);

    const late = new Promise<string>((resolve) => setTimeout(resolve, SECONDS, 'late'));
    const outcomes = Object.entries(readers).map(async ([name, { ended }]) => [
      name,
      (await Promise.race([ended.then(() => 'ended'), late])) as string, // one of two texts
    ]);
    expect(Object.fromEntries(await Promise.all(outcomes))).toEqual(
      Object.fromEntries(Object.keys(readers).map((name) => [name, 'ended'])),
    );
    expect((await waiting).status).toBe(403);
    expect(Date.now() - began).toBeLessThan(40_000);
    expect(stayers.map(({ isOver }) => isOver())).toEqual([false, false]);
  }, 60_000);
});

describe('a reader that takes nothing', () => {
  it('is cut off, and nothing is gathered for it meanwhile', async () => {
    const app = fastify();
    let response: EventResponse | undefined;
    let sent = 0;
    const over = new Promise<void>((resolve, reject) => {
      app.get('/', async (_, reply) => {
        const opened = openEvents(reply, {
          ending: new AbortController().signal,
          ask: async () => undefined,
          patience: 300,
        });
        response = opened;
        const write = async () => {
          while (await opened.send({ name: 'x', data: 'y'.repeat(100_000) })) sent += 1;
          // All that is left is what one reader was about to get.
          expect(reply.raw.writableLength).toBeLessThan(500_000);
          expect(opened.signal.aborted || reply.raw.destroyed).toBe(true);
        };
        write().then(resolve, reject);
        return reply;
      });
    });
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const socket = connect(Number(port), '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await over;
    // What fits into the buffers of the two sockets.
    expect(sent).toBeLessThan(200);
    socket.resume();
    await closed;
    expect(response?.signal.aborted).toBe(true);
    await app.close();
  });
});
