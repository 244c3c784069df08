import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const STREAMS = ['control', 'channel', 'stdout', 'stderr'] as const;

/** The four connections of one process: its keeper's, its own, and its output. */
export type Connections = Readonly<Record<(typeof STREAMS)[number], Socket>>;

/** The system's limit for the address of a socket, with the file's name. */
const LONGEST_FOLDER = 90;

interface Waiting {
  readonly arrived: Map<string, Socket>;
  resolve(connections: Connections): void;
}

/**
 * Where forked processes come to meet Petrel: a socket in a folder that only this user can enter. Each connection begins with a
 * line `TOKEN STREAM`; whoever does not know a token that is waited for is turned away.
 */
export class Rendezvous {
  readonly address: string;
  readonly #folder: string;
  readonly #server: Server;
  readonly #waiting = new Map<string, Waiting>();
  readonly #sockets = new Set<Socket>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.address = join(folder, 's');
    this.#server = createServer((socket) => this.#greet(socket));
  }

  static async open(): Promise<Rendezvous> {
    const base = tmpdir().length < LONGEST_FOLDER - 20 ? tmpdir() : '/tmp';
    const rendezvous = new Rendezvous(await mkdtemp(join(base, 'petrel-python-')));
    await new Promise<void>((resolve, reject) => {
      rendezvous.#server.once('error', reject).listen(rendezvous.address, resolve);
    });
    // Waiting processes are what keeps Petrel alive, not the door.
    rendezvous.#server.unref();
    return rendezvous;
  }

  /** Resolves when all four connections with the token are there. */
  expect(token: string): Promise<Connections> {
    return new Promise((resolve) => {
      this.#waiting.set(token, { arrived: new Map(), resolve });
    });
  }

  /** What comes with this token is turned away from now on. */
  forget(token: string): void {
    for (const socket of this.#waiting.get(token)?.arrived.values() ?? []) socket.destroy();
    this.#waiting.delete(token);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #greet(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // A process may be killed at any moment; its end is told on the control connection.
    socket.on('error', () => undefined);
    let heard = Buffer.alloc(0);
    const listen = (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      const end = heard.indexOf(0x0a);
      if (end < 0 && heard.length < 100) return;
      socket.off('data', listen).pause();
      const [token = '', stream = ''] = heard.subarray(0, Math.max(end, 0)).toString('latin1').split(' ');
      if (end + 1 < heard.length) socket.unshift(heard.subarray(end + 1));
      this.#admit(token, stream, socket);
    };
    socket.on('data', listen);
  }

  #admit(token: string, stream: string, socket: Socket): void {
    const waiting = this.#waiting.get(token);
    if (waiting === undefined || waiting.arrived.has(stream)) {
      socket.destroy();
      return;
    }
    waiting.arrived.set(stream, socket);
    const [control, channel, stdout, stderr] = STREAMS.map((name) => waiting.arrived.get(name));
    if (control === undefined || channel === undefined || stdout === undefined || stderr === undefined) return;
    this.#waiting.delete(token);
    waiting.resolve({ control, channel, stdout, stderr });
  }
}
