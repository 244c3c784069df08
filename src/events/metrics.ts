import { Counter, Histogram, type Registry } from 'prom-client';
import type { Enforcement } from '../model/index.ts';
import type { Dispatched } from './dispatch.ts';

/** What became of events, once it is durable. */
export interface EventObserver {
  /** One event: its trigger type, what became of it and, for one that was accepted, its enforcements and how long all that took. */
  dispatched(
    trigger: string,
    outcome: Dispatched['outcome'],
    enforcements: readonly Enforcement[],
    milliseconds: number,
  ): void;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Registers the metrics of events and rules. */
export function createEventMetrics(registry: Registry): EventObserver {
  const registers = [registry];
  const events = new Counter({
    name: 'petrel_events_total',
    help: 'Events that were dispatched, by trigger type and what became of them: accepted, duplicate or refused.',
    labelNames: ['trigger', 'outcome'],
    registers,
  });
  const enforcements = new Counter({
    name: 'petrel_enforcements_total',
    help: 'Rules that matched an event, by whether they could request their action.',
    labelNames: ['rule', 'status'],
    registers,
  });
  const latency = new Histogram({
    name: 'petrel_event_duration_seconds',
    help: 'Time from an event to the commit of its trigger instance and of the executions that its rules requested.',
    buckets: SECONDS,
    registers,
  });
  return {
    dispatched(trigger, outcome, matched, milliseconds) {
      // Triggers that nobody has declared can be called anything: they are counted, and not named.
      events.inc({ trigger: outcome === 'refused' ? '' : trigger, outcome });
      if (outcome !== 'accepted') return;
      for (const { ruleRef, status } of matched) enforcements.inc({ rule: ruleRef, status });
      latency.observe(milliseconds / 1000);
    },
  };
}
