import type { Socket } from 'node:net';
import { Duplex, Transform } from 'node:stream';

/** A request line of Vault's own method. Raw line ends cannot be in JSON, so no request's body can look like this. */
const LIST_LINE = /^LIST (\/[^\s?]*)(?:\?(\S*))? HTTP\/1\.1\r\n/;

/**
 * Node's HTTP parser refuses methods it does not know, and Vault documents `LIST PATH` as the same as `GET PATH?list=true`: so the one
 * is made into the other before the parser sees it. Relies on a request starting a chunk of its own, which holds for every client
 * that waits for an answer before it asks again.
 */
export function acceptList(socket: Socket): Duplex {
  const rewrite = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, chunk.subarray(0, 5).toString('latin1') === 'LIST ' ? asGet(chunk) : chunk);
    },
  });
  return Duplex.from({ readable: socket.pipe(rewrite), writable: socket });
}

function asGet(chunk: Buffer): Buffer {
  const text = chunk.toString('latin1');
  const line = LIST_LINE.exec(text);
  if (line === null) return chunk;
  const [whole, path, query] = line;
  const get = `GET ${path}?${query === undefined || query === '' ? '' : `${query}&`}list=true HTTP/1.1\r\n`;
  return Buffer.from(get + text.slice(whole.length), 'latin1');
}
