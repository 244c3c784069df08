import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Change, RestartReason, WatchTarget } from '../kubernetes/index.ts';
import type { WatchReport } from './watched-target.ts';

/** What one watch counts. */
export interface TargetMetrics {
  handedOver(type: Change['type']): void;
  /** A list began: the first one of this watch ever, or one more. */
  listed(which: 'first' | 'relist'): void;
  /** Changes that only a relist showed: the watch missed them. */
  foundByRelist(changes: number): void;
  restarted(reason: RestartReason): void;
  /** Seconds from receiving a batch to its commit. */
  committed(seconds: number): void;
}

export interface WatchMetrics {
  of(target: WatchTarget): TargetMetrics;
}

const TARGET = ['api_version', 'kind', 'namespace', 'selector'] as const;
const COMMIT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Registers the metrics of all watches. `reports` and `now` (epoch milliseconds) are asked when the metrics are. */
export function createWatchMetrics(
  registry: Registry,
  reports: () => readonly WatchReport[],
  now: () => number,
): WatchMetrics {
  const registers = [registry];
  const events = new Counter({
    name: 'petrel_watch_events_total',
    help: 'Events handed over, by type.',
    labelNames: [...TARGET, 'type'],
    registers,
  });
  const lists = new Counter({
    name: 'petrel_watch_lists_total',
    help: 'Complete lists begun: the first one of a watch, and relists.',
    labelNames: [...TARGET, 'which'],
    registers,
  });
  const found = new Counter({
    name: 'petrel_watch_found_by_relist_total',
    help: 'Changes that were found only by a relist, since the API server had forgotten them. Should stay 0.',
    labelNames: TARGET,
    registers,
  });
  const restarts = new Counter({
    name: 'petrel_watch_restarts_total',
    help: 'Connections that ended and were followed by another, by reason.',
    labelNames: [...TARGET, 'reason'],
    registers,
  });
  const commits = new Histogram({
    name: 'petrel_watch_commit_duration_seconds',
    help: 'Time from receiving a batch of changes to its commit.',
    labelNames: TARGET,
    buckets: COMMIT_BUCKETS,
    registers,
  });
  new Gauge({
    name: 'petrel_watch_objects',
    help: 'Objects whose state was handled.',
    labelNames: TARGET,
    registers,
    collect() {
      this.reset(); // watches that ended are gone
      for (const { target, objects } of reports()) this.set(labelsOf(target), objects);
    },
  });
  new Gauge({
    name: 'petrel_watch_last_byte_age_seconds',
    help: 'Time since anything came from the API server; a bookmark comes about once a minute.',
    labelNames: TARGET,
    registers,
    collect() {
      this.reset();
      for (const { target, lastByteAt } of reports()) {
        if (lastByteAt !== undefined) this.set(labelsOf(target), (now() - lastByteAt) / 1000);
      }
    },
  });

  return {
    of(target) {
      const labels = labelsOf(target);
      // A counter that is there from the start lets an alert see its first increase.
      found.inc(labels, 0);
      for (const type of ['ADDED', 'MODIFIED', 'DELETED']) events.inc({ ...labels, type }, 0);
      for (const which of ['first', 'relist']) lists.inc({ ...labels, which }, 0);
      return {
        handedOver: (type) => events.inc({ ...labels, type }),
        listed: (which) => lists.inc({ ...labels, which }),
        foundByRelist: (changes) => found.inc(labels, changes),
        restarted: (reason) => restarts.inc({ ...labels, reason }),
        committed: (seconds) => commits.observe(labels, seconds),
      };
    },
  };
}

function labelsOf({ apiVersion, kind, namespace, labelSelector, fieldSelector }: WatchTarget) {
  const selector = [labelSelector, fieldSelector].filter((text) => text !== undefined).join(' ');
  return { api_version: apiVersion, kind, namespace: namespace ?? '', selector };
}
