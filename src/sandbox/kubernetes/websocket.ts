/** The server's side of a WebSocket (RFC 6455), as far as `kubectl exec` needs one: binary messages out, and an end. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export interface WebSocketSide {
  readonly protocol: string;
  send(message: Buffer): void;
  close(): void;
}

/** Accepts an upgrade with the first of the client's protocols that is known; undefined when none is. */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  known: readonly string[],
): WebSocketSide | undefined {
  const key = request.headers['sec-websocket-key'];
  const asked = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  const protocol = asked.find((one) => known.includes(one));
  if (key === undefined || protocol === undefined) return undefined;
  const accept = createHash('sha1')
    .update(key + MAGIC)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
  );
  // What the client sends (standard input, the size of its terminal) has nobody to read it.
  socket.on('error', () => socket.destroy());
  socket.resume();
  return {
    protocol,
    send: (message) => socket.write(frame(0x2, message)),
    close: () => socket.end(frame(0x8, Buffer.from([0x03, 0xe8]))),
  };
}

function frame(opcode: number, content: Buffer): Buffer {
  const { length } = content;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff])
        : Buffer.alloc(10);
  if (length >= 65_536) {
    head[0] = 0x80 | opcode;
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, content]);
}
