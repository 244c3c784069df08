import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';

/** One exec that was asked for: what it asked, and the means to play the container. */
export interface Channels {
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly protocol: string;
  /** Everything that came on the input so far. */
  input(): string;
  send(channel: number, content: string | Uint8Array): void;
  close(): void;
}

export interface ChannelServerOptions {
  /** Versions it speaks, the first that is offered wins. */
  readonly protocols?: readonly string[];
  /** Answers an upgrade with this instead. */
  refuse?(asked: { readonly authorization: string | undefined }): { code: number; message: string } | undefined;
  /** The container begins. */
  onOpen?(channels: Channels): void;
  /** The input has ended; only v5 can say so. */
  onInputEnd?(channels: Channels): void;
}

/**
 * The kubelet's end of an exec: RFC 6455 with the channel protocol of Kubernetes on top, played by the test. Its frames are made here and not by
 * the library under test.
 */
export async function startChannelServer(options: ChannelServerOptions): Promise<{ readonly url: string }> {
  const server = createServer((request, response) => {
    const refused = options.refuse?.({ authorization: request.headers.authorization });
    const { code, message } = refused ?? { code: 400, message: 'Upgrade request required' };
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message }));
  });
  const sockets = new Set<Duplex>();
  server.on('upgrade', (request, socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const refused = options.refuse?.({ authorization: request.headers.authorization });
    if (refused !== undefined) {
      socket.end(`HTTP/1.1 ${refused.code} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const offered = String(request.headers['sec-websocket-protocol'] ?? '').split(/,\s*/);
    const protocol = (options.protocols ?? ['v5.channel.k8s.io']).find((one) => offered.includes(one)) ?? '';
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    );
    let input = '';
    const channels: Channels = {
      query: new URL(request.url ?? '/', 'http://localhost').searchParams,
      authorization: request.headers.authorization,
      protocol,
      input: () => input,
      send: (channel, content) => socket.write(frame(0x2, Buffer.concat([Buffer.of(channel), Buffer.from(content)]))),
      close: () => socket.end(frame(0x8, Buffer.of(3, 232))),
    };
    let buffered = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      for (let read = readFrame(buffered); read !== undefined; read = readFrame(buffered)) {
        buffered = buffered.subarray(read.length);
        if (read.opcode === 0x8) socket.end();
        else if (read.content[0] === 0) input += read.content.subarray(1).toString('utf8');
        else if (read.content[0] === 255) options.onInputEnd?.(channels);
      }
    });
    options.onOpen?.(channels);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }; // listening on a port, so not a pipe's name
}

function frame(opcode: number, content: Buffer): Buffer {
  const head =
    content.length < 126
      ? Buffer.of(0x80 | opcode, content.length)
      : Buffer.of(0x80 | opcode, 126, content.length >> 8, content.length & 0xff);
  return Buffer.concat([head, content]);
}

/** The first whole frame of a client, unmasked. */
function readFrame(bytes: Buffer): { opcode: number; content: Buffer; length: number } | undefined {
  if (bytes.length < 6) return undefined;
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const [size, start] =
    short < 126
      ? [short, 2]
      : bytes.length < 14
        ? [0, 99]
        : short === 126
          ? [bytes.readUInt16BE(2), 4]
          : [Number(bytes.readBigUInt64BE(2)), 10];
  if (bytes.length < start + 4 + size) return undefined;
  const mask = bytes.subarray(start, start + 4);
  const content = Buffer.from(bytes.subarray(start + 4, start + 4 + size));
  for (const [index, byte] of content.entries()) content[index] = byte ^ (mask[index % 4] ?? 0);
  return { opcode: first & 0xf, content, length: start + 4 + size };
}
