import { constants } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { RunTokens } from '../executions/index.ts';
import {
  isJsonObject,
  type Json,
  type JsonObject,
  messageOf,
  PetrelError,
  type Sensor,
  type TriggerEvent,
} from '../model/index.ts';
import { childEnvironment, type PythonEnd, type PythonHost, type PythonProcess } from '../runners/index.ts';
import { logLines } from './log-lines.ts';
import type { SensorEnd, SensorHost, SensorPort, SensorProcess } from './sensor-host.ts';

export interface PythonSensorSettings {
  readonly python: PythonHost;
  /** Where a pack lies; undefined when it is not registered. */
  packFolder(pack: string): string | undefined;
  /** With which sensors call the API, for their keys. */
  readonly tokens: RunTokens;
  /** Base URL of the API, with its version. */
  apiUrl(): string;
  /** Milliseconds between SIGTERM and SIGKILL. Default 5,000, as StackStorm. */
  readonly grace?: number;
}

/** Whom a sensor acts as, as StackStorm's system_user. */
const SENSOR_USER = 'stanley';

const GRACE = 5_000;

/** Milliseconds that a start waits for the pack's environment. */
const PATIENCE = 5_000;

/** Sensors in Python (stackstorm-packs.md, section 7), each in a process forked from the warm interpreter of its pack. */
export function pythonSensorHost(settings: PythonSensorSettings): SensorHost {
  return {
    handles: ({ entryPath }) => entryPath.endsWith('.py'),
    onDemand: false,
    start: (sensor, port) => startSensor(settings, sensor, port),
  };
}

async function startSensor(settings: PythonSensorSettings, sensor: Sensor, port: SensorPort): Promise<SensorProcess> {
  const folder = settings.packFolder(sensor.pack);
  if (folder === undefined) {
    throw new PetrelError('not_found', `The pack "${sensor.pack}" of the sensor ${sensor.ref} is not registered.`);
  }
  const pack = { ref: sensor.pack, path: folder };
  const token = settings.tokens.issue({ user: SENSOR_USER, pack: sensor.pack });
  const conversation = new Conversation(sensor, port, settings.grace ?? GRACE);
  try {
    const { python } = await soon(settings.python.prepare(pack), sensor);
    const child = await settings.python.launch({
      kind: 'sensor',
      pack,
      file: sensor.entryPath,
      paths: [join(folder, 'lib'), join(folder, 'sensors')],
      environment: childEnvironment(undefined, { ST2_API_URL: settings.apiUrl(), ST2_AUTH_TOKEN: token }, String),
      request: {
        class_name: sensor.className,
        config: port.config,
        poll_interval: sensor.pollInterval ?? null,
        triggers: port.triggers.map((trigger) => ({ ...trigger })),
      },
      listeners: conversation,
    });
    conversation.child = child;
    const ended = child.ended.then((end) => {
      settings.tokens.revoke(token);
      return conversation.endOf(end);
    });
    await child.started;
    return {
      pid: child.pid ?? 0,
      command: `${python} ${sensor.entryPath} (${sensor.className})`,
      ended,
      changeTrigger: (change, trigger) => child.send({ [change]: { ...trigger } }),
      async stop() {
        child.end(settings.grace ?? GRACE);
        await ended;
      },
    };
  } catch (error) {
    settings.tokens.revoke(token);
    throw error;
  }
}

/** Making an environment may take minutes, in which the sensor can be neither stopped nor started anew: it is tried again later. */
async function soon<T>(work: Promise<T>, { pack }: Sensor): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const why = `the Python environment of pack "${pack}" is still being made; the sensor starts when it is there`;
    timer = setTimeout(() => reject(new PetrelError('unavailable', why)), PATIENCE);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a sensor says, and how it is answered. */
class Conversation {
  child: PythonProcess | undefined;
  readonly #sensor: Sensor;
  readonly #port: SensorPort;
  readonly #grace: number;
  readonly #printed = { stdout: new PassThrough(), stderr: new PassThrough() };
  #problem: string | undefined;

  constructor(sensor: Sensor, port: SensorPort, grace: number) {
    this.#sensor = sensor;
    this.#port = port;
    this.#grace = grace;
    for (const stream of Object.values(this.#printed)) logLines(stream, (line) => port.log('info', line));
  }

  /** What a sensor prints goes to the log, as much of it as anybody reads. */
  output(stream: 'stdout' | 'stderr', data: string): void {
    this.#printed[stream].write(data);
  }

  message(line: string): void {
    const said = parsed(line);
    if (said === undefined || !isKnown(said)) {
      this.#giveUp(`it wrote on Petrel's own connection what is no message: ${line.slice(0, 100)}`);
    } else if (typeof said.error === 'string') this.#problem ??= said.error;
    else if (typeof said.dispatch === 'number') void this.#dispatch(said.dispatch, said.event);
  }

  endOf({ exitCode, lost }: PythonEnd): SensorEnd {
    for (const stream of Object.values(this.#printed)) stream.end();
    if (lost) return { exitCode, reason: 'the process that watches over it was killed, and the sensor with it' };
    if (this.#problem !== undefined) return { exitCode, reason: this.#problem };
    return exitCode === 0 ? { exitCode } : { exitCode, reason: describeExit(exitCode) };
  }

  /** Answered when it is stored, and not before. */
  async #dispatch(number: number, said: Json | undefined): Promise<void> {
    const event = eventOf(said);
    if (event === undefined) {
      this.#giveUp('it dispatched what is no event: a trigger, parameters and a payload are expected');
      return;
    }
    try {
      await this.#port.dispatch([event]);
      this.child?.send({ answer: number });
    } catch (error) {
      const refused = error instanceof PetrelError && error.code === 'invalid';
      this.child?.send({ answer: number, [refused ? 'refused' : 'failed']: messageOf(error) });
    }
  }

  #giveUp(problem: string): void {
    this.#problem ??= `${this.#sensor.ref} was stopped, because ${problem}.`;
    this.child?.end(this.#grace);
  }
}

function parsed(line: string): JsonObject | undefined {
  try {
    const said = JSON.parse(line) as Json; // what JSON.parse answers is JSON
    return isJsonObject(said) ? said : undefined;
  } catch {
    return undefined;
  }
}

function isKnown(said: JsonObject): boolean {
  return said.running === true || typeof said.error === 'string' || typeof said.dispatch === 'number';
}

function eventOf(said: Json | undefined): TriggerEvent | undefined {
  if (!isJsonObject(said)) return undefined;
  const { trigger, parameters = {}, payload = {}, trace_tag: traceTag } = said;
  if (typeof trigger !== 'string' || !isJsonObject(parameters) || !isJsonObject(payload)) return undefined;
  return { trigger, parameters, payload, ...(typeof traceTag === 'string' && { traceTag }) };
}

function describeExit(exitCode: number): string {
  if (exitCode >= 0) return `it ended with exit code ${exitCode}`;
  const name = Object.entries(constants.signals).find(([, value]) => value === -exitCode)?.[0];
  return `it was ended by ${name ?? 'a signal'} (signal ${-exitCode})`;
}
