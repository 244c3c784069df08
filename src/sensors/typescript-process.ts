/**
 * The process of one TypeScript sensor: loads it, runs it, and carries what it wants to Petrel over the channel to its parent. It ends with
 * that channel, whatever the sensor does, unless the sensor's code never yields.
 */
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { format } from 'node:util';
import { messageOf } from '../model/index.ts';
import { createModuleLoader } from '../packs/index.ts';
import type { Datastore, SensorContext, SensorDefinition, SensorEvent, SensorTrigger } from '../sdk/index.ts';
import { BEAT, type SaidBySensor, type ToldToSensor } from './typescript-messages.ts';

/** Events that are under way at a time; more wait here, in the sensor's own memory. */
const WINDOW = 500;
const POLL_TIMEOUT = 300;
/** Milliseconds; the parent kills a second later. */
const CLEANUP = 4_000;

const stopping = new AbortController();
const asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
let triggers: readonly SensorTrigger[] = [];
let lastId = 0;
let sensor: { readonly definition: SensorDefinition; readonly context: SensorContext } | undefined;

process.on('message', (told: ToldToSensor) => {
  switch (told.type) {
    case 'start':
      main(told).then(
        () => leave(0),
        (error: unknown) => fail(error),
      );
      return;
    case 'trigger':
      changeTrigger(told.change, told.trigger).catch(fail);
      return;
    case 'answer': {
      const waiting = asked.get(told.id);
      asked.delete(told.id);
      if (told.error === undefined) waiting?.resolve(told.value);
      else waiting?.reject(new Error(told.error));
      return;
    }
    case 'stop':
      stopping.abort();
      setTimeout(() => leave(0), CLEANUP).unref();
  }
});
process.on('disconnect', () => process.exit(0));
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
setInterval(() => say({ type: 'beat' }), BEAT).unref();

async function main(start: Extract<ToldToSensor, { type: 'start' }>): Promise<void> {
  process.chdir(dirname(start.file));
  const { file, cacheDirectory, config } = start;
  const definition = await createModuleLoader({ cacheDirectory }).readSensor(file);
  triggers = start.triggers;
  const context: SensorContext = {
    dispatch,
    triggers: () => triggers,
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    datastore,
    config,
    signal: stopping.signal,
  };
  sensor = { definition, context };
  const seconds = definition.pollTimeout ?? POLL_TIMEOUT;
  await within(seconds, 'setup', async () => definition.setup?.(context));
  for (const trigger of triggers) await definition.addTrigger?.(trigger, context);
  if (stopping.signal.aborted) log('debug')('It was stopped before it ran.');
  else if (definition.poll === undefined) await definition.run?.(context);
  else await pollOn(definition, context, seconds);
  await definition.cleanup?.(context);
}

async function pollOn(definition: SensorDefinition, context: SensorContext, seconds: number): Promise<void> {
  const wait = (definition.pollInterval ?? 5) * 1000;
  while (!stopping.signal.aborted) {
    await within(seconds, 'poll', async () => definition.poll?.(context));
    await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
  }
}

/** Rejects when the work takes too long; a stop in between ends the waiting. */
async function within(seconds: number, what: string, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Its ${what} did not end within ${seconds} seconds.`)), seconds * 1000);
  });
  try {
    await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function changeTrigger(change: 'add' | 'remove', trigger: SensorTrigger): Promise<void> {
  triggers = triggers.filter(({ id }) => id !== trigger.id);
  if (change === 'add') triggers = [...triggers, trigger];
  if (sensor === undefined) return;
  const { definition, context } = sensor;
  if (change === 'add') await definition.addTrigger?.(trigger, context);
  else await definition.removeTrigger?.(trigger, context);
}

let underWay = 0;
const waiting: (() => void)[] = [];

async function dispatch(given: SensorEvent | readonly SensorEvent[]): Promise<void> {
  const list = isList(given) ? given : [given];
  if (list.length === 0) return;
  // One call is one transaction, however large; only several calls wait for each other.
  while (underWay >= WINDOW) await new Promise<void>((resolve) => waiting.push(resolve));
  underWay += list.length;
  try {
    await ask((id) => ({ type: 'dispatch', id, events: list.map(plainEvent) }));
  } finally {
    underWay -= list.length;
    for (const go of waiting.splice(0)) go();
  }
}

function isList(given: SensorEvent | readonly SensorEvent[]): given is readonly SensorEvent[] {
  return Array.isArray(given);
}

function plainEvent({ trigger, payload, dedupeKey, traceTag }: SensorEvent) {
  const { type, parameters } = typeof trigger === 'string' ? { type: trigger, parameters: {} } : trigger;
  return {
    trigger: type,
    parameters: parameters as Record<string, never>, // the parent checks that it is JSON
    payload: payload as Record<string, never>, // likewise
    ...(dedupeKey !== undefined && { dedupeKey }),
    ...(traceTag !== undefined && { traceTag }),
  };
}

// The answers are the parent's own words for these questions.
const datastore: Datastore = {
  get: async (name) =>
    ((await ask((id) => ({ type: 'keys', id, operation: 'get', name }))) as string | null) ?? undefined,
  async set(name, value, options = {}) {
    await ask((id) => ({ type: 'keys', id, operation: 'set', name, value, ...options }));
  },
  delete: async (name) => (await ask((id) => ({ type: 'keys', id, operation: 'delete', name }))) as boolean,
  list: async (prefix) =>
    (await ask((id) => ({ type: 'keys', id, operation: 'list', name: prefix }))) as Awaited<
      ReturnType<Datastore['list']>
    >,
};

function ask(question: (id: number) => SaidBySensor): Promise<unknown> {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    asked.set(id, { resolve, reject });
    say(question(id));
  });
}

function say(message: SaidBySensor): void {
  // The parent may be gone; then this process ends, too.
  process.send?.(message, undefined, undefined, () => undefined);
}

function log(level: 'debug' | 'info' | 'warn' | 'error') {
  return (message: string) => say({ type: 'log', level, message: format(message) });
}

function fail(error: unknown): void {
  if (stopping.signal.aborted || process.send === undefined) leave(stopping.signal.aborted ? 0 : 1);
  else {
    const reason = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
    process.send({ type: 'failed', reason } satisfies SaidBySensor, undefined, undefined, () => leave(1));
  }
}

function leave(code: number): void {
  process.exit(code);
}
