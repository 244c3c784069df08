import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Client, ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2';
import { messageOf, PetrelError } from '../../model/index.ts';
import type { Datastore } from '../../sdk/index.ts';
import { type HostKeySettings, hostKeyCheck } from './host-keys.ts';

export interface SshCredentials {
  readonly username: string;
  readonly password?: string | undefined;
  /** The key itself, not where it lies. */
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
}

export interface SshContext {
  readonly credentials: SshCredentials;
  readonly settings: HostKeySettings;
  readonly datastore: Datastore;
  /** Milliseconds for one connection to be made. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

interface Address {
  readonly name: string;
  readonly port: number;
}

export interface SshConnection {
  readonly client: Client;
  close(): void;
}

/** The key, or what stands in the file that is named instead of one. Throws `PetrelError` (`invalid`) when the file cannot be read. */
export async function readPrivateKey(text: string): Promise<string> {
  if (text.includes('PRIVATE KEY')) return text.endsWith('\n') ? text : `${text}\n`;
  const path = text.startsWith('~/') ? join(homedir(), text.slice(2)) : text;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // A key whose head was lost on the way must not end in a message.
    const name = /^[\w./~ -]{1,200}$/.test(text) ? ` ${path}` : '';
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it is neither';
    throw new PetrelError(
      'invalid',
      `Parameter "private_key" is neither a key nor a file${name} that can be read (${code}).`,
    );
  }
}

/** Connects, through the bastion when there is one. Rejects with a sentence that names the host. */
export async function connect(
  context: SshContext,
  host: Address,
  bastion: Address | undefined,
): Promise<SshConnection> {
  if (bastion === undefined) {
    const client = await open(context, host, {});
    return { client, close: () => client.end() };
  }
  const gate = await open(context, bastion, {});
  try {
    const sock = await tunnel(gate, host);
    const client = await open(context, host, { sock });
    return {
      client,
      close() {
        client.end();
        gate.end();
      },
    };
  } catch (error) {
    gate.end();
    throw error;
  }
}

async function open(context: SshContext, host: Address, more: Pick<ConnectConfig, 'sock'>): Promise<Client> {
  const { credentials, signal, timeout } = context;
  const check = await hostKeyCheck(host, context.settings, context.datastore);
  // Loaded when it is needed: most runs never meet SSH.
  const { default: ssh2 } = await import('ssh2');
  let distrust: string | undefined;
  const client = new ssh2.Client();
  const config: ConnectConfig = {
    ...more,
    host: host.name,
    port: host.port,
    username: credentials.username,
    ...(credentials.password !== undefined && { password: credentials.password, tryKeyboard: true }),
    ...(credentials.privateKey !== undefined && { privateKey: credentials.privateKey }),
    ...(credentials.passphrase !== undefined && { passphrase: credentials.passphrase }),
    ...(check.types.length > 0 && { algorithms: { serverHostKey: check.types.flatMap(algorithmsOf) } }),
    readyTimeout: timeout,
    keepaliveInterval: 15_000,
    hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => {
      check.problem(key).then(
        (problem) => {
          distrust = problem;
          verify(problem === undefined);
        },
        (error: unknown) => {
          distrust = `The key of the host ${host.name} could not be checked: ${messageOf(error)}`;
          verify(false);
        },
      );
    },
  };
  return await new Promise<Client>((resolve, reject) => {
    const fail = (error: unknown) => {
      settle();
      client.destroy();
      reject(new PetrelError('unavailable', distrust ?? `${describe(host, credentials)}: ${messageOf(error)}`));
    };
    const onAbort = () => fail(new Error('the action was canceled'));
    const onClose = () => fail(new Error('the connection was closed'));
    const settle = () => {
      signal.removeEventListener('abort', onAbort);
      client.off('error', fail);
      client.off('close', onClose);
      // What goes wrong later is told by the channels; an error that nobody hears would end the process.
      client.on('error', () => undefined);
    };
    client.on('error', fail);
    client.on('close', onClose);
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, answer) => {
      answer(prompts.map(() => credentials.password ?? ''));
    });
    client.on('ready', () => {
      settle();
      resolve(client);
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();
    try {
      client.connect(config);
    } catch (error) {
      // For example a private key that is none, or a wrong passphrase.
      fail(error);
    }
  });
}

function describe({ name, port }: Address, { username }: SshCredentials): string {
  return `No connection to ${name}:${port} as ${username}`;
}

function tunnel(gate: Client, host: Address) {
  return new Promise<NonNullable<ConnectConfig['sock']>>((resolve, reject) => {
    gate.forwardOut('127.0.0.1', 0, host.name, host.port, (error, channel) => {
      if (error === undefined) resolve(channel);
      else {
        const why = `The bastion cannot reach ${host.name}:${host.port}: ${error.message}`;
        reject(new PetrelError('unavailable', why));
      }
    });
  });
}

/** An RSA key is signed with one of these; the oldest is refused by servers of today, and by us. */
function algorithmsOf(type: string): ServerHostKeyAlgorithm[] {
  if (type === 'ssh-rsa') return ['rsa-sha2-512', 'rsa-sha2-256'];
  return [type as ServerHostKeyAlgorithm]; // as the host named it when it was known; ssh2 refuses what it does not know
}
