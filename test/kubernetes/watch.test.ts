import { describe, expect, it } from 'vitest';
import {
  type Answer,
  respond,
  startScriptedServer,
  status,
  WIDGET_DISCOVERY,
  watchAnswer,
  widget,
} from './scripted-server.ts';
import { bookmark, COLLECTION, change, describeChange, has, list, run, serve, watchesOf } from './watching.ts';

describe('A watch', () => {
  it('lists page by page and then follows the changes', async () => {
    const server = await serve(
      [list('5', ['a', 'b'], 'more'), list('5', ['c'])],
      [watchAnswer([change('MODIFIED', 'a', '6')], { stayOpen: true })],
    );
    const { log } = await run(server, has('MODIFIED a @6'));
    expect(log).toEqual(['list', 'page a b', 'page c', 'listed 5', 'MODIFIED a @6']);
    expect(Object.fromEntries(watchesOf(server)[0]?.query ?? [])).toMatchObject({
      resourceVersion: '5',
      allowWatchBookmarks: 'true',
    });
  });

  it('starts from a stored cursor without a list', async () => {
    const server = await serve([], [watchAnswer([change('ADDED', 'a', '8')], { stayOpen: true })]);
    expect((await run(server, has('ADDED a @8'), { cursor: '7' })).log).toEqual(['ADDED a @8']);
  });

  it('goes on from the last change when the server ends the connection', async () => {
    const watches = [
      watchAnswer([change('ADDED', 'a', '6')]),
      watchAnswer([change('ADDED', 'b', '7')], { stayOpen: true }),
    ];
    const server = await serve([list('5')], watches);
    await run(server, has('ADDED b @7'));
    expect(watchesOf(server).map(({ query }) => query.get('resourceVersion'))).toEqual(['5', '6']);
  });

  it('moves its cursor by bookmarks, but never back', async () => {
    const server = await serve([list('5')], [watchAnswer([bookmark('40'), bookmark('30')])]);
    await run(server, () => watchesOf(server).length === 2);
    expect(watchesOf(server)[1]?.query.get('resourceVersion')).toBe('40');
  });

  it('lists again when the stream says 410', async () => {
    const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } };
    const server = await serve(
      [list('5', ['a']), list('9', ['b'])],
      [watchAnswer([change('ADDED', 'x', '6'), gone], { stayOpen: true })],
    );
    const { log } = await run(server, has('listed 9'));
    expect(log).toEqual(['list', 'page a', 'listed 5', 'ADDED x @6', 'list', 'page b', 'listed 9']);
  });

  it('lists again when the server refuses the cursor with 410', async () => {
    const server = await serve([list('9', ['a'])], [status(410, 'too old resource version')]);
    expect((await run(server, has('listed 9'), { cursor: '3' })).log).toEqual(['list', 'page a', 'listed 9']);
  });

  it('lists again when its cursor lies in the future of a restored cluster', async () => {
    const tooLarge = status(504, 'Too large resource version', {
      reason: 'Timeout',
      details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
    });
    const server = await serve([list('9')], [tooLarge]);
    await run(server, has('listed 9'), { cursor: '300' });
  });

  it('begins the list anew when its pages expire', async () => {
    const server = await serve(
      [list('5', ['a'], 'more'), status(410, 'continue token expired'), list('6', ['a', 'b'])],
      [],
    );
    const { log } = await run(server, has('listed 6'));
    expect(log).toEqual(['list', 'page a', 'list', 'page a b', 'listed 6']);
  });

  it('waits and goes on after 429, 500 and a connection that breaks', async () => {
    const broken: Answer = (response) => {
      response.destroy();
    };
    const watches = [
      status(429, 'slow down'),
      status(500, 'etcd is away'),
      broken,
      watchAnswer([change('ADDED', 'a', '6')], { stayOpen: true }),
    ];
    const server = await serve([list('5')], watches);
    const { states } = await run(server, has('ADDED a @6'));
    expect(states.filter(({ phase }) => phase === 'waiting')).toHaveLength(3);
  });

  it('waits at least as long as the server asks', async () => {
    const server = await serve([list('5')], [status(429, 'slow down', {}, { 'retry-after': '1' })]);
    const { states } = await run(server, ({ states: all }) => all.some(({ phase }) => phase === 'waiting'), {
      timing: { failure: { first: 1, max: 30_000 } },
    });
    expect(states.find(({ phase }) => phase === 'waiting')).toMatchObject({ milliseconds: 1000 });
  });

  it('waits longer and longer while the server ends every watch at once', async () => {
    const server = await serve(
      [list('5')],
      Array.from({ length: 4 }, () => watchAnswer([])),
    );
    const { states } = await run(
      server,
      ({ states: all }) => all.filter(({ phase }) => phase === 'waiting').length >= 4,
      {
        timing: { failure: { first: 1, max: 30_000 } },
      },
    );
    const waits = states.flatMap((state) => (state.phase === 'waiting' ? [state.milliseconds] : []));
    expect(waits.slice(0, 4)).toEqual([0.5, 1, 2, 4]);
  });

  it('keeps what came before a malformed line, and asks again for the rest', async () => {
    const cut = `${JSON.stringify(change('ADDED', 'a', '6'))}\n{"type":"ADD\n`;
    const server = await serve(
      [list('5')],
      [watchAnswer([cut]), watchAnswer([change('ADDED', 'b', '7')], { stayOpen: true })],
    );
    const { log } = await run(server, has('ADDED b @7'));
    expect(log).toEqual(['list', 'page ', 'listed 5', 'ADDED a @6', 'ADDED b @7']);
    expect(watchesOf(server)[1]?.query.get('resourceVersion')).toBe('6');
  });

  it.each([
    ['no object', { type: 'ADDED' }],
    ['no version', { type: 'ADDED', object: { metadata: { name: 'a' } } }],
    ['an unknown type', { type: 'RENAMED', object: widget('a', '6') }],
    ['a bare text', '"hello"\n'],
    ['null', 'null\n'],
  ])('takes a line with %s for a broken connection', async (_what, line) => {
    const server = await serve(
      [list('5')],
      [watchAnswer([line]), watchAnswer([change('ADDED', 'b', '7')], { stayOpen: true })],
    );
    expect((await run(server, has('ADDED b @7'))).log).toEqual(['list', 'page ', 'listed 5', 'ADDED b @7']);
  });

  it('puts lines together that arrive in pieces, in the middle of a letter', async () => {
    const bytes = Buffer.from(`${JSON.stringify(change('ADDED', 'größe', '6'))}\n`);
    const middle = bytes.indexOf(0xc3) + 1;
    const pieces: Answer = (response) => {
      response.writeHead(200);
      response.write(bytes.subarray(0, middle));
      setTimeout(() => response.write(bytes.subarray(middle)), 5);
    };
    const server = await serve([list('5')], [pieces]);
    await run(server, has('ADDED größe @6'));
  });

  it('notices a connection that went silent after a bookmark', async () => {
    const server = await serve([list('5')], [watchAnswer([bookmark('6')], { stayOpen: true })]);
    await run(server, () => watchesOf(server).length === 2, { timing: { silence: 20 } });
    expect(watchesOf(server)[1]?.query.get('resourceVersion')).toBe('6');
  });

  it('notices a connection that the server should have ended long ago', async () => {
    const server = await serve([list('5')], [watchAnswer([], { stayOpen: true })]);
    await run(server, () => watchesOf(server).length === 2, { timing: { serverTimeout: [0, 0], overdue: 20 } });
  });

  it.each([
    [true, 'info'],
    [false, 'warn'],
  ])('keeps asking for a kind that does not exist yet, optional: %j, told as %s', async (optional, level) => {
    const server = await startScriptedServer({
      '/apis/example.org/v1': [
        status(404, 'no such group'),
        { resources: [] },
        WIDGET_DISCOVERY['/apis/example.org/v1'],
      ],
      [COLLECTION]: (response, asked) =>
        asked.query.get('watch') === 'true' ? response.flushHeaders() : respond(response, 200, list('5', ['a'])),
    });
    const { states, lines } = await run(server, has('listed 5'), { optional });
    expect(states.find(({ phase }) => phase === 'waiting')).toMatchObject({ missing: true });
    expect(lines).toContain(
      `${level} The watch of example.org/v1 Widget waits: The Kubernetes API server serves no kind Widget in example.org/v1.`,
    );
  });

  it('lists again when the kind comes back, since its deletions may be forgotten', async () => {
    const server = await serve(
      [list('5', ['a']), list('9', [])],
      [status(404, 'the server could not find the requested resource')],
    );
    expect((await run(server, has('listed 9'))).log).toEqual([
      'list',
      'page a',
      'listed 5',
      'list',
      'page ',
      'listed 9',
    ]);
  });

  it('delivers a batch again when its handler fails', async () => {
    let calls = 0;
    const twice = watchAnswer([change('ADDED', 'a', '6')], { stayOpen: true });
    const server = await serve([list('5')], [twice, twice]);
    await run(server, () => calls === 2, {
      handlers: {
        onEvents: () => {
          calls += 1;
          if (calls === 1) throw new Error('not now');
        },
      },
    });
    expect(watchesOf(server).map(({ query }) => query.get('resourceVersion'))).toEqual(['5', '5']);
  });

  it('reads no further while a handler works', async () => {
    const order: string[] = [];
    const pieces: Answer = (response) => {
      response.writeHead(200);
      response.write(`${JSON.stringify(change('ADDED', 'a', '6'))}\n`);
      setTimeout(() => response.write(`${JSON.stringify(change('ADDED', 'b', '7'))}\n`), 5);
    };
    const server = await serve([list('5')], [pieces]);
    await run(server, () => order.length === 4, {
      handlers: {
        onEvents: async (changes) => {
          order.push(`begin ${changes.map(describeChange).join()}`);
          await new Promise<void>((resolve) => setTimeout(resolve, 15));
          order.push('end');
        },
      },
    });
    expect(order).toEqual(['begin ADDED a', 'end', 'begin ADDED b', 'end']);
  });
});
