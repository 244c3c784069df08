import type { Registry as MetricsRegistry } from 'prom-client';
import type { KeyValueStore, Masker } from '../datastore/index.ts';
import type { EventSink } from '../events/index.ts';
import type { AliasCommands, Executions, RunTokens } from '../executions/index.ts';
import type { Jinja } from '../expressions/index.ts';
import type { ActionProvider, ParameterSchemas } from '../model/index.ts';
import type { Registry, RegistrySnapshot } from '../packs/index.ts';
import type { Resources } from '../resources/index.ts';
import type { Logger } from '../sdk/index.ts';
import type { PackSensors } from '../sensors/index.ts';
import type { Store } from '../store/index.ts';

/** What the HTTP surface needs of the running system. */
export interface ApiServices {
  readonly store: Store;
  readonly registry: Registry;
  /** Of actions that no pack's file describes. */
  readonly provider?: ActionProvider;
  readonly executions: Executions;
  readonly events: EventSink;
  readonly aliases: AliasCommands;
  readonly jinja: Jinja;
  /** Reads all packs again, changed or not. */
  readPacks(): Promise<RegistrySnapshot>;
  /** Folder of `<pack>.yaml` files with configuration values. */
  readonly configDirectory: string;
  encrypt(plain: string): string;
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
  /** The administrator's token. */
  readonly token: string;
  /** Of what runs now. */
  readonly tokens?: RunTokens;
  readonly now: () => number;
  runnerParameters(runnerType: string): ParameterSchemas | undefined;
  /** Whether everything Petrel needs is there; a reason for each that is not. */
  health(): Promise<readonly string[]>;
}
