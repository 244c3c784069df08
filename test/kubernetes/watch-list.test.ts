import { describe, expect, it } from 'vitest';
import { type Answer, type ScriptedServer, status, watchAnswer } from './scripted-server.ts';
import { bookmark, COLLECTION, change, has, list, run, serve } from './watching.ts';

const endMark = (version: string) => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: version, annotations: { 'k8s.io/initial-events-end': 'true' } } },
});
const streamsOf = (server: ScriptedServer) =>
  server.askedFor(COLLECTION).filter(({ query }) => query.has('sendInitialEvents'));

describe('A streamed list', () => {
  it('is handed over like pages, until its end is marked; a watch goes on from there', async () => {
    const stream = watchAnswer(
      ['a', 'b', 'c'].map((name) => change('ADDED', name, '3')).concat(endMark('5') as never),
      {
        stayOpen: true,
      },
    );
    const server = await serve([], [watchAnswer([change('MODIFIED', 'a', '6')], { stayOpen: true })], [stream]);
    const { log } = await run(server, has('MODIFIED a @6'), { timing: { pageSize: 2 } });
    expect(log).toEqual(['list', 'page a b', 'page c', 'listed 5', 'MODIFIED a @6']);
    expect(Object.fromEntries(streamsOf(server)[0]?.query ?? [])).toMatchObject({
      watch: 'true',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
    });
    expect(streamsOf(server)[0]?.query.has('resourceVersion')).toBe(false);
  });

  it('is not tried where the server is older than 1.32', async () => {
    const server = await serve([list('5')], []);
    await run(server, has('listed 5'));
    expect(streamsOf(server)).toEqual([]);
  });

  it.each([400, 422])('is not tried again after it was refused with %d', async (code) => {
    const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } };
    const server = await serve(
      [list('5'), list('9')],
      [watchAnswer([change('ADDED', 'x', '6'), gone])],
      [status(code, 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled')],
    );
    await run(server, has('listed 9'));
    expect(streamsOf(server)).toHaveLength(1);
  });

  it('that breaks off did not complete and is begun again', async () => {
    const broken: Answer = (response) => {
      response.writeHead(200);
      response.write(`${JSON.stringify(change('ADDED', 'a', '3'))}\n`, () => response.destroy());
    };
    const whole = watchAnswer([change('ADDED', 'b', '4'), endMark('5')], { stayOpen: true });
    const server = await serve([], [], [broken, whole]);
    const { log } = await run(server, has('listed 5'), { timing: { pageSize: 1 } });
    expect(log.slice(-3)).toEqual(['list', 'page b', 'listed 5']);
    expect(log.filter((line) => line.startsWith('listed'))).toEqual(['listed 5']);
  });

  it.each([
    ['the server ends without a mark', watchAnswer([change('ADDED', 'a', '3')])],
    [
      'the server only goes on with, having ignored the parameter',
      watchAnswer([change('ADDED', 'a', '3'), bookmark('4')], { stayOpen: true }),
    ],
  ])('that %s is made page by page instead', async (_what, stream) => {
    const server = await serve([list('5', ['a'])], [], [stream]);
    const { log } = await run(server, has('listed 5'), { timing: { listSilence: 20 } });
    expect(log).toEqual(['list', 'list', 'page a', 'listed 5']);
  });

  it('is made page by page when three in a row broke off', async () => {
    const broken: Answer = (response) => {
      response.writeHead(200);
      response.write(`${JSON.stringify(change('ADDED', 'a', '3'))}\n`, () => response.destroy());
    };
    const server = await serve([list('5', ['a'])], [], Array<Answer>(9).fill(broken));
    await run(server, has('listed 5'));
    expect(streamsOf(server)).toHaveLength(3);
  });

  it('tells changes that happen meanwhile, too', async () => {
    const lines = [change('ADDED', 'a', '3'), change('ADDED', 'b', '3'), change('DELETED', 'a', '4'), endMark('5')];
    const server = await serve([], [], [watchAnswer(lines, { stayOpen: true })]);
    const { types } = await seenTypes(server);
    expect(types).toEqual(['ADDED a', 'ADDED b', 'DELETED a']);
  });
});

async function seenTypes(server: ScriptedServer) {
  const types: string[] = [];
  await run(server, () => types.length === 3, {
    handlers: {
      onListPage: (changes) => void types.push(...changes.map(({ type, object }) => `${type} ${object.metadata.name}`)),
    },
  });
  return { types };
}

describe('A watch of metadata only', () => {
  it('asks for it in lists and watches, and keeps the name of the kind', async () => {
    const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
    const item = { ...partial, metadata: { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '5' } };
    const kinds: string[] = [];
    const server = await serve(
      [{ metadata: { resourceVersion: '5' }, items: [item] }],
      [watchAnswer([{ type: 'MODIFIED', object: { ...item, metadata: { ...item.metadata, resourceVersion: '6' } } }])],
    );
    await run(server, () => kinds.length === 2, {
      target: { metadataOnly: true },
      handlers: {
        onListPage: (changes) => void kinds.push(...changes.map(({ object }) => `${object.apiVersion} ${object.kind}`)),
        onEvents: (changes) => void kinds.push(...changes.map(({ object }) => `${object.apiVersion} ${object.kind}`)),
      },
    });
    expect(kinds).toEqual(['example.org/v1 Widget', 'example.org/v1 Widget']);
    const accepts = server.askedFor(COLLECTION).map(({ headers }) => headers.accept);
    expect(accepts.slice(0, 2)).toEqual([
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json',
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, application/json',
    ]);
  });
});

describe('The end of a connection', () => {
  it('is reported with its reason', async () => {
    const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } };
    const broken: Answer = (response) => {
      response.destroy();
    };
    const watches = [
      watchAnswer([change('ADDED', 'a', '6')]),
      watchAnswer([]),
      status(429, 'slow down'),
      broken,
      watchAnswer([bookmark('7')], { stayOpen: true }),
      status(404, 'the server could not find the requested resource'),
      watchAnswer([gone]),
    ];
    const server = await serve([list('5')], watches);
    const { restarts } = await run(server, ({ restarts: all }) => all.length === 7, { timing: { silence: 20 } });
    expect(restarts).toEqual(['closed', 'empty', 'refused', 'broken', 'silent', 'missing', 'expired']);
  });
});
