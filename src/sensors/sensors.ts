import type { Registry as MetricsRegistry } from 'prom-client';
import type { EventSink } from '../events/index.ts';
import { type Clock, type KubernetesClient, systemClock, type WatchTiming } from '../kubernetes/index.ts';
import type { Registry } from '../packs/index.ts';
import type { Logger } from '../sdk/index.ts';
import { startKubernetesSensor } from './kubernetes-sensor.ts';
import { type PackSensorOptions, type PackSensors, startPackSensors } from './pack-sensors.ts';
import { createSensorMetrics } from './sensor-metrics.ts';
import { startTimers } from './timers.ts';
import type { WatchReport, WatchStore } from './watched-target.ts';

export interface SensorServices {
  readonly registry: Registry;
  readonly events: EventSink;
  readonly store: WatchStore & PackSensorOptions['store'];
  /** What runs the sensors of packs, and what these are handed. */
  readonly packs: Pick<PackSensorOptions, 'hosts' | 'config' | 'datastore' | 'leaseDuration' | 'backoff'>;
  readonly log: Logger;
  /** Absent: no cluster is configured, and its triggers never fire. */
  readonly kubernetes?: KubernetesClient;
  readonly clock?: Clock;
  /** Where the metrics of watches and sensors are registered. */
  readonly metrics: MetricsRegistry;
  /** How the watches time their waits; what is left out as usual. */
  readonly timing?: Partial<WatchTiming>;
}

export interface Sensors {
  /** The Kubernetes watches that run now. */
  watches(): readonly WatchReport[];
  readonly packs: PackSensors;
  stop(): Promise<void>;
}

/** Starts every host: timers and the sensors of packs always, Kubernetes watches where there is a cluster. All follow the registry by themselves. */
export function startSensors({ kubernetes, packs, clock = systemClock, ...services }: SensorServices): Sensors {
  const timers = startTimers({ ...services, clock });
  const packSensors = startPackSensors({ ...services, ...packs, clock });
  createSensorMetrics(services.metrics, () => packSensors.list());
  const watches =
    kubernetes === undefined ? undefined : startKubernetesSensor({ ...services, clock, client: kubernetes });
  return {
    watches: () => watches?.watches() ?? [],
    packs: packSensors,
    async stop() {
      await Promise.all([timers.stop(), packSensors.stop(), watches?.stop()]);
    },
  };
}
