import type { EventSink } from '../events/index.ts';
import type { Clock } from '../kubernetes/index.ts';
import { type JsonObject, PetrelError, type Sensor } from '../model/index.ts';
import type { Datastore, Logger } from '../sdk/index.ts';
import { persist } from './delivery.ts';
import type { SensorPort } from './sensor-host.ts';
import type { Trigger } from './triggers.ts';

/** What a sensor's process may ask of Petrel, made for one process. */
export function createSensorPort(
  sensor: Sensor,
  services: {
    readonly events: EventSink;
    readonly datastore: Datastore;
    readonly clock: Clock;
    readonly log: Logger;
    readonly config: JsonObject;
    readonly triggers: readonly Trigger[];
    /** Ends the waiting for a database in trouble. */
    readonly signal: AbortSignal;
  },
): SensorPort {
  const { events, clock, log, config, triggers, signal } = services;
  return {
    config,
    triggers,
    datastore: prefixed(`${sensor.pack}.${sensor.className}:`, services.datastore),
    async dispatch(given) {
      const context = { events, clock, log, random: Math.random, signal };
      // A database in trouble is waited for; an event that is wrong is the sensor's own affair.
      const refused = await persist(context, `Storing events of the sensor ${sensor.ref}`, () =>
        events.dispatch(given, async (_, reasons) => throwFirst(reasons)).then(() => undefined, reasonOf),
      );
      if (refused !== undefined) throw new PetrelError('invalid', refused);
    },
    log: (level, message) => log[level](`[${sensor.ref}] ${message}`),
  };
}

/** Told apart from what a database says. */
class Refused extends Error {}

function throwFirst([reason]: readonly string[]): void {
  if (reason !== undefined) throw new Refused(reason);
}

function reasonOf(error: unknown): string {
  if (error instanceof Refused) return error.message;
  throw error;
}

function prefixed(prefix: string, datastore: Datastore): Datastore {
  return {
    get: (name) => datastore.get(`${prefix}${name}`),
    set: (name, value, options) => datastore.set(`${prefix}${name}`, value, options),
    delete: (name) => datastore.delete(`${prefix}${name}`),
    list: async (part) =>
      (await datastore.list(`${prefix}${part}`)).map(({ name, secret }) => ({
        name: name.slice(prefix.length),
        secret,
      })),
  };
}
