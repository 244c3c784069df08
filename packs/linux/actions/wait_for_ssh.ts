import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { defineAction, secret, z } from 'petrel/sdk';
import { Client } from 'ssh2';

/** Answers true once somebody can log in; fails when nobody could after the last try. */
export default defineAction({
  description: 'Waits until one can log in to a machine over SSH.',
  // Ten tries with half a minute between them, and what each takes.
  timeout: 1_800,
  input: z.object({
    hostname: z.string().min(1).describe('The machine.'),
    port: z.int().min(1).max(65_535).default(22).describe('Port of its SSH server.'),
    username: z.string().default('stanley').describe('Whom to log in as.'),
    password: secret(z.string().default('')).describe('Password to log in with.'),
    keyfile: z.string().default('').describe('File of the key to log in with.'),
    ssh_timeout: z.number().min(0).default(30).describe('Seconds between tries.'),
    retries: z.int().min(1).default(10).describe('How many tries.'),
  }),
  output: z.literal(true),
  async run({ input, logger, signal }) {
    const privateKey = input.keyfile === '' ? undefined : await readFile(input.keyfile);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await logIn(input, privateKey);
        return true as const;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (attempt >= input.retries)
          throw new Error(`Nobody could log in to ${input.hostname} in ${attempt} tries: ${why}`);
        logger.info(`Try ${attempt}: ${why}`);
        await wait(input.ssh_timeout * 1000, undefined, { signal });
      }
    }
  },
});

type Target = {
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
};

async function logIn({ hostname, port, username, password }: Target, privateKey: Buffer | undefined): Promise<void> {
  const client = new Client();
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve).once('error', reject);
      client.connect({
        host: hostname,
        port,
        username,
        readyTimeout: 20_000,
        ...(password !== '' && { password }),
        ...(privateKey !== undefined && { privateKey }),
      });
    });
  } finally {
    client.end();
  }
}
