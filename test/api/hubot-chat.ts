import { connect, createServer, type Socket } from 'node:net';
import { Adapter, type Envelope, Robot, TextMessage, User } from 'hubot';

/** A chat in memory: what is said in its rooms reaches a real Hubot, and what that says is kept. */
export class Chat extends Adapter {
  readonly lines: { readonly room: string; readonly text: string }[] = [];
  #said = 0;

  override async send({ room }: Envelope, ...texts: string[]): Promise<void> {
    for (const text of texts) this.lines.push({ room, text });
  }

  /** Resolves when the robot has done with it. */
  async say(name: string, room: string, text: string): Promise<void> {
    this.#said += 1;
    await this.robot.receive(new TextMessage(new User(`U-${name}`, { name, room }), text, String(this.#said)));
  }

  /** What was said in a room since it was last asked for. */
  take(room: string): readonly string[] {
    const taken = this.lines.filter((line) => line.room === room).map(({ text }) => text);
    this.lines.splice(0, Infinity, ...this.lines.filter((line) => line.room !== room));
    return taken;
  }
}

/** A Hubot named `hubot`, or `!`, in a chat of its own. */
export async function openRobot(): Promise<{ readonly robot: Robot; readonly chat: Chat }> {
  process.env.HUBOT_LOG_LEVEL = 'silent';
  let chat: Chat | undefined;
  const use = async (robot: Robot) => {
    chat = new Chat(robot);
    return chat;
  };
  const robot = new Robot({ use }, false, 'hubot', '!');
  await robot.loadAdapter();
  await robot.run();
  if (chat === undefined) throw new Error('The robot has not taken its adapter.');
  return { robot, chat };
}

/** A wire between a bot and Petrel that can be cut. */
export interface Wire {
  readonly port: number;
  /** Breaks all connections, and lets none through until it is mended. */
  cut(): void;
  mend(): void;
  close(): void;
}

/** `target`: asked anew for each connection, since a server that was started again has another port. */
export async function openWire(target: () => URL): Promise<Wire> {
  const open = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined).once('close', () => open.delete(socket));
    return socket;
  };
  const server = createServer((bot) => {
    if (isCut) return bot.destroy();
    const petrel = connect(Number(target().port), target().hostname);
    keep(bot).pipe(keep(petrel)).pipe(bot);
    bot.once('close', () => petrel.destroy());
    petrel.once('close', () => bot.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The wire has no port.');
  const cut = () => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  return {
    port: address.port,
    cut,
    mend() {
      isCut = false;
    },
    close() {
      cut();
      server.close();
    },
  };
}
