/**
 * Running a program in a pod's container, over a WebSocket: `v5.channel.k8s.io`, or `v4` where the server is older than 1.30. The first
 * byte of each message names its channel. How the program ended comes as a Status object on a channel of its own.
 */
import type { WebSocket } from 'undici';
import { PetrelError } from '../model/index.ts';
import type { ExecOptions, ExecResult, PodReference } from '../sdk/index.ts';
import { podPath } from './discovery.ts';
import { canceled, errorFromAnswer, readStatus } from './errors.ts';
import type { Transport } from './transport.ts';

const V5 = 'v5.channel.k8s.io';
const V4 = 'v4.channel.k8s.io';

/** The first byte of a message. */
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, close: 255 } as const;

/** Milliseconds from asking for the socket to its being open. */
const OPENING = 30_000;

/** How much of each stream is kept for the answer, in characters. */
const KEPT = 10 * 1024 * 1024;

/** As `KubernetesApi.exec`. */
export async function execInPod(
  transport: Pick<Transport, 'socket' | 'request'>,
  pod: Required<PodReference>,
  options: ExecOptions,
): Promise<ExecResult> {
  const path = podPath(pod.namespace, pod.name, 'exec');
  const asked = `exec in pod ${pod.namespace}/${pod.name}`;
  if (options.command.length === 0) {
    throw new PetrelError('invalid', `An ${asked} needs a command: the program and its arguments.`);
  }
  const query = queryOf(options);
  const open = () => openSocket(transport, `${path}?${query}`, asked, options.signal);
  const connection = (await open()) ?? (await refusal(transport, path, query, asked)) ?? (await open());
  if (connection === undefined) {
    throw new PetrelError(
      'unavailable',
      `The Kubernetes API server does not open a WebSocket for ${asked}. Check that no proxy in between refuses them.`,
    );
  }
  return await converse(connection, asked, options);
}

function queryOf({ command, container, stdin }: ExecOptions): URLSearchParams {
  const query = new URLSearchParams();
  for (const word of command) query.append('command', word);
  if (container !== undefined) query.set('container', container);
  query.set('stdout', 'true');
  query.set('stderr', 'true');
  if (stdin !== undefined) query.set('stdin', 'true');
  return query;
}

interface Connection {
  readonly socket: WebSocket;
  /** What came with the server's first bytes, before anybody could listen. */
  takeEarly(): readonly unknown[];
  /** Whether it was closed by then. */
  readonly isClosed: () => boolean;
}

/** Undefined when the server did not take the upgrade; a WebSocket does not say why. */
async function openSocket(
  transport: Pick<Transport, 'socket'>,
  path: string,
  asked: string,
  signal: AbortSignal | undefined,
): Promise<Connection | undefined> {
  if (signal?.aborted === true) throw canceled(asked);
  const socket = await transport.socket(path, [V5, V4]);
  socket.binaryType = 'arraybuffer';
  const early: unknown[] = [];
  const keep = ({ data }: { readonly data: unknown }) => early.push(data);
  socket.addEventListener('message', keep);
  let isClosed = false;
  socket.addEventListener('close', () => {
    isClosed = true;
  });
  const connection: Connection = {
    socket,
    takeEarly() {
      socket.removeEventListener('message', keep);
      return early;
    },
    isClosed: () => isClosed,
  };
  return await new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      end();
    };
    const abort = () => {
      socket.close();
      settle(() => reject(canceled(asked)));
    };
    const timer = setTimeout(() => {
      socket.close();
      settle(() => resolve(undefined));
    }, OPENING);
    signal?.addEventListener('abort', abort, { once: true });
    socket.addEventListener('open', () => settle(() => resolve(connection)), { once: true });
    socket.addEventListener('error', () => settle(() => resolve(undefined)), { once: true });
    socket.addEventListener('close', () => settle(() => resolve(undefined)), { once: true });
  });
}

/**
 * Asks the same as a plain request, to hear why: the pod is missing, the credentials are refused. The transport reads refused
 * credentials again, so after a plain request that got through the socket is worth a second try. A server that only misses the upgrade answers
 * 400 or 426.
 */
async function refusal(
  transport: Pick<Transport, 'request'>,
  path: string,
  query: URLSearchParams,
  asked: string,
): Promise<undefined> {
  try {
    await transport.request({ path: `${path}?${query}` });
  } catch (error) {
    const status = error instanceof PetrelError ? error.details.httpStatus : undefined;
    const message = error instanceof Error ? error.message : String(error);
    if (status === 426 || (status === 400 && /upgrade/i.test(message))) return undefined;
    if (error instanceof PetrelError) {
      const reason = message.replace(query.toString(), '...');
      throw new PetrelError(error.code, `The ${asked} was refused: ${reason}`, {
        cause: error,
        details: error.details,
      });
    }
    throw error;
  }
  return undefined;
}

/** Sends what there is to send and listens to the end. */
function converse(
  { socket, takeEarly, isClosed }: Connection,
  asked: string,
  { stdin, output, signal }: ExecOptions,
): Promise<ExecResult> {
  const streams = { stdout: createText(), stderr: createText() };
  const pass = (stream: 'stdout' | 'stderr', text: string) => {
    if (text !== '') output?.(stream, text);
  };
  let status: unknown;
  return new Promise((resolve, reject) => {
    const end = () => {
      signal?.removeEventListener('abort', abort);
      for (const stream of ['stdout', 'stderr'] as const) pass(stream, streams[stream].end());
      try {
        if (signal?.aborted === true) throw canceled(asked);
        const exitCode = exitCodeOf(status, asked);
        resolve({ exitCode, stdout: streams.stdout.text(), stderr: streams.stderr.text() });
      } catch (error) {
        reject(error);
      }
    };
    const abort = () => socket.close();
    signal?.addEventListener('abort', abort, { once: true });
    const take = (data: unknown) => {
      if (!(data instanceof ArrayBuffer)) return;
      const bytes = new Uint8Array(data);
      const content = bytes.subarray(1);
      if (bytes[0] === CHANNEL.stdout) pass('stdout', streams.stdout.add(content));
      else if (bytes[0] === CHANNEL.stderr) pass('stderr', streams.stderr.add(content));
      else if (bytes[0] === CHANNEL.error) status = parse(new TextDecoder().decode(content));
    };
    takeEarly().forEach(take);
    socket.addEventListener('message', ({ data }) => take(data));
    socket.addEventListener('close', end, { once: true });
    if (isClosed()) end();
    else if (signal?.aborted === true) abort();
    else if (stdin !== undefined) sendInput(socket, stdin);
  });
}

function sendInput(socket: WebSocket, stdin: string): void {
  const text = new TextEncoder().encode(stdin);
  for (let from = 0; from < text.length; from += 32_768) {
    socket.send(Buffer.concat([Uint8Array.of(CHANNEL.stdin), text.subarray(from, from + 32_768)]));
  }
  // Before v5 there was no way to say that the input ends: a program that reads to the end waits until it is aborted.
  if (socket.protocol === V5) socket.send(Uint8Array.of(CHANNEL.close, CHANNEL.stdin));
}

/** 0, or what the Status says. Throws when it tells of anything but a program that ended, or when there is none. */
function exitCodeOf(answer: unknown, asked: string): number {
  const { status } = (answer ?? {}) as { readonly status?: unknown }; // checked next
  if (status === 'Success') return 0;
  const causes = (answer as { details?: { causes?: readonly { reason?: string; message?: string }[] } } | undefined)
    ?.details?.causes; // a Status object, read with care
  const code = Number(Array.isArray(causes) ? causes.find(({ reason }) => reason === 'ExitCode')?.message : undefined);
  if (Number.isInteger(code)) return code;
  if (answer === undefined) {
    throw new PetrelError('unavailable', `The connection of the ${asked} ended before the program did.`);
  }
  const known = readStatus(answer);
  if (known !== undefined) throw errorFromAnswer(known.code, answer, asked);
  throw new PetrelError('kubernetes', `The ${asked} failed: ${JSON.stringify(answer)}.`, { details: { answer } });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}

/** Decodes a stream's pieces; `add` answers what is new. What exceeds the limit is passed on and not kept. */
function createText(): { add(bytes: Uint8Array): string; end(): string; text(): string } {
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let length = 0;
  const keep = (text: string) => {
    if (length < KEPT) pieces.push(text.slice(0, KEPT - length));
    length += text.length;
    return text;
  };
  return {
    add: (bytes) => keep(decoder.decode(bytes, { stream: true })),
    end: () => keep(decoder.decode()),
    text: () => pieces.join('') + (length > KEPT ? `\n[output cut: only the first ${KEPT} characters are kept]\n` : ''),
  };
}
