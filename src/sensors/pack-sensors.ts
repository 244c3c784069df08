import type { EventSink } from '../events/index.ts';
import type { Clock } from '../kubernetes/index.ts';
import { type JsonObject, messageOf, newId, PetrelError, type Sensor } from '../model/index.ts';
import type { Registry, RegistrySnapshot } from '../packs/index.ts';
import type { Datastore, Logger } from '../sdk/index.ts';
import type { Store } from '../store/index.ts';
import type { SensorHost, SensorProcess } from './sensor-host.ts';
import { createSensorPort } from './sensor-port.ts';
import { type Supervision, type SupervisionOptions, superviseSensor } from './supervision.ts';
import { type Trigger, triggersOf } from './triggers.ts';

export type SensorStore = Pick<Store, 'dialect' | 'getCursor' | 'setCursor' | 'acquireLease' | 'releaseLease'>;

export interface PackSensorOptions {
  readonly registry: Registry;
  readonly events: EventSink;
  /** Keeps who owns a sensor, and whether it was enabled or disabled by hand. */
  readonly store: SensorStore;
  readonly datastore: Datastore;
  /** A pack's configuration, resolved. */
  config(pack: string): Promise<JsonObject>;
  readonly hosts: readonly SensorHost[];
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds a node may be silent before its sensors are taken from it. Default 15,000. */
  readonly leaseDuration?: number;
  readonly backoff?: SupervisionOptions<SensorProcess>['backoff'];
}

/** How a sensor stands, as this node knows. */
export type SensorState =
  | ReturnType<Supervision<SensorProcess>['state']>
  /** Another node runs it, or is about to. */
  | { readonly status: 'elsewhere' }
  | { readonly status: 'disabled' }
  /** It watches what rules ask for, and no rule asks. */
  | { readonly status: 'idle' }
  /** There is nothing here to run it with. */
  | { readonly status: 'unsupported'; readonly lastError: string };

export interface SensorReport {
  readonly sensor: Sensor;
  readonly enabled: boolean;
  readonly state: SensorState;
}

export interface PackSensors {
  list(): readonly SensorReport[];
  /** Why who owns which sensor cannot be settled now; undefined: it can. */
  problem(): string | undefined;
  /** Kept over restarts, for all nodes. Resolves when this node follows. Throws `PetrelError` (`not_found`). */
  setEnabled(ref: string, enabled: boolean): Promise<SensorReport>;
  stop(): Promise<void>;
}

interface Owned {
  readonly sensor: Sensor;
  readonly supervision: Supervision<SensorProcess>;
  triggers: readonly Trigger[];
  heldUntil: number;
}

/**
 * Runs the sensors of packs: each in a process of its own, on one node of several, supervised. It follows the registry: a sensor whose pack has
 * changed is started anew, triggers that rules bind or let go are told to the process.
 */
export function startPackSensors(options: PackSensorOptions): PackSensors {
  const { registry, store, hosts, clock, log } = options;
  const owner = newId();
  const leaseDuration = options.leaseDuration ?? 15_000;
  const owned = new Map<string, Owned>();
  const overrides = new Map<string, boolean>();
  let stopped = false;
  let working: Promise<void> | undefined;
  let dirty = false;
  let cancelBeat = () => {};
  let said = '';
  const ending = new AbortController();

  const isEnabled = (sensor: Sensor) => overrides.get(sensor.ref) ?? sensor.enabled;
  const hostOf = (sensor: Sensor) => hosts.find((host) => host.handles(sensor));
  const isIdle = (sensor: Sensor, snapshot: RegistrySnapshot) =>
    hostOf(sensor)?.onDemand === true && sensor.triggerTypes.length > 0 && triggersFor(sensor, snapshot).length === 0;
  /** Made once for each snapshot: every sensor asks, and every rule is hashed for it. */
  let triggersAt: { readonly snapshot: RegistrySnapshot; readonly all: readonly Trigger[] } | undefined;
  const triggersFor = (sensor: Sensor, snapshot: RegistrySnapshot): readonly Trigger[] => {
    if (triggersAt?.snapshot !== snapshot) triggersAt = { snapshot, all: triggersOf(snapshot) };
    return triggersAt.all.filter(({ type }) => sensor.triggerTypes.includes(type));
  };
  const isWanted = (sensor: Sensor, snapshot: RegistrySnapshot) => isEnabled(sensor) && !isIdle(sensor, snapshot);

  const tell = (name: string, payload: JsonObject) => {
    const event = { trigger: `core.st2.sensor.${name}`, parameters: {}, payload };
    options.events.dispatch([event]).catch((error: unknown) => log.warn(`${name} is not told: ${messageOf(error)}`));
  };

  const supervise = (sensor: Sensor, host: SensorHost): Supervision<SensorProcess> => {
    let told: readonly Trigger[] = [];
    const wanted = () => owned.get(sensor.ref)?.triggers ?? [];
    return superviseSensor<SensorProcess>({
      name: `The sensor ${sensor.ref}`,
      clock,
      random: Math.random,
      log,
      ...(options.backoff && { backoff: options.backoff }),
      async start() {
        const config = await options.config(sensor.pack);
        told = wanted();
        const { signal } = ending;
        return await host.start(sensor, createSensorPort(sensor, { ...options, config, triggers: told, signal }));
      },
      onStart(process) {
        tellTriggers(process, told, wanted());
        const { pid, command } = process;
        tell('process_spawn', { id: sensor.className, timestamp: seconds(clock), pid, cmd: command });
      },
      onEnd: ({ exitCode }) =>
        tell('process_exit', { id: sensor.className, timestamp: seconds(clock), exit_code: exitCode }),
    });
  };

  const letGo = async (ref: string, { supervision }: Owned, release: boolean) => {
    await supervision.stop();
    owned.delete(ref);
    if (!release) return;
    try {
      await store.releaseLease(leaseOf(ref), owner);
    } catch (error) {
      log.debug(`The lease of the sensor ${ref} runs out by itself: ${messageOf(error)}`);
    }
  };

  const take = async (sensor: Sensor, host: SensorHost, snapshot: RegistrySnapshot) => {
    const { ref } = sensor;
    const now = clock.now();
    const until = now + leaseDuration;
    const alone = store.dialect === 'sqlite';
    const isOurs = await store.acquireLease(leaseOf(ref), { owner, now, until, alone });
    const mine = owned.get(ref);
    if (!isOurs) {
      if (mine !== undefined) await letGo(ref, mine, false);
      return;
    }
    if (mine !== undefined && mine.sensor !== sensor) await letGo(ref, mine, false);
    const triggers = triggersFor(sensor, snapshot);
    const kept = owned.get(ref);
    if (kept === undefined) {
      // In the map before it starts: it asks for its triggers then.
      const state: Owned = { sensor, supervision: supervise(sensor, host), triggers, heldUntil: until };
      owned.set(ref, state);
      return;
    }
    kept.heldUntil = until;
    tellTriggers(kept.supervision.current(), kept.triggers, triggers);
    kept.triggers = triggers;
  };

  const reconcile = async () => {
    const snapshot = registry.snapshot();
    for (const sensor of snapshot.sensors.values()) {
      const said = await store.getCursor(switchOf(sensor.ref));
      if (said === undefined) overrides.delete(sensor.ref);
      else overrides.set(sensor.ref, said === 'enabled');
    }
    // All at the same time: one that takes long to stop must not cost the others their lease.
    const work = [...owned].map(async ([ref, mine]) => {
      const sensor = snapshot.sensors.get(ref);
      if (sensor === undefined || !isWanted(sensor, snapshot)) await letGo(ref, mine, true);
    });
    for (const sensor of snapshot.sensors.values()) {
      const host = hostOf(sensor);
      if (host !== undefined && isWanted(sensor, snapshot)) work.push(take(sensor, host, snapshot));
    }
    const failed = (await Promise.allSettled(work)).find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    said = '';
  };

  const work = async () => {
    while (dirty && !stopped) {
      dirty = false;
      try {
        await reconcile();
      } catch (error) {
        if (messageOf(error) !== said) log.error(`The sensors of packs cannot be looked after: ${messageOf(error)}`);
        said = messageOf(error);
        // Whose lease could not be kept is another node's from now on.
        for (const [ref, mine] of owned) if (clock.now() >= mine.heldUntil) await letGo(ref, mine, false);
      }
    }
    working = undefined;
  };
  const schedule = (): Promise<void> => {
    dirty = true;
    working ??= work();
    return working;
  };
  const beat = () => {
    schedule();
    cancelBeat = clock.after(leaseDuration / 3, beat);
  };

  const report = (sensor: Sensor): SensorReport => {
    const enabled = isEnabled(sensor);
    const mine = owned.get(sensor.ref);
    if (!enabled) return { sensor, enabled, state: { status: 'disabled' } };
    if (hostOf(sensor) === undefined) {
      const lastError = `Nothing here runs ${sensor.entryPoint}.`;
      return { sensor, enabled, state: { status: 'unsupported', lastError } };
    }
    if (mine !== undefined) return { sensor, enabled, state: mine.supervision.state() };
    return { sensor, enabled, state: { status: isIdle(sensor, registry.snapshot()) ? 'idle' : 'elsewhere' } };
  };

  const unsubscribe = registry.onChange(schedule);
  beat();
  return {
    problem: () => (said === '' ? undefined : `The sensors of packs cannot be looked after: ${said}`),
    list: () => [...registry.snapshot().sensors.values()].map(report),
    async setEnabled(ref, enabled) {
      const sensor = registry.snapshot().sensors.get(ref);
      if (sensor === undefined) throw new PetrelError('not_found', `There is no sensor "${ref}".`);
      await store.setCursor(switchOf(ref), enabled ? 'enabled' : 'disabled');
      await schedule();
      return report(sensor);
    },
    async stop() {
      stopped = true;
      unsubscribe();
      cancelBeat();
      await working;
      await Promise.all([...owned].map(([ref, mine]) => letGo(ref, mine, true)));
      ending.abort();
    },
  };
}

function tellTriggers(process: SensorProcess | undefined, before: readonly Trigger[], after: readonly Trigger[]): void {
  for (const trigger of missingIn(before, after)) process?.changeTrigger('remove', trigger);
  for (const trigger of missingIn(after, before)) process?.changeTrigger('add', trigger);
}

function missingIn(these: readonly Trigger[], those: readonly Trigger[]): readonly Trigger[] {
  const known = new Set(those.map(({ id }) => id));
  return these.filter(({ id }) => !known.has(id));
}

function leaseOf(ref: string): string {
  return `sensor|${ref}`;
}

function switchOf(ref: string): string {
  return `sensor|${ref}|switch`;
}

/** As StackStorm's: whole seconds since 1970. */
function seconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}
