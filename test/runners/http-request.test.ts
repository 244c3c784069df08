import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { httpRequest } from '../../src/runners/http-request.ts';
import { harness } from './harness.ts';

const runner = httpRequest({ version: '9.9.9' });

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

let origin: string;
let hits = 0;

const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/json': (_, response) =>
    response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' }).end('{"a": [1, null]}'),
  '/broken-json': (_, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"a": '),
  '/json-as-text': (_, response) => response.writeHead(200, { 'Content-Type': 'text/plain' }).end('{"a": 1}'),
  '/latin': (_, response) =>
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=iso-8859-1' }).end(Buffer.from('caf\xe9', 'latin1')),
  '/headers': (_, response) => response.writeHead(200, { 'X-Mixed-Case': 'Yes', 'Set-Cookie': ['a=1', 'b=2'] }).end(),
  '/gzip': (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('squeezed')),
  '/deflate': (_, response) => response.writeHead(200, { 'Content-Encoding': 'deflate' }).end(deflateSync('squeezed')),
  '/bomb': (_, response) =>
    response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(Buffer.alloc(30 * 1024 * 1024))),
  '/redirect': (_, response) => response.writeHead(302, { Location: '/echo' }).end(),
  '/redirect-keeping': (_, response) => response.writeHead(307, { Location: '/echo' }).end(),
  '/redirect-elsewhere': (_, response) =>
    response.writeHead(302, { Location: origin.replace('127.0.0.1', 'localhost') }).end(),
  '/circle': (_, response) => response.writeHead(302, { Location: '/circle' }).end(),
  '/silent': () => undefined,
  '/trickle': (request, response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write('.'), 10);
    request.on('close', () => clearInterval(drip));
  },
};

const server = createServer((request, response) => {
  hits += 1;
  const path = request.url?.split('?')[0] ?? '';
  const status = /^\/status\/(\d+)$/.exec(path)?.[1];
  const route = routes[path];
  if (status !== undefined) response.writeHead(Number(status)).end('said');
  else if (route !== undefined) route(request, response);
  else echo(request, response);
});

function echo(request: IncomingMessage, response: ServerResponse): void {
  const pieces: Buffer[] = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const { method, url, headers } = request;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(pieces).toString() }));
  });
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function call(path: string, runnerParameters: JsonObject = {}, actionParameters: JsonObject = {}) {
  return runner.run(
    harness({ runnerParameters: { url: `${origin}${path}`, ...runnerParameters }, actionParameters }).run,
  );
}

async function seen(path: string, runnerParameters: JsonObject = {}, actionParameters: JsonObject = {}): Promise<Seen> {
  const { result } = await call(path, runnerParameters, actionParameters);
  return (result as unknown as { body: Seen }).body;
}

describe('the request', () => {
  it('is a GET with the headers that tell where it comes from', async () => {
    const { method, headers } = await seen('/echo');
    expect(method).toBe('GET');
    expect(headers).toMatchObject({ 'user-agent': 'st2/v9.9.9', 'x-stanley-action': 'subject' });
  });

  it('goes on with the trace of its execution, unless the action has one', async () => {
    const environment = { TRACEPARENT: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
    const sent = async (headers: JsonObject) => {
      const { run } = harness({ runnerParameters: { url: `${origin}/echo`, headers }, environment });
      const { result } = await runner.run(run);
      return (result as unknown as { body: Seen }).body.headers.traceparent; // what the server echoes
    };
    expect(await sent({})).toBe(environment.TRACEPARENT);
    expect(await sent({ Traceparent: 'mine' })).toBe('mine');
    expect((await seen('/echo')).headers).not.toHaveProperty('traceparent');
  });

  it('is a POST when there is a body, its length counted in bytes', async () => {
    const { method, body, headers } = await seen('/echo', {}, { body: 'zażółć' });
    expect({ method, body, length: headers['content-length'] }).toEqual({
      method: 'POST',
      body: 'zażółć',
      length: '10',
    });
  });

  it('has the method, headers, cookies and query asked for', async () => {
    const { method, url, headers } = await seen(
      '/echo?x=1',
      { headers: { 'X-Own': 5, 'User-Agent': 'me' }, cookies: { a: 'b', c: 'd' } },
      { method: 'delete', params: { q: 'a b', list: [1, true], none: null } },
    );
    expect(method).toBe('DELETE');
    expect(url).toBe('/echo?x=1&q=a+b&list=1&list=True');
    expect(headers).toMatchObject({ 'x-own': '5', 'user-agent': 'st2/v9.9.9', cookie: 'a=b; c=d' });
  });

  it.each([
    { text: '{"b": 1,  "a": [true]}', sent: '{"b":1,"a":[true]}' },
    { text: `{'a': None}`, sent: '{"a":null}' },
  ])('writes the body $text as compact JSON when that is its content type', async ({ text, sent }) => {
    const { body } = await seen('/echo', { headers: { 'content-type': 'application/json' } }, { body: text });
    expect(body).toBe(sent);
  });

  it('sends an object as a form when no content type is given', async () => {
    const { body, headers } = await seen('/echo', {}, { body: { a: 'x y', b: 1 } });
    expect(body).toBe('a=x+y&b=1');
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
  });

  it('carries basic authentication, from the runner or from auth', async () => {
    const expected = `Basic ${Buffer.from('me:pass').toString('base64')}`;
    expect((await seen('/echo', { username: 'me', password: 'pass' })).headers.authorization).toBe(expected);
    expect((await seen('/echo', {}, { auth: ['me', 'pass'] })).headers.authorization).toBe(expected);
  });

  it('uploads a file as a form field of its name', async () => {
    const file = { file_name: 'notes.txt', file_content: 'hello', file_content_type: 'text/plain' };
    const { method, body, headers } = await seen('/echo', {}, file);
    expect(method).toBe('POST');
    expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(body).toContain('name="notes.txt"; filename="notes.txt"');
    expect(body).toContain('hello');
  });

  it('goes through the proxy of its protocol', async () => {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('by proxy');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const { result } = await call('/echo', { url: 'http://far.example/path', http_proxy: address });
      expect(result).toMatchObject({ body: 'by proxy' });
      expect(asked).toEqual(['http://far.example/path']);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });
});

describe('the result', () => {
  it.each([
    { code: 200, status: 'succeeded' },
    { code: 206, status: 'succeeded' },
    { code: 207, status: 'failed' },
    { code: 404, status: 'failed' },
    { code: 503, status: 'failed' },
  ])('of code $code is $status, with the body', async ({ code, status }) => {
    const ended = await call(`/status/${code}`);
    expect(ended.status).toBe(status);
    expect(ended.result).toMatchObject({ status_code: code, body: 'said', parsed: false });
  });

  it.each([
    { path: '/json', body: { a: [1, null] }, parsed: true },
    { path: '/broken-json', body: '{"a": ', parsed: false },
    { path: '/json-as-text', body: '{"a": 1}', parsed: false },
    { path: '/latin', body: 'café', parsed: false },
    { path: '/gzip', body: 'squeezed', parsed: false },
    { path: '/deflate', body: 'squeezed', parsed: false },
  ])('of $path has body $body, parsed: $parsed', async ({ path, body, parsed }) => {
    expect((await call(path)).result).toMatchObject({ body, parsed });
  });

  it('has the headers as the server spells them', async () => {
    expect((await call('/headers')).result).toMatchObject({
      headers: { 'X-Mixed-Case': 'Yes', 'Set-Cookie': 'a=1, b=2' },
    });
  });
});

describe('redirects', () => {
  it('are a failure unless allowed', async () => {
    expect(await call('/redirect')).toMatchObject({ status: 'failed', result: { status_code: 302 } });
  });

  it('turn a POST into a GET without body, except where the server asks to keep it', async () => {
    const allowed = { allow_redirects: true };
    expect(await seen('/redirect', allowed, { body: 'x' })).toMatchObject({ method: 'GET', url: '/echo', body: '' });
    expect(await seen('/redirect-keeping', allowed, { body: 'x' })).toMatchObject({ method: 'POST', body: 'x' });
  });

  it('to another host lose the credentials', async () => {
    const { headers } = await seen('/redirect-elsewhere', { allow_redirects: true, username: 'me', password: 'p' });
    expect(headers.host).toContain('localhost');
    expect(headers.authorization).toBeUndefined();
  });

  it('do not lead around the lists of hosts', async () => {
    const lists = { allow_redirects: true, url_hosts_blacklist: ['localhost'] };
    expect(await call('/redirect-elsewhere', lists)).toMatchObject({
      status: 'failed',
      result: { error: expect.stringContaining('is blacklisted') },
    });
  });

  it('in a circle fail', async () => {
    expect((await call('/circle', { allow_redirects: true })).result).toMatchObject({
      error: expect.stringContaining('more than 30 times'),
    });
  });
});

describe('a request that fails', () => {
  it.each<{ why: string; runner: JsonObject; action?: JsonObject; error: RegExp }>([
    { why: 'the url is none', runner: { url: 'nonsense' }, error: /^Parameter "url" is no http or https address/ },
    { why: 'the scheme is another', runner: { url: 'file:///etc/passwd' }, error: /no http or https address/ },
    { why: 'the host is blacklisted', runner: { url_hosts_blacklist: ['127.0.0.1'] }, error: /is blacklisted$/ },
    { why: 'the host is not whitelisted', runner: { url_hosts_whitelist: ['other'] }, error: /is not whitelisted$/ },
    {
      why: 'both lists are given',
      runner: { url_hosts_whitelist: ['a'], url_hosts_blacklist: ['b'] },
      error: /mutually exclusive/,
    },
    {
      why: 'its JSON is none',
      runner: { headers: { 'Content-Type': 'application/json' } },
      action: { body: '{oops' },
      error: /.+/,
    },
    { why: 'a header is forbidden', runner: { headers: { 'X-A': 'a\r\nX-B: b' } }, error: /.+/ },
  ])('because $why never leaves', async ({ runner: runnerParameters, action, error }) => {
    const before = hits;
    const ended = await call('/echo', runnerParameters, action);
    expect(ended).toMatchObject({ status: 'failed', result: { error: expect.stringMatching(error) } });
    expect(hits).toBe(before);
  });

  it('tells why it could not connect', async () => {
    const ended = await call('', { url: 'http://127.0.0.1:1/' });
    expect(ended).toMatchObject({ status: 'failed', result: { error: expect.stringContaining('ECONNREFUSED') } });
  });

  it('does not take in more than 10 MB, decompressed size counting', async () => {
    expect((await call('/bomb')).result).toMatchObject({
      error: expect.stringContaining('larger than 10485760 bytes'),
    });
  });

  it.each(['/silent', '/trickle'])('times out when %s does not come to an end', async (path) => {
    const ended = await call(path, {}, { timeout: 0.1 });
    expect(ended.status).toBe('timeout');
    expect(ended.result).toMatchObject({ error: expect.stringMatching(/did not complete in 0\.1 seconds/) });
  });

  it('is canceled by the signal', async () => {
    const subject = harness({ runnerParameters: { url: `${origin}/silent` } });
    const ended = runner.run(subject.run);
    setTimeout(() => subject.controller.abort(), 20);
    expect((await ended).status).toBe('canceled');
  });
});
