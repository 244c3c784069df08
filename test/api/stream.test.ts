import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type House, MANIFEST, openHouse } from './support.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({
    'shop/pack.yaml': MANIFEST('shop'),
    'shop/actions/login.yaml':
      'name: login\nrunner_type: local-shell-cmd\nparameters:\n  password: {type: string, secret: true}\n  cmd: {default: "echo {{ password }}", immutable: true}\n',
  });
});
afterAll(() => house.stop());

interface Event {
  readonly id: string | undefined;
  readonly name: string;
  readonly data: string;
  readonly body: JsonObject;
}

/** Reads a stream as EventSource does. */
class Reader {
  readonly events: Event[] = [];
  readonly response: Response;
  readonly ended: Promise<void>;
  raw = '';
  readonly #abort: AbortController;
  #seen: (() => void)[] = [];

  static async open(path: string, headers: Record<string, string> = {}): Promise<Reader> {
    const abort = new AbortController();
    const response = await fetch(`${house.server().url}${path}`, {
      headers: { 'x-auth-token': house.server().token, ...headers },
      signal: abort.signal,
    });
    return new Reader(response, abort);
  }

  constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.ended = this.#read().catch(() => undefined);
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of this.response.body ?? []) {
      this.raw += decoder.decode(chunk, { stream: true });
      rest += decoder.decode(chunk, { stream: true });
      const records = rest.split('\n\n');
      rest = records.pop() ?? '';
      for (const record of records) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(record)?.[1];
        const name = field('event');
        if (name === undefined) continue;
        const data = field('data') ?? '';
        this.events.push({ id: field('id'), name, data, body: data.startsWith('{') ? JSON.parse(data) : {} });
      }
      for (const wake of this.#seen.splice(0)) wake();
    }
  }

  async until(wanted: (event: Event) => boolean): Promise<Event> {
    for (;;) {
      const found = this.events.find(wanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#seen.push(resolve));
    }
  }

  close(): void {
    this.#abort.abort();
  }
}

const ended = ({ name, body }: Event) => name === 'st2.execution__update' && body.status === 'succeeded';

describe('the event stream', () => {
  it.each(['/stream/v1/stream', '/stream/stream', '/v1/stream', '/api/v1/stream', '/stream'])(
    'is at %s, opens with a newline and tells of executions and live actions',
    async (path) => {
      const reader = await Reader.open(path);
      expect(reader.response.headers.get('content-type')).toBe('text/event-stream; charset=UTF-8');
      expect(reader.response.headers.get('x-accel-buffering')).toBe('no');
      const { id } = await house.run('core.echo', { message: 'hello' });
      const end = await reader.until((event) => ended(event) && event.body.id === id);
      expect(end.body).toMatchObject({ id, action: { ref: 'core.echo' }, result: { stdout: 'hello' } });
      expect(reader.raw.startsWith('\n')).toBe(true);
      const names = reader.events.map(({ name }) => name);
      expect(names[0]).toBe('st2.execution__create');
      expect(names).toContain('st2.liveaction__create');
      const live = await reader.until(
        ({ name, body }) => name === 'st2.liveaction__update' && body.status === 'succeeded',
      );
      expect(live.body).toMatchObject({ action: 'core.echo', parameters: { message: 'hello' } });
      expect(live.body.id).not.toBe(id);
      reader.close();
    },
  );

  it('takes the token in the address, and refuses whoever has none', async () => {
    const { url, token } = house.server();
    expect((await fetch(`${url}/v1/stream`)).status).toBe(401);
    const abort = new AbortController();
    const response = await fetch(`${url}/v1/stream?x-auth-token=${token}`, { signal: abort.signal });
    expect(response.status).toBe(200);
    abort.abort();
  });

  it('tells only what is asked for, by name with wildcards, action and execution', async () => {
    const updates = await Reader.open('/v1/stream?events=st2.exec*__upd*');
    const noops = await Reader.open('/v1/stream?action_refs=core.noop,core.http');
    await house.run('core.echo', { message: 'x' });
    const { id } = await house.run('core.noop');
    const mine = await Reader.open(`/v1/stream?execution_ids=${id}`);
    await house.run('core.noop');
    await updates.until((event) => ended(event) && event.body.id === id);
    await noops.until(ended);
    expect(new Set(updates.events.map(({ name }) => name))).toEqual(new Set(['st2.execution__update']));
    expect(new Set(noops.events.map(({ body }) => (body.action as JsonObject).ref ?? body.action))).toEqual(
      new Set(['core.noop']),
    );
    expect(mine.events).toEqual([]);
    for (const reader of [updates, noops, mine]) reader.close();
  });

  it('tells output lines when they are asked for, masked as everything is', async () => {
    const reader = await Reader.open(
      '/v1/stream?events=st2.execution.output__create,st2.execution__*,st2.liveaction__*',
    );
    const { id } = await house.run('shop.login', { password: 'opensesame-44' });
    await reader.until((event) => ended(event) && event.body.id === id);
    await reader.until(({ name }) => name === 'st2.liveaction__update');
    const line = await reader.until(({ name }) => name === 'st2.execution.output__create');
    expect(line.body).toMatchObject({
      execution_id: id,
      action_ref: 'shop.login',
      output_type: 'stdout',
      data: '********\n',
    });
    expect(reader.raw).not.toContain('opensesame-44');
    reader.close();
  });

  it('ends with the end event of an execution, when it has ended', async () => {
    const { body } = await house.ask('POST', '/executions', { action: 'core.local', parameters: { cmd: 'sleep 0.3' } });
    const reader = await Reader.open(`/v1/stream?end_event=st2.execution__update&end_execution_id=${body.id}`);
    await house.run('core.noop');
    await reader.ended;
    const last = reader.events.at(-1);
    expect(last).toMatchObject({ name: 'st2.execution__update', body: { id: body.id, status: 'succeeded' } });
  });

  it('ends at once, with that event, when it had ended before anybody listened', async () => {
    const { id } = await house.run('core.noop');
    const reader = await Reader.open(`/v1/stream?end_event=st2.execution__update&end_execution_id=${id}`);
    await reader.ended;
    expect(reader.events).toMatchObject([{ name: 'st2.execution__update', body: { id, status: 'succeeded' } }]);
  });

  it('tells whoever had a pack removed a moment ago that it is done', async () => {
    const { body } = await house.ask('POST', '/packs/uninstall', { packs: ['nothing'] });
    await house.ask('GET', `/executions/${body.execution_id}?wait=30`);
    const reader = await Reader.open('/v1/stream?events=st2.execution__create,st2.execution__update');
    const { body: told } = await reader.until((event) => event.body.id === body.execution_id);
    expect(told).toMatchObject({ status: 'failed', action: { ref: 'packs.uninstall' } });
    reader.close();
  });

  it('goes on after the last event that a reader has seen', async () => {
    const first = await Reader.open('/v1/stream?events=st2.execution__*');
    const one = await house.run('core.noop');
    const seen = await first.until((event) => ended(event) && event.body.id === one.id);
    first.close();
    const two = await house.run('core.noop');
    const again = await Reader.open('/v1/stream?events=st2.execution__*', { 'last-event-id': seen.id ?? '' });
    await again.until((event) => ended(event) && event.body.id === two.id);
    expect(again.events.map(({ body }) => body.id)).not.toContain(one.id);
    expect(again.events[0]).toMatchObject({ name: 'st2.execution__create', body: { id: two.id } });
    again.close();
  });

  it('says that events were lost when it cannot go on where a reader has stopped', async () => {
    const reader = await Reader.open('/v1/stream', { 'last-event-id': '0123456789abcdef01234567-12' });
    expect(await reader.until(({ name }) => name === 'petrel.stream__lost')).toMatchObject({ body: { missed: null } });
    reader.close();
  });

  it('gives a reader its place before anything happens, and tells it after a restart what was announced meanwhile, once', async () => {
    const idle = await Reader.open('/v1/stream');
    await expect.poll(() => idle.raw).toMatch(/^\nid: \S+\n\n/);
    const place = /id: (\S+)/.exec(idle.raw)?.[1] ?? '';
    idle.close();
    const say = (message: string) => house.run('chatops.post_message', { message, channel: '#ops' });
    await say('one');
    await say('two');
    await house.restart();
    const back = await Reader.open('/v1/stream?events=st2.announcement__*,petrel.*', { 'last-event-id': place });
    await back.until(({ name }) => name === 'petrel.stream__lost');
    await say('three');
    const message = ({ body }: Event) => (body.payload as JsonObject | undefined)?.message;
    await back.until((event) => message(event) === 'three');
    expect(back.events.map(message)).toEqual(['one', 'two', undefined, 'three']);
    back.close();

    // It went in the middle: the rest is still to come.
    const later = await Reader.open('/v1/stream?events=st2.announcement__*', {
      'last-event-id': back.events[0]?.id ?? '',
    });
    await later.until((event) => message(event) === 'three');
    expect(later.events.map(message).filter(Boolean)).toEqual(['two', 'three']);
    later.close();
    const other = await Reader.open('/v1/stream?events=st2.execution__*', { 'last-event-id': place });
    await house.run('core.noop');
    await other.until(ended);
    expect(other.events.map(({ name }) => name)).not.toContain('st2.announcement__chatops');
    other.close();
  });

  it('is not held up by a reader that takes nothing, and tells that one what it has missed', async () => {
    const { url, token } = house.server();
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.write(`GET /v1/stream?events=st2.execution* HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${token}\r\n\r\n`);
    const quick = await Reader.open('/v1/stream?events=st2.execution__create');
    const { executions } = house.server();
    const message = 'x'.repeat(5000);
    let last = '';
    const request = { actionRef: 'core.echo', parameters: { message }, user: 'admin', delay: 3_600_000 };
    for (let i = 0; i < 9; i++) {
      const requested = await Promise.all(Array.from({ length: 500 }, () => executions.request(request)));
      last = requested.at(-1)?.id ?? '';
      await quick.until(({ body }) => body.id === last);
    }
    expect(quick.events.filter(({ name }) => name !== 'st2.execution__create')).toEqual([]);
    quick.close();
    let missed = 0;
    const all = new Promise<void>((resolve) => {
      let tail = '';
      socket.on('data', (chunk) => {
        tail = `${tail.slice(-200)}${chunk.toString()}`;
        missed = Number(/event: petrel\.stream__lost\ndata: \{"missed":(\d+)\}/.exec(tail)?.[1] ?? missed);
        if (tail.includes(last)) resolve();
      });
    });
    socket.resume();
    await all;
    expect(missed).toBeGreaterThan(0);
    socket.destroy();
  }, 120_000);
});

describe('the output of one execution', () => {
  it('is told from the first line on, then EOF', async () => {
    const { body } = await house.ask('POST', '/executions', {
      action: 'core.local',
      parameters: { cmd: 'echo one; sleep 0.3; echo two >&2; echo three' },
    });
    const live = await Reader.open(`/stream/v1/executions/${body.id}/output`);
    await live.ended;
    expect(live.events.map(({ name }) => name)).toEqual([...Array(3).fill('st2.execution.output__create'), 'EOF']);
    expect(live.events.at(-1)?.data).toBe("''");
    const errors = await Reader.open(`/stream/executions/last/output?output_type=stderr`);
    await errors.ended;
    expect(errors.events.map(({ body: line }) => line.data)).toEqual(['two\n', undefined]);
    const rest = await Reader.open(`/stream/v1/executions/${body.id}/output`, { 'last-event-id': '0' });
    await rest.ended;
    expect(rest.events).toHaveLength(3);
  });

  it('of an execution that does not exist is not found', async () => {
    const { status, body } = await house.ask('GET', '//stream/v1/executions/0123/output');
    expect([status, body.faultstring]).toEqual([404, 'Execution with a reference or id "0123" not found']);
  });
});

it('lets the server stop while somebody reads', async () => {
  const stream = await Reader.open('/v1/stream');
  await house.ask('POST', '/executions', { action: 'core.local', parameters: { cmd: 'sleep 30' } });
  const output = await Reader.open('/stream/v1/executions/last/output');
  const before = Date.now();
  await house.restart();
  expect(Date.now() - before).toBeLessThan(20_000);
  await Promise.all([stream.ended, output.ended]);
}, 60_000);
