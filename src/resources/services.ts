import type { Registry as MetricsRegistry } from 'prom-client';
import type { Masker } from '../datastore/index.ts';
import type { Jinja } from '../expressions/index.ts';
import type { Clock, KubernetesClient, WatchTiming } from '../kubernetes/index.ts';
import type { Execution, Id, Json, JsonObject } from '../model/index.ts';
import type { Registry } from '../packs/index.ts';
import type { Logger } from '../sdk/index.ts';
import type { Store } from '../store/index.ts';

/** The executions room as this one, which lies below it, needs it; the composition root hands it in. */
export interface ResourceExecutions {
  /** Validates parameters, which are data, and makes a requested execution; stores nothing. Throws `PetrelError`. */
  prepare(draft: {
    readonly actionRef: string;
    readonly parameters: JsonObject;
    readonly user: string;
    readonly context: JsonObject;
  }): Promise<Execution>;
  /** Tells that executions were stored. */
  announce(executions: readonly Execution[]): void;
  /** One that has ended throws `conflict`. */
  cancel(id: Id, user: string): Promise<unknown>;
  /** Called when an execution of this process ends. Answers a function that ends the subscription. */
  onEnd(listener: (execution: Execution) => void): () => void;
}

export interface ResourceServices {
  readonly store: Store;
  readonly registry: Registry;
  readonly client: KubernetesClient;
  readonly executions: ResourceExecutions;
  readonly metrics: MetricsRegistry;
  readonly masker: Masker;
  readonly jinja: Jinja;
  readonly log: Logger;
  readonly clock: Clock;
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** A stored result in clear text; its secrets become known to the masker. */
  open(result: Json): Json;
  /** A pack's configuration, resolved. */
  config(pack: string): Promise<JsonObject>;
  /** Milliseconds that a node may be silent before another takes over. Default 15,000. */
  readonly leaseDuration?: number;
  readonly timing?: Partial<WatchTiming>;
}

/** Who requests what this room requests. */
export const USER = 'petrel';
