import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateClient } from '../../../src/kubernetes/generate/client.ts';
import { loadApiDocument } from '../../../src/kubernetes/openapi/load.ts';
import { compile } from './compile.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Reply {
  readonly status?: number;
  readonly type?: string;
  /** Sent one after the other, with a pause between them. */
  readonly pieces?: readonly (string | Uint8Array)[];
  /** The connection stays open after the last. */
  readonly open?: boolean;
}

let url = '';
let seen: Seen[] = [];
let reply: Reply = {};
let closed = 0;

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString('utf8');
  seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
  response.on('close', () => {
    closed += 1;
  });
  const { status = 200, type = 'application/json', pieces = [], open = false } = reply;
  response.writeHead(status, { 'content-type': type });
  response.flushHeaders();
  for (const piece of pieces) {
    response.write(piece);
    await sleep(20);
  }
  if (!open) response.end();
});

type Anything = Readonly<Record<string, (...given: readonly unknown[]) => unknown>>;

/** A client as JavaScript; that its types fit is what the compiler's test is for. */
async function clientOf(fixture: string): Promise<Anything> {
  const { files } = generateClient(await loadApiDocument(join(import.meta.dirname, 'fixtures', fixture)));
  const { complaints, directory } = await compile(files);
  expect(complaints).toBe('');
  return import(join(directory, 'index.js'));
}

let shop: Anything = {};
let zoo: Anything = {};
let old: Anything = {};

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP listener has one
  [shop, zoo, old] = await Promise.all([
    clientOf('shop-2.0.yaml'),
    clientOf('zoo-3.0.yaml'),
    clientOf('swagger-1.2/resourceListing.json'),
  ]);
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What the server saw of one call, and what the call answered. */
async function call(module: Anything, name: string, given: unknown, answered: Reply = {}, client: object = {}) {
  seen = [];
  reply = answered;
  const result = await module[name]?.({ baseUrl: `${url}/base/`, ...client }, given);
  const [request] = seen;
  if (request === undefined) throw new Error(`${name} sent nothing`);
  return { result, request, query: request.url.split('?')[1] ?? '' };
}

describe('the parameters of a request', () => {
  it.each<[string, object, string]>([
    ['commas', { csv: ['a', 'b,c'] }, 'csv=a,b%2Cc'],
    ['one by one', { multi: ['a', 'b&c'] }, 'multi=a&multi=b%26c'],
    ['pipes', { pipes: [1, 2] }, 'pipes=1%7C2'],
    ['spaces', { ssv: ['a', 'b'] }, 'ssv=a%20b'],
    ['tabs', { tsv: ['a', 'b'] }, 'tsv=a%09b'],
    ['nothing', { multi: [], csv: undefined, limit: null }, ''],
    ['a number', { limit: 5 }, 'limit=5'],
    ['a time', { since: new Date(0) }, 'since=1970-01-01T00%3A00%3A00.000Z'],
  ])('of swagger 2.0 are written with %s', async (_, parameters, query) => {
    expect((await call(shop, 'listThings', parameters)).query).toBe(query);
  });

  it.each<[string, object, string]>([
    ['a deep object', { filter: { age: 3, 'a b': 'c' } }, 'filter[age]=3&filter[a b]=c'],
    ['a list one by one', { tags: ['a', 'b'] }, 'tags=a&tags=b'],
    ['a list with commas', { ids: [1, 2] }, 'ids=1,2'],
    ['JSON', { where: { species: 'cat' } }, 'where={"species":"cat"}'],
  ])('of OpenAPI 3 are written as %s', async (_, parameters, query) => {
    expect(decodeURIComponent((await call(zoo, 'listAnimals', parameters)).query)).toBe(query);
  });

  it('go where they belong: headers, cookies, the path in each of its styles', async () => {
    const { request } = await call(shop, 'listThings', { 'X-Request-Id': 'r1' });
    expect([request.method, request.url, request.headers['x-request-id']]).toEqual(['GET', '/base/things', 'r1']);
    expect((await call(zoo, 'listAnimals', { session: 's 1' })).request.headers.cookie).toBe('session=s%201');
    const matrix = await call(zoo, 'matrix', { point: [1, 2], label: ['a/b', 'c'] }, { type: 'text/plain' });
    expect(matrix.request.url).toBe('/base/matrix/;point=1;point=2/.a%2Fb,c');
  });

  it('cannot lead out of their path', async () => {
    expect((await call(shop, 'delete_', { thing: 'a/../b?c#d' })).request.url).toBe('/base/things/a%2F..%2Fb%3Fc%23d');
    for (const thing of ['', '.', '..', undefined]) {
      await expect(call(shop, 'delete_', { thing })).rejects.toThrow('thing cannot be part of a path');
    }
  });

  it('may be the rest of a path, slashes and all, where swagger 1.2 says so', async () => {
    const pod = { namespace: 'default', name: 'web' };
    const proxied = await call(old, 'proxyGETNamespacedPod_8', { ...pod, path: 'a/b c' }, { pieces: ['hello'] });
    expect(proxied.request.url).toBe('/base/api/v1/proxy/namespaces/default/pods/web/a/b%20c');
    expect(proxied.result).toBe('hello');
    await expect(call(old, 'proxyGETNamespacedPod_8', { ...pod, path: 'a/../../b' })).rejects.toThrow('cannot be part');
  });
});

describe('a request', () => {
  it('has the client’s headers and query, asked for anew each time where they are a function', async () => {
    let asked = 0;
    const client = { query: { key: 'k&1' }, headers: async () => ({ authorization: `Bearer ${++asked}` }) };
    await call(shop, 'listThings', {}, {}, client);
    const { request } = await call(shop, 'listThings', { limit: 1 }, {}, client);
    expect([request.url, request.headers.authorization]).toEqual(['/base/things?limit=1&key=k%261', 'Bearer 2']);
    expect(request.headers.accept).toBe('application/json');
  });

  it('sends JSON, forms, and forms with files', async () => {
    const json = await call(shop, 'addThing', { body: { name: 'a', kind: 'small' } });
    expect([json.request.headers['content-type'], json.request.body]).toEqual([
      'application/json',
      '{"name":"a","kind":"small"}',
    ]);
    const form = await call(shop, 'login', { body: { user: 'a b', roles: ['x', 'y'], none: undefined } });
    expect(form.request.body).toBe('user=a+b&roles=x&roles=y');
    const photo = new Blob([new Uint8Array([1, 2])], { type: 'image/png' });
    const { request } = await call(shop, 'upload', { thing: 't', body: { photo, names: ['n1', 'n2'] } });
    expect(request.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    for (const part of ['name="photo"', 'image/png', 'name="names"\r\n\r\nn1', 'name="names"\r\n\r\nn2']) {
      expect(request.body).toContain(part);
    }
  });

  it('says which kind of patch it sends', async () => {
    const contentType = 'application/merge-patch+json';
    const { request } = await call(zoo, 'patchAnimal', { id: '1', contentType, body: { name: 'x' } });
    expect([request.headers['content-type'], request.body]).toEqual([contentType, '{"name":"x"}']);
  });

  it('can go through a fetch of one’s own', async () => {
    const fetched: string[] = [];
    const own = async (to: string) => {
      fetched.push(to);
      return new Response('[]');
    };
    expect(await shop.listThings?.({ baseUrl: 'http://nowhere', fetch: own }, {})).toEqual([]);
    expect(fetched).toEqual(['http://nowhere/things']);
  });
});

describe('an answer', () => {
  it('is parsed, text, a blob, or nothing, as described', async () => {
    expect((await call(shop, 'listThings', {}, { pieces: ['[{"na', 'me":"a"}]'] })).result).toEqual([{ name: 'a' }]);
    expect((await call(shop, 'addThing', { body: {} }, { status: 202 })).result).toBeUndefined();
    expect((await call(shop, 'delete_', { thing: 'a' }, { status: 204 })).result).toBeUndefined();
    const image = await call(shop, 'download', { thing: 'a' }, { type: 'image/png', pieces: [new Uint8Array([9, 8])] });
    expect([...new Uint8Array(await (image.result as Blob).arrayBuffer())]).toEqual([9, 8]); // as described
  });

  it('that is a refusal throws, with status and body', async () => {
    const refusal = { status: 409, pieces: ['{"message":"taken"}'] };
    await expect(call(shop, 'addThing', { body: {} }, refusal, { query: { key: 'secret' } })).rejects.toMatchObject({
      name: 'ApiError',
      status: 409,
      body: { message: 'taken' },
      url: `${url}/base/things`,
      message: `POST ${url}/base/things was answered with 409: taken`,
    });
    await expect(call(shop, 'listThings', {}, { status: 502, pieces: ['<html>'] })).rejects.toMatchObject({
      status: 502,
      body: '<html>',
    });
  });
});

describe('a stream', () => {
  const iterate = async (module: Anything, name: string, given: unknown, answered: Reply, take = 99) => {
    seen = [];
    reply = answered;
    const found: unknown[] = [];
    const stream = module[name]?.({ baseUrl: url }, given) as AsyncIterable<unknown>; // as described
    for await (const one of stream) {
      found.push(one);
      if (found.length === take) break;
    }
    return found;
  };

  it('of lines is JSON by the line, however the bytes are cut', async () => {
    const bytes = new TextEncoder().encode('{"a":"é"}\n\n{"a":2}\n{"a":3}');
    const pieces = [bytes.slice(0, 7), bytes.slice(7, 15), bytes.slice(15)];
    const found = await iterate(zoo, 'events', undefined, { type: 'application/x-ndjson', pieces });
    expect(found).toEqual([{ a: 'é' }, { a: 2 }, { a: 3 }]);
  });

  it('of a JSON sequence is without its separators', async () => {
    const found = await iterate(zoo, 'events', undefined, { pieces: ['\u001e{"a":1}\n\u001e', '{"a":2}\n'] });
    expect(found).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('that ends in the middle of a line throws', async () => {
    await expect(iterate(zoo, 'events', undefined, { pieces: ['{"a":1}\n{"a"'] })).rejects.toThrow(SyntaxError);
  });

  it('is a watch of the swagger of 2016, by parameter and by path', async () => {
    const pieces = ['{"type":"ADDED","object":{}}\n'];
    expect(await iterate(old, 'listNamespacedPodWatch', { namespace: 'x' }, { pieces })).toHaveLength(1);
    expect(seen[0]?.url).toBe('/api/v1/namespaces/x/pods?watch=true');
    expect(await iterate(old, 'watchNamespacedPodList', { namespace: 'x' }, { pieces })).toHaveLength(1);
    expect(seen[0]?.url).toBe('/api/v1/watch/namespaces/x/pods?watch=true');
  });

  it('of a log is text as it comes', async () => {
    const pod = { namespace: 'x', name: 'p' };
    const pieces = ['one\n', 'two'];
    expect((await iterate(old, 'readNamespacedPodLogStream', pod, { type: 'text/plain', pieces })).join('|')).toBe(
      'one\n|two',
    );
    expect(seen[0]?.url).toBe('/api/v1/namespaces/x/pods/p/log?follow=true');
  });

  it('ends its request when the loop is left', async () => {
    const before = closed;
    await iterate(zoo, 'events', undefined, { pieces: ['{"a":1}\n'], open: true }, 1);
    for (let wait = 0; closed === before && wait < 100; wait += 1) await sleep(20);
    expect(closed).toBe(before + 1);
  });

  it('that is refused throws at the first step', async () => {
    await expect(iterate(zoo, 'events', undefined, { status: 410, pieces: ['{}'] })).rejects.toMatchObject({
      status: 410,
    });
  });
});
