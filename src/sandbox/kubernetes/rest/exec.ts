/** pods/exec: nothing runs here, so a command's answer is read from the pod's annotations, and where they say nothing it is refused. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { PREFIX } from '../controllers/pod-script.ts';
import { badRequest, StatusError } from '../errors.ts';
import { type Json, listAt, stringAt } from '../json.ts';
import { findObject } from '../objects/update.ts';
import type { KubeObject } from '../objects.ts';
import type { ResourceRoute } from '../router.ts';
import { acceptWebSocket } from '../websocket.ts';
import type { Call } from './call.ts';

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;

export interface Answered {
  readonly output: string;
  readonly error: string;
  readonly exitCode: number;
}

/** What the annotations say a command answers. Throws 400 for a wrong container, 501 where they say nothing. */
export function commandAnswer(call: Pick<Call, 'api' | 'query'>, route: ResourceRoute): Answered {
  const pod = findObject(call.api, route.kind, route.namespace, route.name ?? '');
  const container = call.query.get('container') ?? '';
  const names = listAt(pod, 'spec', 'containers').map((one) => stringAt(one, 'name') ?? '');
  if (container !== '' && !names.includes(container))
    throw badRequest(`container ${container} is not valid for pod ${pod.metadata.name}`);
  const command = call.query.getAll('command');
  const program = command[0]?.split('/').at(-1) ?? '';
  const note = (name: string) =>
    pod.metadata.annotations?.[`${PREFIX}${name}.${program}`] ?? pod.metadata.annotations?.[PREFIX + name];
  const output = note('exec');
  if (output === undefined) throw unanswered(pod, program);
  const exitCode = Number(note('exec-exit-code') ?? 0);
  return { output, error: note('exec-stderr') ?? '', exitCode: Number.isInteger(exitCode) ? exitCode : 1 };
}

function unanswered(pod: KubeObject, program: string): StatusError {
  const words = `nothing runs in pod "${pod.metadata.name}" of the sandbox: say what ${JSON.stringify(program)} answers in its annotation ${PREFIX}exec.${program} (or ${PREFIX}exec for every command)`;
  return new StatusError(501, 'NotImplemented', words, {});
}

/** Serves an upgraded connection. Throws 400 when it is not for a protocol that is known. */
export function serveExec(
  call: Pick<Call, 'api' | 'query'>,
  route: ResourceRoute,
  request: IncomingMessage,
  socket: Duplex,
): void {
  const { output, error, exitCode } = commandAnswer(call, route);
  const side = acceptWebSocket(request, socket, PROTOCOLS);
  if (side === undefined) {
    throw badRequest(`unable to upgrade: the sandbox speaks ${PROTOCOLS.join(' and ')} over a WebSocket only`);
  }
  const say = (channel: number, text: string) => {
    if (text !== '') side.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));
  };
  say(STDOUT, asLines(output));
  say(STDERR, asLines(error));
  say(ERROR, JSON.stringify(outcome(exitCode)));
  side.close();
}

/** An annotation is easily written without the line feed that a program ends with. */
function asLines(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function outcome(exitCode: number): Json {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}
