import { Gauge, type Registry } from 'prom-client';
import type { SensorReport } from './pack-sensors.ts';

/** Registers the metrics of the sensors of packs, as this node knows them. */
export function createSensorMetrics(registry: Registry, reports: () => readonly SensorReport[]): void {
  new Gauge({
    name: 'petrel_sensors',
    help: 'Sensors of packs, by their state as this node knows it; `elsewhere`: another node runs it.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { state } of reports()) this.inc({ state: state.status });
    },
  });
}
