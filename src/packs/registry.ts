import type {
  Action,
  ActionAlias,
  PackContent,
  Policy,
  Problem,
  Resource,
  Rule,
  Sensor,
  TriggerType,
} from '../model/index.ts';

/** Everything that is registered, at one moment. Immutable: a change makes a new snapshot. */
export interface RegistrySnapshot {
  /** Counts up by one with every change. */
  readonly version: number;
  readonly packs: ReadonlyMap<string, PackContent>;
  /** All maps are keyed by `pack.name` and keep the order of registration. */
  readonly actions: ReadonlyMap<string, Action>;
  readonly triggerTypes: ReadonlyMap<string, TriggerType>;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly sensors: ReadonlyMap<string, Sensor>;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly policies: ReadonlyMap<string, Policy>;
  readonly aliases: ReadonlyMap<string, ActionAlias>;
  /** Enabled policies by the reference of the action they are for; actions without one are absent. */
  readonly policiesOf: ReadonlyMap<string, readonly Policy[]>;
  /** What was made through the API, not by a file, as `kind:pack.name` (see added.ts). */
  readonly added: ReadonlySet<string>;
  /** Runner types that were switched off through the API. */
  readonly disabledRunners: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

export interface Registry {
  snapshot(): RegistrySnapshot;
  /** Called after each change. Answers a function that ends the subscription. */
  onChange(listener: (snapshot: RegistrySnapshot) => void): () => void;
}
