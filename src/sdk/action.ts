import type { z } from 'zod';
import type { KubernetesApi } from './kubernetes.ts';

/** What an action's `run` is handed. */
export interface ActionContext<Input> {
  /** The validated parameters. */
  readonly input: Input;
  /** Lines end up in the execution's output (stderr) and are kept with it. Known secrets are masked. */
  readonly logger: Logger;
  /** The pack's keys in the datastore, system scope. Names are global: prefix them with the pack's name. */
  readonly datastore: Datastore;
  /** The pack's configuration, resolved: templates rendered, secrets decrypted. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Aborts on timeout, cancellation and shutdown. Pass it to everything that waits. */
  readonly signal: AbortSignal;
  /** Which run this is. An action that ran before and was cut short runs again with a higher attempt. */
  readonly execution: { readonly id: string; readonly attempt: number; readonly user: string };
  /** The cluster this Petrel serves. Throws `PetrelError` (`unavailable`) when none is configured. */
  readonly kubernetes: KubernetesApi;
  /** Marks a value as secret: from now on it is masked in output, results, errors and logs. Returns it unchanged. */
  secret<T extends string>(value: T): T;
}

export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface Datastore {
  /** The value, decrypted when it is a secret; undefined when there is none. */
  get(name: string): Promise<string | undefined>;
  /** `ttl` in seconds. `secret` encrypts at rest and masks the value everywhere. */
  set(name: string, value: string, options?: { ttl?: number; secret?: boolean }): Promise<void>;
  delete(name: string): Promise<boolean>;
  list(prefix: string): Promise<readonly { name: string; secret: boolean }[]>;
}

export interface ActionDefinition<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodType = z.ZodType> {
  readonly kind: 'action';
  readonly name?: string;
  readonly description?: string;
  readonly input: Input;
  readonly output?: Output;
  /** Seconds until the run is aborted with status `timeout`. Default 600. */
  readonly timeout?: number;
  readonly concurrencyKey?: string;
  readonly retry?: { readonly count: number; readonly delay: number; readonly maxDelay?: number };
  run(context: ActionContext<z.output<Input>>): Promise<z.input<Output>>;
}

/**
 * Defines an action in TypeScript: the default export of a file in a pack's `actions/`. Its name is the file's name
 * unless given. Parameters come from `input` (a zod object): descriptions, defaults and enums become the action's
 * parameter schema. What `run` returns is the execution's `result.result`; an error thrown fails the execution with its message.
 *
 * - `timeout`: seconds, default 600.
 * - `concurrencyKey`: a template over the parameters; executions with equal keys run one at a time, in order.
 * - `retry`: after a `TransientError`, run again up to `count` times, waiting `delay` seconds, doubled each time up to `maxDelay` (60).
 */
export function defineAction<Input extends z.ZodObject, Output extends z.ZodType>(
  definition: Omit<ActionDefinition<Input, Output>, 'kind'>,
): ActionDefinition<Input, Output> {
  return { ...definition, kind: 'action' };
}

/** A string parameter or result field that must never be shown: `secret(z.string())`. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ ...schema.meta(), secret: true }) as T; // meta() returns the same schema type it was called on
}

/** A failure that may pass when tried again: a service that is down, a throttled call. The action's `retry` applies to it. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
}

/** Whether a thrown value is a `TransientError`, also when two copies of the SDK are loaded. */
export function isTransientError(error: unknown): error is TransientError {
  return error instanceof Error && error.name === 'TransientError';
}
