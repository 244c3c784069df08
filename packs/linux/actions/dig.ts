import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { defineAction, z } from 'petrel/sdk';

/** Asks the program dig, whose options StackStorm's parameters are. Answers the lines. */
export default defineAction({
  description: 'Asks a name server.',
  input: z.object({
    hostname: z
      .string()
      .regex(/^[^-@+\s][^\s]*$/, 'must be a name')
      .describe('What is asked for.'),
    nameserver: z
      .string()
      .regex(/^[^\s]*$/)
      .default('')
      .describe('Who is asked; by default whom this machine asks.'),
    querytype: z
      .string()
      .regex(/^[A-Za-z0-9]+$/)
      .default('A')
      .describe('The type of record.'),
    queryopts: z.string().default('short').describe('Options of dig without their plus, with commas between them.'),
    count: z.int().min(0).default(0).describe('How many lines at most; 0: all.'),
    rand: z.boolean().default(false).describe('In a random order.'),
  }),
  output: z.array(z.string()),
  async run({ input, signal }) {
    const options = input.queryopts
      .split(',')
      .map((option) => option.trim())
      .filter((option) => /^[\w=.-]+$/.test(option));
    const server = input.nameserver === '' ? [] : [`@${input.nameserver}`];
    const words = [...server, ...options.map((option) => `+${option}`), input.hostname, input.querytype];
    const output = await new Promise<string>((resolve, reject) => {
      execFile('dig', words, { signal }, (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const missing = 'There is no program dig on this machine; on Debian it is in the package dnsutils.';
        reject(new Error(error.code === 'ENOENT' ? missing : stderr.trim() || error.message));
      });
    });
    const lines = output.split('\n').filter((line) => line !== '');
    if (input.rand) shuffle(lines);
    return input.count > 0 ? lines.slice(0, input.count) : lines;
  },
});

function shuffle(lines: string[]): void {
  for (let last = lines.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    const [a = '', b = ''] = [lines[last], lines[other]];
    [lines[last], lines[other]] = [b, a];
  }
}
