import type { z } from 'zod';

/** An action or workflow of a pack, by reference, with templates that make its input. */
export interface HandlerDefinition {
  /** `pack.name`; without a pack, an action of the same pack. */
  readonly action: string;
  /**
   * Templates over `resource` (the object), `desired` (its spec), `observed` (what was last seen outside), `outputs`, `owner`
   * (`name`, `tag`), `config` and `policy`. A text that is one expression keeps the expression's type.
   */
  readonly input?: Readonly<Record<string, unknown>>;
  /** Templates over `result` beside those of `input`, for actions that do not answer what is read here. */
  readonly result?: Readonly<Record<string, unknown>>;
  /** Seconds, default 3600. */
  readonly timeout?: number;
}

export interface ResourceVersionDefinition {
  readonly name: string;
  /** The spec's schema. */
  readonly spec: z.ZodObject;
  /** Templates over `spec` that make the spec that handlers see. */
  readonly convert?: Readonly<Record<string, unknown>>;
}

export interface ResourceDefinition {
  readonly definition: 'resource';
  /** Default: the kind in lower case. */
  readonly name?: string;
  readonly description?: string;
  readonly group: string;
  readonly kind: string;
  readonly plural?: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly scope?: 'Namespaced' | 'Cluster';
  readonly versions: readonly ResourceVersionDefinition[];
  readonly columns?: readonly {
    readonly name: string;
    readonly type: string;
    readonly jsonPath: string;
    readonly description?: string;
    readonly priority?: number;
  }[];
  readonly install?: boolean;
  readonly create: HandlerDefinition;
  readonly update?: HandlerDefinition;
  readonly delete: HandlerDefinition;
  readonly observe?: HandlerDefinition;
  readonly list?: HandlerDefinition;
  readonly resync?: number;
  readonly driftPolicy?: 'report' | 'correct';
  readonly deletionPolicy?: 'delete' | 'retain' | 'snapshot';
  readonly adoptionPolicy?: 'never' | 'owned' | 'any';
  readonly orphanPolicy?: 'report' | 'delete';
  readonly superseded?: 'cancel' | 'finish';
  readonly concurrencyKey?: string;
  readonly dependencies?: readonly { readonly kind: string; readonly name: string }[];
  readonly retry?: { readonly delay: number; readonly maxDelay?: number };
}

/**
 * Declares a custom resource kind in TypeScript: the default export of a file in a pack's `resources/`. The same keys as in YAML,
 * but for a version's schema, which is a zod object under `spec`. From it come the CustomResourceDefinition, the watch, finalizer,
 * ordering, retries, drift, status and events; the handlers only do their work. See docs/resources.md.
 */
export function defineResource(definition: Omit<ResourceDefinition, 'definition'>): ResourceDefinition {
  return { ...definition, definition: 'resource' };
}
