import { z } from 'zod';
import type { JsonObject } from '../model/index.ts';
import type { SensorTrigger } from '../sdk/index.ts';

/** What a sensor's process says. It runs code of a pack, so nothing is believed before it was checked. */
export const saidBySensor = z.discriminatedUnion('type', [
  z.object({ type: z.literal('beat') }),
  z.object({
    type: z.literal('dispatch'),
    id: z.number(),
    events: z.array(
      z.object({
        trigger: z.string().min(1),
        parameters: z.record(z.string(), z.json()),
        payload: z.record(z.string(), z.json()),
        dedupeKey: z.string().optional(),
        traceTag: z.string().optional(),
      }),
    ),
  }),
  z.object({
    type: z.literal('keys'),
    id: z.number(),
    operation: z.enum(['get', 'set', 'delete', 'list']),
    /** Of `list`, the prefix. */
    name: z.string(),
    value: z.string().optional(),
    ttl: z.number().optional(),
    secret: z.boolean().optional(),
  }),
  z.object({ type: z.literal('log'), level: z.enum(['debug', 'info', 'warn', 'error']), message: z.string() }),
  z.object({ type: z.literal('failed'), reason: z.string() }),
]);
export type SaidBySensor = z.output<typeof saidBySensor>;

/** What a sensor's process is told. */
export type ToldToSensor =
  | {
      readonly type: 'start';
      readonly file: string;
      readonly cacheDirectory: string;
      readonly config: JsonObject;
      readonly triggers: readonly SensorTrigger[];
    }
  | { readonly type: 'trigger'; readonly change: 'add' | 'remove'; readonly trigger: SensorTrigger }
  | { readonly type: 'answer'; readonly id: number; readonly value?: unknown; readonly error?: string }
  | { readonly type: 'stop' };

/** Milliseconds between two signs of life. */
export const BEAT = 1_000;
