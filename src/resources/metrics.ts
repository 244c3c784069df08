import { Counter, Gauge, type Registry } from 'prom-client';
import type { HandlerName } from '../model/index.ts';

/** What the metrics are asked for, when they are asked. */
export interface ResourceCounts {
  /** The resource's reference. */
  readonly ref: string;
  readonly states: Readonly<Record<string, number>>;
  readonly orphans: number;
}

export interface ResourceMetrics {
  /** A handler has ended. */
  ended(resource: string, handler: HandlerName | 'list', outcome: 'succeeded' | 'failed'): void;
}

/** Registers the metrics of all resources. A node that does not reconcile shows no objects. */
export function createResourceMetrics(registry: Registry, counts: () => readonly ResourceCounts[]): ResourceMetrics {
  const registers = [registry];
  new Gauge({
    name: 'petrel_resource_objects',
    help: 'Objects of declared resources, by how they stand.',
    labelNames: ['resource', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { ref, states } of counts()) {
        for (const [state, count] of Object.entries(states)) this.set({ resource: ref, state }, count);
      }
    },
  });
  new Gauge({
    name: 'petrel_resource_orphans',
    help: 'Things outside that carry our owner tag and belong to no object.',
    labelNames: ['resource'],
    registers,
    collect() {
      this.reset();
      for (const { ref, orphans } of counts()) this.set({ resource: ref }, orphans);
    },
  });
  const handlers = new Counter({
    name: 'petrel_resource_handlers_total',
    help: 'Handlers that ended, by outcome.',
    labelNames: ['resource', 'handler', 'outcome'],
    registers,
  });
  return {
    ended(resource, handler, outcome) {
      handlers.inc({ resource, handler, outcome });
    },
  };
}
