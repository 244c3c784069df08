import type { Json, JsonObject } from './json.ts';
import type { Resource } from './resource.ts';

/** A complaint about a pack's file. Lines and columns count from 1. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly pack: string;
  /** Path of the file, absolute. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** A full sentence: what is wrong, and what was expected. */
  readonly message: string;
}

/** A parameter as StackStorm writes it: JSON schema draft 4 with boolean `required`, `secret`, `immutable`, `position`. */
export interface ParameterSchema extends JsonObject {
  readonly type?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly required?: boolean;
  readonly secret?: boolean;
  readonly immutable?: boolean;
  readonly position?: number;
  readonly enum?: readonly Json[];
}

export type ParameterSchemas = Readonly<Record<string, ParameterSchema>>;

/** pack.yaml plus where it was found. */
export interface PackManifest {
  readonly ref: string;
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly author: string;
  readonly email?: string;
  readonly keywords?: readonly string[];
  readonly contributors?: readonly string[];
  /** Packs that it needs: names or git URLs, either with `=VERSION` behind. */
  readonly dependencies?: readonly string[];
  readonly path: string;
}

/** An action's metadata (stackstorm-packs.md, section 2). `ref` is `pack.name`. */
export interface Action {
  readonly ref: string;
  readonly pack: string;
  readonly name: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly runnerType: string;
  /** Path relative to the pack's `actions/`; empty for runners that need no file. */
  readonly entryPoint: string;
  /** Absolute path of the entry point; empty when there is none. */
  readonly entryPath: string;
  readonly parameters: ParameterSchemas;
  readonly outputSchema?: JsonObject;
  readonly tags?: readonly Tag[];
  readonly notify?: JsonObject;
  /**
   * Petrel's extension: a template over the parameters. Executions whose rendered keys are equal run one at a time,
   * in the order they were requested, whatever their action.
   */
  readonly concurrencyKey?: string;
  /** Petrel's extension: run the same execution again after a failure that the runner calls transient. */
  readonly retry?: RetryPolicy;
  /** Petrel's extension, of workflows only: seconds from its start after which it is cut short, with everything it started. */
  readonly timeout?: number;
  readonly metadataFile: string;
}

/** How often a failed attempt is repeated. Waits are seconds and double from `delay` up to `maxDelay`. */
export interface RetryPolicy {
  readonly count: number;
  readonly delay: number;
  readonly maxDelay: number;
}

export interface Tag {
  readonly name: string;
  readonly value: string;
}

/** A trigger type (section 8). */
export interface TriggerType {
  readonly ref: string;
  readonly pack: string;
  readonly name: string;
  readonly description?: string;
  readonly payloadSchema: JsonObject;
  readonly parametersSchema: JsonObject;
  readonly metadataFile?: string;
}

/** A rule (stackstorm-rules.md, section 1). */
export interface Rule {
  readonly ref: string;
  readonly pack: string;
  readonly name: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly type: 'standard' | 'backstop';
  readonly trigger: { readonly type: string; readonly parameters: JsonObject };
  readonly criteria: JsonObject;
  readonly action: { readonly ref: string; readonly parameters: JsonObject };
  readonly tags?: readonly Tag[];
  readonly context?: JsonObject;
  readonly metadataFile: string;
}

/** A sensor's metadata: of a class in Python, or of what `defineSensor` in TypeScript says. */
export interface Sensor {
  readonly ref: string;
  readonly pack: string;
  readonly className: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly entryPoint: string;
  readonly entryPath: string;
  readonly pollInterval?: number;
  readonly triggerTypes: readonly string[];
  readonly metadataFile: string;
}

/** A policy (stackstorm-packs.md, section 9): what is kept for all executions of one action. Parameters have their defaults filled in. */
export type Policy = ConcurrencyPolicy | RetryPolicyOfAction;

interface PolicyBase {
  readonly ref: string;
  readonly pack: string;
  readonly name: string;
  readonly description?: string;
  readonly enabled: boolean;
  /** The action's reference. */
  readonly resourceRef: string;
  readonly metadataFile: string;
}

/** How many executions of the action run at one time; with `attributes`, how many of those that were given equal values for these. */
export interface ConcurrencyPolicy extends PolicyBase {
  readonly policyType: 'action.concurrency' | 'action.concurrency.attr';
  readonly parameters: {
    readonly threshold: number;
    /** What becomes of those that are too many. */
    readonly action: 'delay' | 'cancel';
    readonly attributes?: readonly string[];
  };
}

/** Executions that end so are requested again, as new ones. */
export interface RetryPolicyOfAction extends PolicyBase {
  readonly policyType: 'action.retry';
  readonly parameters: {
    readonly retry_on: 'failure' | 'timeout';
    readonly max_retry_count: number;
    /** Seconds. */
    readonly delay: number;
  };
}

/** An action alias (section 10): a chat command for an action. Templates are unrendered. */
export interface ActionAlias {
  readonly ref: string;
  readonly pack: string;
  readonly name: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly actionRef: string;
  readonly formats: readonly AliasFormatDefinition[];
  /** `enabled`, `format`, `extra`, `append_url`. */
  readonly ack?: JsonObject;
  /** `enabled`, `format`, `extra`. */
  readonly result?: JsonObject;
  /** Of the chat's adapter. */
  readonly extra?: JsonObject;
  readonly immutableParameters?: JsonObject;
  readonly metadataFile: string;
}

/** One entry of an alias' `formats`, as its file says it. */
export type AliasFormatDefinition =
  | string
  | {
      readonly display?: string;
      readonly representation?: string | readonly string[];
      readonly match_multiple?: boolean;
    };

/** All that one pack folder holds. Files that were refused are in `problems`; the rest is usable. */
export interface PackContent {
  readonly manifest: PackManifest;
  readonly actions: readonly Action[];
  readonly triggerTypes: readonly TriggerType[];
  readonly rules: readonly Rule[];
  readonly sensors: readonly Sensor[];
  readonly resources: readonly Resource[];
  readonly policies: readonly Policy[];
  readonly aliases: readonly ActionAlias[];
  /** config.schema.yaml: property name to schema. */
  readonly configSchema: Readonly<Record<string, ParameterSchema>>;
  /** Values with the schema's defaults filled in; templates (`{{ st2kv... }}`) still unrendered. */
  readonly config: JsonObject;
  readonly problems: readonly Problem[];
}
