import type { Registry as MetricsRegistry } from 'prom-client';
import type { KeyValueStore, Masker } from '../datastore/index.ts';
import type { EventSink } from '../events/index.ts';
import type { Executions, RunnerType } from '../executions/index.ts';
import type { ActionProvider, ParameterSchemas } from '../model/index.ts';
import type { ContentStore, LiveRegistry } from '../packs/index.ts';
import type { Resources } from '../resources/index.ts';
import type { Logger } from '../sdk/index.ts';
import type { Store } from '../store/index.ts';

/** What the HTTP surface needs of the running system. */
export interface ApiServices {
  readonly store: Store;
  readonly registry: LiveRegistry;
  /** What is made through these routes. */
  readonly content: ContentStore;
  readonly runnerTypes: ReadonlyMap<string, RunnerType>;
  /** Of actions that no pack's file describes. */
  readonly provider?: ActionProvider;
  readonly executions: Executions;
  readonly events: EventSink;
  readonly keys: KeyValueStore;
  readonly masker: Masker;
  /** Absent: no cluster is configured. */
  readonly resources?: Resources;
  /** What GET /metrics shows. */
  readonly metrics: MetricsRegistry;
  readonly log: Logger;
  readonly version: string;
  /** The administrator's token. */
  readonly token: string;
  readonly now: () => number;
  runnerParameters(runnerType: string): ParameterSchemas | undefined;
  /** Whether everything Petrel needs is there; a reason for each that is not. */
  health(): Promise<readonly string[]>;
}
