import { randomBytes } from 'node:crypto';
import type { Client, ClientChannel } from 'ssh2';
import { messageOf, PetrelError } from '../../model/index.ts';
import { BoundedText } from '../bounded-text.ts';

export interface RemoteCommand {
  /** For the user's login shell. It goes over standard input: what it exports is in no argument that others of the machine can see. */
  readonly command: string;
  /** Run the whole as root. */
  readonly sudo?: { readonly password?: string | undefined } | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  output(stream: 'stdout' | 'stderr', data: string): void;
  /** Bytes kept per stream. */
  readonly outputLimit: number;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly grace: number;
}

export interface RemoteOutcome {
  readonly ended: 'exited' | 'timeout' | 'canceled' | 'broken';
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of `broken`. */
  readonly error?: string;
}

/** How much of the first output is looked through for the process id, in characters: shells may greet before. */
const GREETING = 8 * 1024;
const LONGEST = 2 ** 31 - 1;

/**
 * Runs a command in a session of its own, so that its whole process group can be ended on timeout and cancellation: SIGTERM to all,
 * SIGKILL after the grace time. Rejects only when it could not be started.
 */
export async function runRemote(client: Client, request: RemoteCommand): Promise<RemoteOutcome> {
  const mark = `petrel-${randomBytes(8).toString('hex')}`;
  const { line, input } = launch(request, mark);
  const channel = await execute(client, line);
  return await new Promise<RemoteOutcome>((resolve) => {
    const stdout = new BoundedText(request.outputLimit);
    const stderr = new BoundedText(request.outputLimit);
    const timers = new Set<NodeJS.Timeout>();
    const group = new GroupFinder(mark);
    let ended: 'timeout' | 'canceled' | undefined;
    let exit: { readonly code: number } | undefined;

    const later = (milliseconds: number, act: () => void) => {
      timers.add(setTimeout(act, Math.min(milliseconds, LONGEST)));
    };
    const pass = (stream: 'stdout' | 'stderr', text: string) => {
      if (text !== '') request.output(stream, text);
    };
    const onAbort = () => end('canceled');
    const finish = () => {
      for (const timer of timers) clearTimeout(timer);
      request.signal.removeEventListener('abort', onAbort);
      client.off('close', finish);
      pass('stdout', stdout.add(group.rest()));
      pass('stdout', stdout.end());
      pass('stderr', stderr.end());
      const texts = { stdout: stdout.text, stderr: stderr.text };
      if (ended !== undefined) resolve({ ended, exitCode: -9, ...texts });
      else if (exit !== undefined) resolve({ ended: 'exited', exitCode: exit.code, ...texts });
      else
        resolve({ ended: 'broken', exitCode: 255, ...texts, error: 'The connection broke before the command ended.' });
    };
    const end = (reason: 'timeout' | 'canceled') => {
      if (ended !== undefined) return;
      ended = reason;
      kill(client, channel, group.id, 'TERM', request.sudo);
      later(request.grace, () => kill(client, channel, group.id, 'KILL', request.sudo));
      // What will not die is left; the run ends all the same.
      later(request.grace + 2000, () => {
        channel.close();
        finish();
      });
    };

    channel.on('data', (chunk: Buffer) => pass('stdout', stdout.add(group.strip(chunk))));
    channel.stderr.on('data', (chunk: Buffer) => pass('stderr', stderr.add(chunk)));
    channel.on('exit', (code: number | null) => {
      // Ended by a signal there is no code; paramiko says -1.
      exit = { code: code ?? -1 };
    });
    channel.on('error', () => undefined);
    channel.stderr.on('error', () => undefined);
    channel.on('close', () => {
      // A shell ends at once on SIGTERM; what it had started and does not heed it is ended with it.
      if (ended !== undefined) kill(client, channel, group.id, 'KILL', request.sudo, finish);
      else finish();
    });
    client.on('close', finish);
    later(request.timeout, () => end('timeout'));
    request.signal.addEventListener('abort', onAbort, { once: true });
    if (request.signal.aborted) onAbort();
    channel.end(input);
  });
}

/** Runs a short command of our own, such as removing a directory. Resolves when it has ended, however. */
export async function runAside(client: Client, command: string, input = ''): Promise<void> {
  const channel = await execute(client, command);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 10_000);
    channel.on('error', () => undefined);
    channel.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    channel.resume();
    channel.stderr.resume();
    channel.end(input);
  });
}

/**
 * What the shell is told, and what follows on its standard input: the command, its length being known. `dd` with blocks of one byte
 * reads no further than that. sudo may or may not ask for its password; a line of ours says where the command begins.
 */
function launch({ command, sudo }: RemoteCommand, mark: string): { readonly line: string; readonly input: string } {
  const read = `eval "$(dd bs=1 count=${Buffer.byteLength(command)} 2>/dev/null)"`;
  const say = `echo ${mark}:$$`;
  if (sudo === undefined) return { line: `${say}; ${read}`, input: command };
  const skip = `while IFS= read -r line && [ "$line" != ${mark} ]; do :; done; unset line`;
  const { password } = sudo;
  const ask = password === undefined ? '-n' : "-S -p ''";
  return {
    line: `${say}; sudo ${ask} -E -- bash -c '${skip}; ${read}'`,
    input: `${password === undefined ? '' : `${password}\n`}${mark}\n${command}`,
  };
}

function execute(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const lost = () => reject(new PetrelError('unavailable', 'The connection broke before the command started.'));
    client.once('close', lost);
    try {
      client.exec(command, (error, channel) => {
        client.off('close', lost);
        if (error === undefined) resolve(channel);
        else reject(new PetrelError('unavailable', `The host does not start the command: ${error.message}`));
      });
    } catch (error) {
      client.off('close', lost);
      reject(new PetrelError('unavailable', `The host cannot be told the command: ${messageOf(error)}`));
    }
  });
}

/** The group is that of the login shell, which sshd starts in a session of its own. */
function kill(
  client: Client,
  channel: ClientChannel,
  group: number | undefined,
  signal: 'TERM' | 'KILL',
  sudo: RemoteCommand['sudo'],
  done: () => void = () => undefined,
): void {
  if (group === undefined) {
    channel.signal(signal);
    done();
    return;
  }
  const plain = `kill -s ${signal} -- -${group}`;
  const { password } = sudo ?? {};
  const asRoot = `sudo ${password === undefined ? '-n' : "-S -p ''"} ${plain}`;
  const command = sudo === undefined ? plain : `${plain} 2>/dev/null; ${asRoot}`;
  runAside(client, `${command} >/dev/null 2>&1`, password === undefined ? '' : `${password}\n`).then(done, () => {
    // A host that allows no second channel; OpenSSH passes a signal to the group, too.
    channel.signal(signal);
    done();
  });
}

/** Takes the line with the process id out of the first output. */
class GroupFinder {
  readonly #mark: Buffer;
  #held: Buffer | undefined = Buffer.alloc(0);
  #id: number | undefined;

  constructor(mark: string) {
    this.#mark = Buffer.from(`${mark}:`);
  }

  get id(): number | undefined {
    return this.#id;
  }

  /** What can be passed on. */
  strip(chunk: Buffer): Buffer {
    if (this.#held === undefined) return chunk;
    const held = Buffer.concat([this.#held, chunk]);
    const start = held.indexOf(this.#mark);
    const end = start < 0 ? -1 : held.indexOf('\n', start);
    if (end >= 0) {
      this.#id = Number(held.toString('utf8', start + this.#mark.length, end)) || undefined;
      this.#held = undefined;
      return Buffer.concat([held.subarray(0, start), held.subarray(end + 1)]);
    }
    if (held.length <= GREETING) {
      this.#held = held;
      return Buffer.alloc(0);
    }
    this.#held = undefined;
    return held;
  }

  /** What was held back of a command that ended before its first line. */
  rest(): Buffer {
    const held = this.#held ?? Buffer.alloc(0);
    this.#held = undefined;
    return held;
  }
}
