import type { Id } from './ids.ts';
import type { JsonObject } from './json.ts';

/** A custom resource kind that a pack declares, with what brings the outside world to what its objects wish. */
export interface Resource {
  readonly ref: string;
  readonly pack: string;
  readonly name: string;
  readonly description?: string;
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  /** The first is the one that is stored; each is converted to what handlers know when it is read. */
  readonly versions: readonly ResourceVersion[];
  readonly columns: readonly PrinterColumn[];
  /** Whether the CustomResourceDefinition is applied at the start. It is never deleted. */
  readonly install: boolean;
  readonly create: ResourceHandler;
  /** Absent: `create` is run again, which must then bring what exists to what is wished. */
  readonly update?: ResourceHandler;
  readonly delete: ResourceHandler;
  /** Looks at what one object stands for. */
  readonly observe?: ResourceHandler;
  /** Looks at everything that exists, once for all objects. */
  readonly list?: ResourceHandler;
  /** Seconds between looks at the outside world. */
  readonly resync: number;
  readonly driftPolicy: 'report' | 'correct';
  readonly deletionPolicy: 'delete' | 'retain' | 'snapshot';
  readonly adoptionPolicy: 'never' | 'owned' | 'any';
  readonly orphanPolicy: 'report' | 'delete';
  /** What becomes of a running handler when the object's wishes change. */
  readonly superseded: 'cancel' | 'finish';
  /** Template. Executions for objects with equal keys run one at a time. Absent: one at a time per object. */
  readonly concurrencyKey?: string;
  readonly dependencies: readonly ResourceDependency[];
  /** Seconds to wait after a handler failed, doubled each time up to `maxDelay`. */
  readonly retry: { readonly delay: number; readonly maxDelay: number };
  readonly metadataFile: string;
}

export interface ResourceVersion {
  readonly name: string;
  /** Structural schema of `spec`. */
  readonly schema: JsonObject;
  /** Templates over `spec` that make the spec that handlers see. Absent: the fields are the same. */
  readonly convert?: JsonObject;
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly description?: string;
  readonly priority?: number;
}

/** An action or workflow, what it is given and how its result is read. */
export interface ResourceHandler {
  readonly action: string;
  /** Templates over `resource`, `desired`, `observed`, `outputs`, `owner`, `config`, `policy`. */
  readonly input: JsonObject;
  /** Templates over `result` (and `item`) beside those of `input`. Absent: the result is what is meant. */
  readonly result?: JsonObject;
  /** Seconds after which the run is cut short and counts as failed. */
  readonly timeout: number;
}

export interface ResourceDependency {
  readonly kind: string;
  /** Template over `resource` and `desired`. An empty name is no dependency. */
  readonly name: string;
}

export type HandlerName = 'create' | 'update' | 'delete' | 'observe';

/** What is stored of one object: what was done for it, and what is being done. */
export interface ResourceRecord {
  readonly uid: string;
  /** Reference of the declared resource, `pack.name`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** The newest generation that was brought about; 0: none. */
  readonly generation: number;
  /** Whether there is something outside: not yet, for certain, or unknown because a handler was cut short. */
  readonly exists: 'no' | 'maybe' | 'yes';
  /** What was requested and is not concluded. */
  readonly intent?: ResourceIntent;
  readonly outputs: JsonObject;
  /** Observations made before this time say nothing about now. Epoch milliseconds. */
  readonly settledAt: number;
  readonly failure?: ResourceFailure;
  /** The object as it was last seen, without status and managed fields: for handlers that run when it is gone. */
  readonly object: JsonObject;
  /** Counts writes: a node that acts on an older one is refused. 0: not stored yet. */
  readonly revision: number;
}

export interface ResourceIntent {
  readonly handler: HandlerName;
  readonly generation: number;
  readonly executionId: Id;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Why it is being cut short. */
  readonly canceling?: 'superseded' | 'timeout';
}

export interface ResourceFailure {
  /** A word for machines, CamelCase. */
  readonly reason: string;
  readonly message: string;
  readonly generation: number;
  readonly handler: HandlerName;
  /** How often in a row. */
  readonly count: number;
  /** It did not fail: the handler said what must come first. */
  readonly waits?: true;
  /** Epoch milliseconds. Absent: not before the object's wishes change, or somebody asks. */
  readonly retryAt?: number;
}
