import type { z } from 'zod';
import type { Datastore, Logger } from './action.ts';

/** A trigger type with the parameters that a rule binds, as a sensor is told of it. */
export interface SensorTrigger {
  readonly id: string;
  readonly ref: string;
  /** The trigger type's reference, `pack.name`. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What a sensor hands over. */
export interface SensorEvent {
  /** A trigger type of any pack, `pack.name`; or a trigger as the sensor was told of it, which means its parameters, too. */
  readonly trigger: string | Pick<SensorTrigger, 'type' | 'parameters'>;
  readonly payload: Readonly<Record<string, unknown>>;
  /** A second event with the same key is a no-op: for what may be seen twice, as after a restart. */
  readonly dedupeKey?: string;
  readonly traceTag?: string;
}

/** What a sensor's functions are handed. */
export interface SensorContext {
  /**
   * Resolves when the events are stored and cannot be lost any more; with a list all of them or none. Rejects when one is refused: its
   * trigger type is unknown, or its payload does not fit.
   */
  dispatch(events: SensorEvent | readonly SensorEvent[]): Promise<void>;
  /** The triggers of the sensor's own types: those that rules bind now, and one for each type without parameters. */
  triggers(): readonly SensorTrigger[];
  /** Lines end up in Petrel's log, known secrets masked. So does what the sensor prints. */
  readonly logger: Logger;
  /** The sensor's own keys in the datastore; their names begin with `PACK.SENSOR:`. */
  readonly datastore: Datastore;
  /** The pack's configuration, resolved. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Aborts when the sensor is to stop. Pass it to everything that waits. */
  readonly signal: AbortSignal;
}

export interface SensorTriggerType {
  readonly name: string;
  readonly description?: string;
  /** What the payload must be; absent: anything. */
  readonly payload?: z.ZodObject;
  /** What rules may bind; absent: nothing. */
  readonly parameters?: z.ZodObject;
}

export interface SensorDefinition {
  readonly kind: 'sensor';
  readonly name?: string;
  readonly description?: string;
  readonly enabled?: boolean;
  /** The kinds of event that it brings into being. */
  readonly triggerTypes: readonly SensorTriggerType[];
  /** Seconds between two polls. Default 5. */
  readonly pollInterval?: number;
  /** Seconds one poll may take; then the sensor is started anew. Default 300. */
  readonly pollTimeout?: number;
  setup?(context: SensorContext): Promise<void> | void;
  /** Of a passive sensor: works until the signal aborts. When it returns before that, the sensor is over. */
  run?(context: SensorContext): Promise<void> | void;
  /** Of a polling sensor. */
  poll?(context: SensorContext): Promise<void> | void;
  cleanup?(context: SensorContext): Promise<void> | void;
  addTrigger?(trigger: SensorTrigger, context: SensorContext): Promise<void> | void;
  removeTrigger?(trigger: SensorTrigger, context: SensorContext): Promise<void> | void;
}

/**
 * Defines a sensor in TypeScript: the default export of a file in a pack's `sensors/`. Its name is the file's unless given. It runs in a
 * process of its own, on one node, and is started anew when it fails. Give it either `run` or `poll`.
 */
export function defineSensor(definition: Omit<SensorDefinition, 'kind'>): SensorDefinition {
  return { ...definition, kind: 'sensor' };
}
