import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands before a server that cannot be asked to misbehave, and cuts the wires instead. */
export interface Wires {
  readonly port: number;
  /** Resets every connection. */
  reset(): void;
  /** Nothing passes on the connections that are open, and nobody is told. Answers what lets it pass again. */
  stall(): () => void;
  /** Resets every connection, and each new one at once. Answers what ends that. */
  refuse(): () => void;
  close(): Promise<void>;
}

/** A TCP proxy on loopback, to a port of loopback. */
export async function startProxy(target: number): Promise<Wires> {
  const open = new Set<Socket>();
  let refusing = false;
  const add = (socket: Socket, other: Socket) => {
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      other.destroy();
    });
    // Its close event follows, and that is what counts.
    socket.on('error', () => {});
  };
  const server = createServer((client) => {
    if (refusing) {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    add(client, upstream);
    add(upstream, client);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP listener's address is always an AddressInfo
  const reset = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    port,
    reset,
    stall() {
      const stalled = [...open];
      for (const socket of stalled) socket.pause();
      return () => {
        for (const socket of stalled) socket.resume();
      };
    },
    refuse() {
      refusing = true;
      reset();
      return () => {
        refusing = false;
      };
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
