import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { at, type Cursor } from '../../../src/kubernetes/openapi/cursor.ts';
import { loadApiDocument, loadClusterDocument } from '../../../src/kubernetes/openapi/load.ts';
import { type ErrorCode, type Json, PetrelError } from '../../../src/model/index.ts';
import { temporaryDirectory } from '../generate/compile.ts';

const FIXTURES = join(import.meta.dirname, '../generate/fixtures');
const OLD = join(FIXTURES, 'swagger-1.2');
const pathsOf = (root: Cursor) => Object.keys(at(root, 'paths').value ?? {}).sort();

const closes: (() => void)[] = [];
afterEach(() => {
  for (const close of closes.splice(0)) close();
});

/** Serves texts by path; what is not there is a 404. */
async function serve(answers: Readonly<Record<string, string>>): Promise<string> {
  const server = createServer((request, response) => {
    const text = answers[request.url ?? ''];
    response.writeHead(text === undefined ? 404 : 200).end(text ?? 'no');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closes.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP listener has one
}

describe('an API description is read', () => {
  const POD_PATH = '/api/v1/namespaces/{namespace}/pods';
  const JOB_PATH = '/apis/batch/v1/namespaces/{namespace}/jobs';

  it('from the listing of swagger 1.2, with the declarations beside it', async () => {
    const { root } = await loadApiDocument(join(OLD, 'resourceListing.json'));
    expect(pathsOf(root)).toEqual(expect.arrayContaining([POD_PATH, JOB_PATH, '/version']));
  });

  it('from a directory of swagger 1.2', async () => {
    const { root } = await loadApiDocument(OLD);
    expect(pathsOf(root)).toEqual(pathsOf((await loadApiDocument(join(OLD, 'resourceListing.json'))).root));
  });

  it('from one declaration alone', async () => {
    const { root } = await loadApiDocument(join(OLD, 'batch_v1.json'));
    expect(pathsOf(root)).toEqual(['/apis/batch/v1', JOB_PATH]);
  });

  it('from the URL of a listing, with the declarations below it', async () => {
    const text = (name: string) => readFile(join(OLD, name), 'utf8');
    const listing = JSON.stringify({ swaggerVersion: '1.2', apis: [{ path: '/api/v1' }, { path: '/apis/batch/v1' }] });
    const url = await serve({
      '/swaggerapi': listing,
      '/swaggerapi/api/v1': await text('v1.json'),
      '/swaggerapi/apis/batch/v1': await text('batch_v1.json'),
    });
    const { root } = await loadApiDocument(`${url}/swaggerapi`);
    expect(pathsOf(root)).toEqual(expect.arrayContaining([POD_PATH, JOB_PATH]));
  });

  it('from YAML as from JSON, from a URL as from a file', async () => {
    const url = await serve({ '/shop.yaml': await readFile(join(FIXTURES, 'shop-2.0.yaml'), 'utf8') });
    const { root } = await loadApiDocument(`${url}/shop.yaml`);
    expect(root.value).toEqual((await loadApiDocument(join(FIXTURES, 'shop-2.0.yaml'))).root.value);
    expect(at(root, 'servers').value).toEqual([
      { url: 'https://shop.example.com/v2' },
      { url: 'http://shop.example.com/v2' },
    ]);
  });
});

describe('what is no API description', () => {
  const refusal = async (from: string): Promise<[ErrorCode, string]> => {
    const error = await loadApiDocument(from).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof PetrelError)) throw new Error(`no refusal: ${error}`);
    return [error.code, error.message];
  };

  it.each<[string, string]>([
    ['{"openapi": ', 'is not JSON'],
    ['a: [b', 'is not YAML'],
    [
      'a: &a [x, x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]',
      'is not YAML',
    ],
    ['{"openapi": "4.0.0"}', 'is no API description: it has neither'],
    ['[]', '"#" must be an object: an API description'],
    ['kind: Pod', 'is no API description'],
  ])('%j is refused: %s', async (text, message) => {
    const file = join(await temporaryDirectory(), 'api.json');
    await writeFile(file, text);
    const [code, said] = await refusal(file);
    expect(code).toBe('invalid');
    expect(said).toContain(`${file}`);
    expect(said).toContain(message);
  });

  it('is refused when it is not there', async () => {
    expect(await refusal('/nowhere/api.json')).toEqual([
      'invalid',
      expect.stringContaining('/nowhere/api.json cannot be read'),
    ]);
    const url = await serve({});
    expect(await refusal(`${url}/api.json`)).toEqual(['invalid', expect.stringContaining('answered with 404')]);
    expect((await refusal('http://127.0.0.1:1/api.json'))[0]).toBe('unavailable');
  });

  it('is a listing without its declarations, and a directory of other things', async () => {
    const directory = await temporaryDirectory();
    await cp(join(OLD, 'resourceListing.json'), join(directory, 'resourceListing.json'));
    const [, alone] = await refusal(join(directory, 'resourceListing.json'));
    expect(alone).toContain('no declaration it names is beside it: /version, /api/v1, /api, /apis/batch/v1');
    await mkdir(join(directory, 'new'));
    await cp(join(FIXTURES, 'jobs-3.1.json'), join(directory, 'new', 'jobs.json'));
    const [, other] = await refusal(join(directory, 'new'));
    expect(other).toContain('jobs.json is OpenAPI 3. Only swagger 1.2 is spread over a directory');
  });
});

describe('a cluster’s description', () => {
  const source = (answers: Readonly<Record<string, Json>>) => ({
    server: 'https://cluster',
    async request({ path }: { readonly path: string }) {
      const answer = answers[path];
      if (answer === undefined) throw new PetrelError('not_found', `${path} is not there`);
      return answer;
    },
  });
  const part = (path: string, schemas: Json): Json => ({
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.32' },
    paths: { [path]: {} },
    components: { schemas },
  });

  it('is one of many documents, of which each may bring the schemas of all', async () => {
    const { root, warnings } = await loadClusterDocument(
      source({
        '/openapi/v3': {
          paths: {
            '.well-known': { serverRelativeURL: '/no' },
            'api/v1': { serverRelativeURL: '/1' },
            'apis/a/v1': { serverRelativeURL: '/2' },
          },
        },
        '/1': part('/api/v1/pods', { Meta: { type: 'object' }, Pod: {} }),
        '/2': part('/apis/a/v1/as', { Meta: { type: 'object' }, Pod: { type: 'string' } }),
      }),
    );
    expect(pathsOf(root)).toEqual(['/api/v1/pods', '/apis/a/v1/as']);
    expect(at(root, 'components', 'schemas').value).toEqual({ Meta: { type: 'object' }, Pod: {} });
    expect(warnings).toEqual([
      'https://cluster/2 describes the schema "Pod" otherwise than a document before it, which counts.',
    ]);
  });

  it('is swagger 2.0 where there is no OpenAPI 3 yet', async () => {
    const old = { swagger: '2.0', info: { title: 'Kubernetes', version: 'v1.20' }, paths: { '/api/v1/pods': {} } };
    const { root } = await loadClusterDocument(source({ '/openapi/v2': old }));
    expect([at(root, 'openapi').value, pathsOf(root)]).toEqual(['3.0.3', ['/api/v1/pods']]);
  });
});
