import type { Dispatched, EventSink } from '../../src/events/index.ts';
import type { Rule, TriggerEvent, TriggerType } from '../../src/model/index.ts';
import type { Registry, RegistrySnapshot } from '../../src/packs/index.ts';
import type { Logger } from '../../src/sdk/index.ts';
import type { WatchStore } from '../../src/sensors/index.ts';
import type { HandledObject, Operations } from '../../src/store/index.ts';

export const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Waits that are short, as nothing here is about time. */
export const quick = {
  retry: { first: 1, max: 4 },
  timing: { failure: { first: 1, max: 4 }, missing: { first: 1, max: 4 }, instant: 0, pageSize: 3 },
};

/** Resolves once the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`It never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

interface WatchRows {
  readonly cursors: Map<string, string>;
  readonly handled: Map<string, Map<string, HandledObject>>;
}

export interface MemorySystem {
  readonly store: WatchStore;
  readonly events: EventSink;
  /** Accepted events in the order of their commits. */
  readonly accepted: TriggerEvent[];
  readonly duplicates: TriggerEvent[];
  handled(): readonly HandledObject[];
  cursors(): readonly string[];
  /** What the next dispatches do: fail before or after the commit, or refuse all events. */
  readonly faults: ('before' | 'after' | 'refuse')[];
}

/** The few operations a sensor uses, atomic, with faults. */
export function createMemorySystem(): MemorySystem {
  let rows: WatchRows = { cursors: new Map(), handled: new Map() };
  const accepted: TriggerEvent[] = [];
  const duplicates: TriggerEvent[] = [];
  const keys = new Set<string>();
  const faults: MemorySystem['faults'] = [];
  const copy = (): WatchRows => ({
    cursors: new Map(rows.cursors),
    handled: new Map([...rows.handled].map(([id, objects]) => [id, new Map(objects)])),
  });
  const operations = (on: () => WatchRows): WatchStore => ({
    getCursor: async (id) => on().cursors.get(id),
    setCursor: async (id, version) => void on().cursors.set(id, version),
    listHandled: async (id, after = '', limit = Number.POSITIVE_INFINITY) =>
      [...(on().handled.get(id)?.values() ?? [])]
        .sort((left, right) => (left.uid < right.uid ? -1 : 1))
        .filter(({ uid }) => uid > after)
        .slice(0, limit),
    getHandled: async (id, uids) => [...(on().handled.get(id)?.values() ?? [])].filter(({ uid }) => uids.includes(uid)),
    async putHandled(id, objects) {
      const handled = on().handled.get(id) ?? new Map<string, HandledObject>();
      for (const object of objects) handled.set(object.uid, object);
      on().handled.set(id, handled);
    },
    async deleteHandled(id, uids) {
      for (const uid of uids) on().handled.get(id)?.delete(uid);
    },
    async deleteWatch(id) {
      on().cursors.delete(id);
      on().handled.delete(id);
    },
  });

  return {
    store: operations(() => rows),
    accepted,
    duplicates,
    faults,
    handled: () => [...rows.handled.values()].flatMap((objects) => [...objects.values()]),
    cursors: () => [...rows.cursors.values()],
    events: {
      async dispatch(events, also): Promise<readonly Dispatched[]> {
        const fault = faults.shift();
        if (fault === 'before') throw new Error('the disk is full');
        const draft = copy();
        await also?.(operations(() => draft) as Operations, fault === 'refuse' ? events.map(() => 'not today') : []); // a sensor uses no others
        rows = draft;
        const outcomes = events.map((event): Dispatched => {
          if (fault === 'refuse') return { outcome: 'refused', reason: 'not today' };
          const key = event.dedupeKey ?? '';
          if (keys.has(key)) {
            duplicates.push(event);
            return { outcome: 'duplicate' };
          }
          keys.add(key);
          accepted.push(event);
          return { outcome: 'accepted', id: key };
        });
        if (fault === 'after') throw new Error('the connection broke after the commit');
        return outcomes;
      },
    },
  };
}

export interface TestRegistry extends Registry {
  setRules(rules: readonly Rule[]): void;
  setTriggerTypes(refs: readonly string[]): void;
}

export function createTestRegistry(rules: readonly Rule[]): TestRegistry {
  const listeners = new Set<(snapshot: RegistrySnapshot) => void>();
  const build = (version: number, list: readonly Rule[], types: readonly string[]): RegistrySnapshot => ({
    version,
    packs: new Map(),
    actions: new Map(),
    triggerTypes: new Map(types.map((ref) => [ref, triggerType(ref)])),
    rules: new Map(list.map((rule) => [rule.ref, rule])),
    sensors: new Map(),
    resources: new Map(),
    policies: new Map(),
    policiesOf: new Map(),
    aliases: new Map(),
    added: new Set(),
    disabledRunners: new Set(),
    problems: [],
  });
  let current = build(1, rules, ['kubernetes.resource', 'kubernetes.thirdpartyobject']);
  const change = (list: readonly Rule[], types: readonly string[]) => {
    current = build(current.version + 1, list, types);
    for (const listener of listeners) listener(current);
  };
  return {
    snapshot: () => current,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setRules: (list) => change(list, [...current.triggerTypes.keys()]),
    setTriggerTypes: (refs) => change([...current.rules.values()], refs),
  };
}

export function rule(name: string, type: string, parameters: Rule['trigger']['parameters'] = {}): Rule {
  return {
    ref: `test.${name}`,
    pack: 'test',
    name,
    enabled: true,
    type: 'standard',
    trigger: { type, parameters },
    criteria: {},
    action: { ref: 'core.noop', parameters: {} },
    metadataFile: `/packs/test/rules/${name}.yaml`,
  };
}

function triggerType(ref: string): TriggerType {
  const dot = ref.indexOf('.');
  return { ref, pack: ref.slice(0, dot), name: ref.slice(dot + 1), payloadSchema: {}, parametersSchema: {} };
}
