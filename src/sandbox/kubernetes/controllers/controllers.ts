/** What happens by itself after a write: the few controllers without which the API would not behave as a cluster's. */
import type { Api } from '../api.ts';
import type { StoredEvent } from '../watch-cache.ts';
import type { Controller, Timers, World } from './controller.ts';
import { followCustomKinds } from './custom-kinds.ts';
import { deployments } from './deployments.ts';
import { disruption } from './disruption.ts';
import { endpoints } from './endpoints.ts';
import { createGarbageCollector } from './garbage-collector.ts';
import { jobs } from './jobs.ts';
import { kubelet } from './kubelet.ts';
import { followNamespaces } from './namespaces.ts';
import { replicaSets, replicationControllers } from './replica-sets.ts';

export interface ControllerOptions {
  readonly timers: Timers;
  /** Whether pods come to life; without it they stay pending, as in a cluster without nodes. */
  readonly kubelet: boolean;
}

/**
 * Follows the storage from now on. Events are handled one after the other after the write that made them has been completed, and before
 * the next request is: their own writes come later in the history, as with controllers elsewhere, but nobody has to wait for them.
 */
export function startControllers(api: Api, options: ControllerOptions): void {
  const world: World = { api, timers: options.timers };
  const collector = createGarbageCollector(api);
  const workloads: readonly Controller[] = [
    deployments(world),
    replicaSets(world),
    replicationControllers(world),
    jobs(world),
    ...(options.kubelet ? [kubelet(world)] : []),
    endpoints(world),
    disruption(world),
  ];
  const queue: { resource: string; event: StoredEvent }[] = [];
  let scheduled = false;
  const follow = (resource: string, event: StoredEvent): void => {
    collector.follow(resource, event);
    followCustomKinds(api, resource, event);
    followNamespaces(api, resource, event);
    for (const workload of workloads) workload.follow(resource, event);
  };
  const settle = (): void => {
    for (let busy = true; busy; ) {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) follow(next.resource, next.event);
      // Each in its turn: what one of them writes is heard by all before the next begins.
      busy = workloads.some((workload) => workload.work()) || queue.length > 0;
    }
  };
  const drain = (): void => {
    try {
      settle();
    } finally {
      scheduled = false;
    }
  };
  api.storage.subscribe((resource, event) => {
    queue.push({ resource, event });
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(drain);
  });
}
