import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { messageOf, type Sensor, type TriggerEvent } from '../model/index.ts';
import { childEnvironment } from '../runners/index.ts';
import { logLines } from './log-lines.ts';
import type { SensorEnd, SensorHost, SensorPort } from './sensor-host.ts';
import { type SaidBySensor, saidBySensor, type ToldToSensor } from './typescript-messages.ts';

export interface TypescriptHostOptions {
  /** Where translated modules are kept. */
  readonly cacheDirectory: string;
  /** Milliseconds without a sign of life after which a process is killed: its code never yields. Default 60,000. */
  readonly silence?: number;
  /** Milliseconds to clean up. Default 5,000. */
  readonly grace?: number;
  /** Megabytes of memory for one sensor's objects. Default 256. */
  readonly memory?: number;
}

/** Longer messages of a sensor are cut. */
const LONGEST_LINE = 8_000;

/** Sensors with `defineSensor`, each in a process of its own, with the environment of actions and no secret of Petrel's. */
export function typescriptHost(options: TypescriptHostOptions): SensorHost {
  const { silence = 60_000, grace = 5_000, memory = 256, cacheDirectory } = options;
  return {
    handles: ({ entryPath }) => /\.[mc]?[jt]s$/.test(entryPath),
    onDemand: true,
    async start(sensor, port) {
      const child = spawn(memory);
      if (child.pid === undefined) {
        const [error] = await once(child, 'error');
        throw new Error(`The process of the sensor ${sensor.ref} could not be started: ${messageOf(error)}`);
      }
      const watched = watch(child, child.pid, sensor, port, silence);
      const { config, triggers } = port;
      tell(child, { type: 'start', file: sensor.entryPath, cacheDirectory, config, triggers });
      return {
        pid: child.pid,
        command: `node ${sensor.entryPath}`,
        ended: watched.ended,
        changeTrigger: (change, trigger) => tell(child, { type: 'trigger', change, trigger }),
        stop: () => watched.stop(grace),
      };
    },
  };
}

function spawn(memory: number): ChildProcess {
  const own = fileURLToPath(import.meta.url);
  const entry = `${dirname(own)}/typescript-process${extname(own)}`;
  // From a checkout Petrel itself is TypeScript, which Node does not read by itself.
  const loader = extname(own) === '.ts' ? ['--import', 'jiti/register'] : [];
  return fork(entry, [], {
    cwd: dirname(own),
    execArgv: [`--max-old-space-size=${memory}`, ...loader],
    env: childEnvironment({}, {}, String),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // In a group of its own, so that what it starts can be ended with it.
    detached: true,
  });
}

function watch(
  child: ChildProcess,
  pid: number,
  sensor: Sensor,
  port: SensorPort,
  silence: number,
): { readonly ended: Promise<SensorEnd>; stop(grace: number): Promise<void> } {
  let reason: string | undefined;
  let stopping = false;
  let heard = Date.now();
  const kill = (why?: string) => {
    reason ??= why;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // ESRCH: all are gone already.
    }
  };
  const watchdog = setInterval(() => {
    if (Date.now() - heard > silence)
      kill(`It gave no sign of life for ${silence / 1000} seconds: its code never yields.`);
  }, silence / 4);
  child.on('message', (raw) => {
    heard = Date.now();
    const said = saidBySensor.safeParse(raw);
    if (!said.success) return kill(`It said what no sensor says: ${z.prettifyError(said.error)}`);
    if (said.data.type === 'failed') reason ??= said.data.reason;
    else serve(child, said.data, sensor, port);
  });
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null) logLines(stream, (line) => port.log('info', line));
  const ended = new Promise<SensorEnd>((resolve) => {
    child.on('error', (error) => {
      reason ??= error.message;
    });
    child.on('exit', (code, signal) => {
      clearInterval(watchdog);
      kill();
      const exitCode = code ?? (signal === null ? -1 : -constants.signals[signal]);
      if (exitCode !== 0 && !stopping)
        reason ??= signal === null ? `It ended with exit code ${code}.` : `It was ended by ${signal}.`;
      resolve({ exitCode, ...(reason !== undefined && { reason }) });
    });
  });
  return {
    ended,
    async stop(grace) {
      stopping = true;
      tell(child, { type: 'stop' });
      const timer = setTimeout(() => kill(), grace);
      await ended;
      clearTimeout(timer);
    },
  };
}

type Question = Exclude<SaidBySensor, { type: 'failed' }>;

function serve(child: ChildProcess, said: Question, sensor: Sensor, port: SensorPort): void {
  if (said.type === 'log') port.log(said.level, said.message.slice(0, LONGEST_LINE));
  // z.json() is JSON
  else if (said.type === 'dispatch') answer(child, said.id, port.dispatch(said.events as readonly TriggerEvent[]));
  else if (said.type === 'keys') answer(child, said.id, onKeys(said, sensor, port));
}

async function onKeys(
  { operation, name, value, ttl, secret }: Extract<Question, { type: 'keys' }>,
  sensor: Sensor,
  { datastore }: SensorPort,
): Promise<unknown> {
  switch (operation) {
    case 'get':
      return (await datastore.get(name)) ?? null;
    case 'set':
      if (value === undefined) throw new Error(`The sensor ${sensor.ref} sets the key "${name}" without a value.`);
      await datastore.set(name, value, { ...(ttl !== undefined && { ttl }), ...(secret !== undefined && { secret }) });
      return null;
    case 'delete':
      return await datastore.delete(name);
    case 'list':
      return await datastore.list(name);
  }
}

function answer(child: ChildProcess, id: number, work: Promise<unknown>): void {
  work.then(
    (value) => tell(child, { type: 'answer', id, value: value ?? null }),
    (error: unknown) => tell(child, { type: 'answer', id, error: messageOf(error) }),
  );
}

function tell(child: ChildProcess, message: ToldToSensor): void {
  // A process that is gone needs no answer.
  if (child.connected) child.send(message, undefined, undefined, () => undefined);
}
