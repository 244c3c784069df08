import { eventProblem, type Preparation, prepareExecution } from '../executions/index.ts';
import type { Enforcement, Execution, Id, Rule, TriggerEvent, TriggerInstance } from '../model/index.ts';
import { messageOf, newId } from '../model/index.ts';
import type { RegistrySnapshot } from '../packs/index.ts';
import { indexRules, matchRules, type RuleIndex } from '../rules/index.ts';
import type { Logger } from '../sdk/index.ts';
import type { Operations, Store } from '../store/index.ts';
import type { Dispatched, EventSink } from './dispatch.ts';
import type { EventObserver } from './metrics.ts';

export interface EventServices {
  readonly store: Store;
  readonly log: Logger;
  readonly now: () => number;
  /** A fresh preparation: one state of the registry and of the datastore. */
  prepare(): Preparation;
  /** Told of the executions that were requested, after the commit. */
  requested(executions: readonly Execution[]): void;
  readonly observer?: EventObserver;
  /** Told of each event that was accepted, after the commit. Absent: nobody traces. */
  readonly trace?: EventTracer;
}

export type EventTracer = (
  event: TriggerEvent,
  instance: TriggerInstance,
  enforcements: readonly Enforcement[],
) => void;

export interface Events extends EventSink {
  /** Whether an enabled rule is bound to the trigger type. */
  isBound(triggerType: string): boolean;
  /**
   * The first half of `dispatch`: matches the rules and answers the write that belongs into the caller's transaction, and what to
   * call after its commit. For events that are born inside a transaction, such as the end of an execution.
   */
  plan(events: readonly TriggerEvent[]): Promise<{ write(tx: Operations): Promise<void>; committed(): void }>;
}

/** The user that rules act as, as StackStorm's `system_user`. */
const SYSTEM_USER = 'stanley';

/** From an event to requested executions: validation, matching, enforcements, in one transaction per dispatch. */
export function createEvents(services: EventServices): Events {
  const { store, log, now } = services;
  const compiled = new WeakMap<RegistrySnapshot, RuleIndex>();

  const indexOf = (preparation: Preparation): RuleIndex => {
    const { registry, jinja } = preparation;
    let index = compiled.get(registry);
    if (index === undefined) {
      index = indexRules([...registry.rules.values()], { jinja });
      compiled.set(registry, index);
    }
    return index;
  };

  const draw = async (events: readonly TriggerEvent[]): Promise<{ plans: readonly (Plan | string)[] }> => {
    const preparation = services.prepare();
    const index = indexOf(preparation);
    const plans: (Plan | string)[] = [];
    for (const event of events) {
      const refused = refusal(event, preparation.registry);
      plans.push(refused ?? (await planEvent(event, index, preparation, log)));
    }
    return { plans };
  };

  /** `stored`: the instances that were not there before. */
  const observe = (events: readonly TriggerEvent[], plans: readonly (Plan | string)[], stored: ReadonlySet<Id>) => {
    const { observer, trace } = services;
    if (observer === undefined && trace === undefined) return;
    const timestamp = now();
    events.forEach((event, index) => {
      const { trigger } = event;
      const plan = plans[index];
      if (plan === undefined || typeof plan === 'string') observer?.dispatched(trigger, 'refused', [], 0);
      else {
        const { instance, enforcements } = plan;
        const outcome = stored.has(instance.id) ? 'accepted' : 'duplicate';
        observer?.dispatched(trigger, outcome, enforcements, timestamp - instance.occurrenceTime);
        if (outcome === 'accepted') trace?.(event, instance, enforcements);
      }
    });
  };

  return {
    isBound: (triggerType) => indexOf(services.prepare()).isBound(triggerType),

    async plan(events) {
      const { plans } = await draw(events);
      const accepted = plans.filter((plan) => typeof plan !== 'string');
      return {
        write: async (tx) => {
          await writePlans(tx, accepted);
        },
        committed() {
          observe(events, plans, new Set(accepted.map(({ instance }) => instance.id)));
          services.requested(accepted.flatMap(({ executions }) => executions));
        },
      };
    },

    async dispatch(events, also) {
      const { plans } = await draw(events);
      const accepted = plans.filter((plan) => typeof plan !== 'string');
      const refused = plans.filter((plan) => typeof plan === 'string');
      const stored = await store.transaction(async (tx) => {
        const ids = await writePlans(tx, accepted);
        await also?.(tx, refused);
        return ids;
      });
      const fresh = accepted.filter(({ instance }) => stored.has(instance.id));
      observe(events, plans, stored);
      const executions = fresh.flatMap((plan) => plan.executions);
      if (executions.length > 0) services.requested(executions);
      return plans.map((plan): Dispatched => {
        if (typeof plan === 'string') {
          log.warn(`Event refused: ${plan}`);
          return { outcome: 'refused', reason: plan };
        }
        return stored.has(plan.instance.id) ? { outcome: 'accepted', id: plan.instance.id } : { outcome: 'duplicate' };
      });
    },
  };

  function refusal(event: TriggerEvent, registry: RegistrySnapshot): string | undefined {
    const type = registry.triggerTypes.get(event.trigger);
    if (type === undefined) return `Trigger type "${event.trigger}" is not registered; no pack defines it.`;
    const problem = eventProblem(type.payloadSchema, event.payload);
    return problem && `The payload for trigger "${event.trigger}" is not valid: ${problem}`;
  }

  async function planEvent(
    event: TriggerEvent,
    index: RuleIndex,
    preparation: Preparation,
    logger: Logger,
  ): Promise<Plan> {
    const timestamp = now();
    const base = {
      id: newId(),
      trigger: event.trigger,
      parameters: event.parameters,
      payload: event.payload,
      occurrenceTime: timestamp,
      ...(event.dedupeKey !== undefined && { dedupeKey: event.dedupeKey }),
      ...(event.traceTag !== undefined && { traceTag: event.traceTag }),
    };
    const rules = index.find(event.trigger, event.parameters);
    const plan: Plan = { instance: { ...base, status: 'processed' }, enforcements: [], executions: [], failures: [] };
    if (rules.length === 0) return plan;
    try {
      const { key } = preparation.inputs;
      const { matched, failures } = await preparation.inputs.evaluate(() =>
        matchRules(rules, event.payload, { now: timestamp, key }),
      );
      const slots = new Map<string, number>();
      for (const { rule, reason } of failures) {
        const slot = (slots.get(rule.ref) ?? 0) + 1;
        slots.set(rule.ref, slot);
        plan.enforcements.push(enforcement(rule, base.id, slot, timestamp, { failureReason: reason }));
      }
      for (const rule of matched) await enforce(rule, plan, event, preparation, timestamp);
      return plan;
    } catch (error) {
      // StackStorm: an exception that leaves matching silences all rules of this instance.
      logger.error(
        `Rules for trigger instance ${base.id} (${event.trigger}) could not be matched: ${messageOf(error)}`,
      );
      return { ...plan, instance: { ...base, status: 'processing_failed' } };
    }
  }
}

/** What one event writes. */
interface Plan {
  readonly instance: TriggerInstance;
  readonly enforcements: Enforcement[];
  readonly executions: Execution[];
  /** Executions that are stored as failed at once, since their parameters could not be rendered. */
  readonly failures: { readonly execution: Execution; readonly error: string }[];
}

async function enforce(
  rule: Rule,
  plan: Plan,
  { payload, traceContext }: TriggerEvent,
  preparation: Preparation,
  timestamp: number,
): Promise<void> {
  const instanceId = plan.instance.id;
  try {
    const execution = await preparation.inputs.evaluate(() =>
      prepareExecution(preparation, {
        actionRef: rule.action.ref,
        parameters: rule.action.parameters,
        user: SYSTEM_USER,
        context: {
          trigger_instance: { id: instanceId, name: null },
          rule: { id: rule.ref, name: rule.name },
          ...(traceContext && { trace_context: traceContext }),
        },
        variables: { trigger: payload },
        ruleRef: rule.ref,
        triggerInstanceId: instanceId,
      }),
    );
    plan.executions.push(execution);
    plan.enforcements.push(enforcement(rule, instanceId, 0, timestamp, { executionId: execution.id }));
  } catch (error) {
    plan.enforcements.push(enforcement(rule, instanceId, 0, timestamp, { failureReason: messageOf(error) }));
  }
}

function enforcement(
  rule: Rule,
  triggerInstanceId: Id,
  slot: number,
  enforcedAt: number,
  outcome: { executionId: Id } | { failureReason: string },
): Enforcement {
  const status = 'executionId' in outcome ? 'succeeded' : 'failed';
  return { id: newId(), ruleRef: rule.ref, triggerInstanceId, slot, status, enforcedAt, ...outcome };
}

async function writePlans(tx: Operations, plans: readonly Plan[]): Promise<ReadonlySet<Id>> {
  if (plans.length === 0) return new Set();
  const stored = await tx.insertTriggerInstances(plans.map(({ instance }) => instance));
  const fresh = stored.size === plans.length ? plans : plans.filter(({ instance }) => stored.has(instance.id));
  const enforcements = fresh.flatMap((plan) => plan.enforcements);
  const executions = fresh.flatMap((plan) => plan.executions);
  if (enforcements.length > 0) await tx.insertEnforcements(enforcements);
  if (executions.length > 0) await tx.insertExecutions(executions);
  return stored;
}
