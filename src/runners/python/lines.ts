import type { Socket } from 'node:net';

/** Bytes of the longest message. The host refuses larger results before. */
const LIMIT = 32 * 1024 * 1024;

/** Hands over each line. Resolves when the connection is closed; a line longer than the limit closes it. */
export function readLines(socket: Socket, take: (line: string) => void): Promise<void> {
  let pieces: Buffer[] = [];
  let length = 0;
  socket.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      const line = Buffer.concat([...pieces, chunk.subarray(from, end)]).toString('utf8');
      pieces = [];
      length = 0;
      from = end + 1;
      take(line);
    }
    pieces.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > LIMIT) socket.destroy();
  });
  socket.resume();
  return new Promise((resolve) => {
    socket.on('close', () => resolve());
  });
}
