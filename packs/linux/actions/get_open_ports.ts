import { connect } from 'node:net';
import { defineAction, z } from 'petrel/sdk';

/** How many connections are tried at one time, and how long each may take (milliseconds). */
const AT_ONCE = 200;
const PATIENCE = 1_000;

/** Tries to connect, so that it needs no program and no rights. Answers the ports, ascending. */
export default defineAction({
  description: 'Looks which TCP ports of a machine are open.',
  input: z.object({
    ip_address: z.string().min(1).describe('Address or name of the machine.'),
    ports: z
      .string()
      .regex(/^\d+-\d+$/)
      .default('1-1024')
      .describe('Which are tried, FIRST-LAST.'),
  }),
  output: z.array(z.int()),
  async run({ input, signal }) {
    const [first = 0, last = 0] = input.ports.split('-').map(Number);
    if (first < 1 || last > 65_535 || first > last)
      throw new Error(`"${input.ports}" is no range of ports from 1 to 65535.`);
    const open: number[] = [];
    let next = first;
    const work = async () => {
      while (next <= last && !signal.aborted) {
        const port = next;
        next += 1;
        if (await isOpen(input.ip_address, port)) open.push(port);
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, last - first + 1) }, work));
    signal.throwIfAborted();
    return open.sort((a, b) => a - b);
  },
});

async function isOpen(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PATIENCE, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTFOUND') reject(new Error(`There is no machine "${host}".`));
      else end(false);
    });
  });
}
