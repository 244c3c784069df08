import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvents } from '../../src/client/sse.ts';

async function read(chunks: readonly Uint8Array[]) {
  const events = [];
  for await (const event of parseEvents(chunks)) events.push(event);
  return events;
}

describe('server-sent events', () => {
  const text =
    '\n: hello\nid: a-0\n\nid: a-1\nevent: one\ndata: {"a":\ndata: "ü"}\n\n\r\nevent:two\r\ndata:x\r\n\r\nevent: cut\ndata: of';
  const expected = [
    { id: 'a-0', name: 'message', data: '' },
    { id: 'a-1', name: 'one', data: '{"a":\n"ü"}' },
    { name: 'two', data: 'x' },
  ];

  it('are the same however the bytes are cut, and without what was cut off', async () => {
    const bytes = new TextEncoder().encode(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((place, index) => bytes.slice(places[index], place));
        expect(await read(chunks)).toEqual(expected);
      }),
    );
  });
});
