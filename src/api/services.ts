import type { Registry as MetricsRegistry } from 'prom-client';
import type { Access } from '../access/index.ts';
import type { KeyValueStore, Masker } from '../datastore/index.ts';
import type { EventSink } from '../events/index.ts';
import type { AliasCommands, Executions, RunnerType } from '../executions/index.ts';
import type { Jinja } from '../expressions/index.ts';
import type { ActionProvider, ParameterSchemas } from '../model/index.ts';
import type { ContentStore, LiveRegistry, RegistrySnapshot } from '../packs/index.ts';
import type { Resources } from '../resources/index.ts';
import type { Logger } from '../sdk/index.ts';
import type { PackSensors } from '../sensors/index.ts';
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
  readonly aliases: AliasCommands;
  readonly jinja: Jinja;
  /** Reads all packs again, changed or not. */
  readPacks(): Promise<RegistrySnapshot>;
  readonly keys: KeyValueStore;
  readonly masker: Masker;
  /** Absent: no cluster is configured. */
  readonly resources?: Resources;
  /** Absent until they have started. */
  sensors(): PackSensors | undefined;
  /** What GET /metrics shows. */
  readonly metrics: MetricsRegistry;
  readonly log: Logger;
  readonly version: string;
  /** Who may do what. */
  readonly access: Access;
  readonly http: HttpSettings;
  readonly now: () => number;
  runnerParameters(runnerType: string): ParameterSchemas | undefined;
  /** Whether the process works, by itself; a reason for each thing that does not. */
  health(): Promise<readonly string[]>;
  /** Whether all that it needs is there; likewise. */
  readiness(): Promise<readonly string[]>;
  /** A line for each request that was answered. */
  requestLog(entry: RequestLogEntry): void;
}

export interface HttpSettings {
  /** Origins whose pages may use the API from a browser, e.g. `https://st2web.example`; none by default. */
  readonly corsOrigins: readonly string[];
  /** Cookies over TLS only, and browsers are told to stay there. */
  readonly secureCookies: boolean;
  /** Where an API key is taken from the address: webhooks of services that cannot send a header, or nowhere. */
  readonly apiKeyInUrl: 'webhooks' | 'never';
  /** Address of Petrel as browsers see it. */
  readonly publicUrl?: string;
  /** Whether the last entry of `X-Forwarded-For` says who calls: only behind a proxy that adds it. */
  readonly trustProxy: boolean;
}

export interface RequestLogEntry {
  readonly request_id: string;
  /** Of the `traceparent` that came along, or a new one. */
  readonly trace_id: string;
  readonly method: string;
  /** The route, without what stands in its place: paths may hold names that are nobody's business. */
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly user: string;
  readonly address: string;
}
