import type { JsonObject, Sensor, TriggerEvent } from '../model/index.ts';
import type { Datastore } from '../sdk/index.ts';
import type { Trigger } from './triggers.ts';

/** What starts one kind of sensor: in TypeScript, in Python. */
export interface SensorHost {
  /** Whether it is this kind. */
  handles(sensor: Sensor): boolean;
  /**
   * Whether a sensor that watches nothing but what rules ask for is left alone until one asks. StackStorm starts all of them, and its own
   * may do more than dispatch.
   */
  readonly onDemand: boolean;
  /** Starts one process. Rejects when there is none: the reason is a sentence. */
  start(sensor: Sensor, port: SensorPort): Promise<SensorProcess>;
}

/** A sensor's process. */
export interface SensorProcess {
  readonly pid: number;
  /** What was run, without anything secret. */
  readonly command: string;
  /** Never rejects. */
  readonly ended: Promise<SensorEnd>;
  /** Rules have begun to bind a trigger of the sensor's types, or have ceased to. */
  changeTrigger(change: 'add' | 'remove', trigger: Trigger): void;
  /** Lets it clean up, and ends it after five seconds all the same. Resolves when it is gone; never rejects. */
  stop(): Promise<void>;
}

export interface SensorEnd {
  /** As Python's subprocess: negative of a signal's number. */
  readonly exitCode: number;
  /** What was wrong; absent when it ended by itself with 0. */
  readonly reason?: string;
}

/** What a sensor's process may ask of Petrel. */
export interface SensorPort {
  /** The pack's configuration, resolved. */
  readonly config: JsonObject;
  /** The triggers of the sensor's types that rules bind now. */
  readonly triggers: readonly Trigger[];
  /** The sensor's own keys: names get `PACK.SENSOR:` in front. */
  readonly datastore: Datastore;
  /** Resolves when all are stored; rejects, and stores none, when one is refused. */
  dispatch(events: readonly TriggerEvent[]): Promise<void>;
  /** A line of the sensor's, for Petrel's log. */
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string): void;
}
