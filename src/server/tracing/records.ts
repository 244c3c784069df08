import {
  type Enforcement,
  type Execution,
  eventSpanIdOf,
  isJsonObject,
  type Json,
  parentSpanOf,
  parseTraceparent,
  ruleSpanIdOf,
  spanIdOf,
  type Trace,
  type TriggerEvent,
  type TriggerInstance,
} from '../../model/index.ts';
import type { Span } from './span.ts';

/**
 * The spans of an event that was accepted: its own, and one for each rule that it matched. What Petrel tells of its executions by itself is
 * left out where no rule takes it up: it would stand beside every task.
 */
export function spansOfEvent(
  trace: Trace,
  { traceContext, causedBy }: TriggerEvent,
  instance: TriggerInstance,
  enforcements: readonly Enforcement[],
  end: number,
): readonly Span[] {
  if (causedBy !== undefined && enforcements.length === 0) return [];
  const { id, trigger, occurrenceTime: start, traceTag } = instance;
  const caller = parseTraceparent(traceContext?.traceparent)?.spanId;
  const above = causedBy === undefined ? caller : spanIdOf(causedBy);
  const spanId = eventSpanIdOf(id);
  const event: Span = {
    traceId: trace.id,
    spanId,
    ...(above !== undefined && { parentSpanId: above }),
    name: `trigger ${trigger}`,
    kind: 'producer',
    start,
    end,
    attributes: { 'petrel.trigger': trigger, 'petrel.trigger_instance.id': id, 'petrel.trace_tag': traceTag },
  };
  const rules = enforcements.map(
    ({ ruleRef, slot, executionId, failureReason }): Span => ({
      traceId: trace.id,
      spanId: ruleSpanIdOf(id, ruleRef, slot),
      parentSpanId: spanId,
      name: `rule ${ruleRef}`,
      kind: 'internal',
      start,
      end,
      attributes: {
        'petrel.rule': ruleRef,
        'petrel.trigger_instance.id': id,
        'petrel.execution.id': executionId,
      },
      ...(failureReason !== undefined && { error: failureReason }),
    }),
  );
  return [event, ...rules];
}

/**
 * The span of an execution that has ended, from its first start. What it went through stands in it as events: waiting for policies, each
 * start (the second one is another worker's), pauses, and the wait of an inquiry for its answer.
 */
export function spanOfExecution(trace: Trace, execution: Execution): Span {
  const { id, actionRef, runnerType, status, context, createdAt, startedAt, endedAt, taskName, log } = execution;
  const above = parentSpanOf(execution);
  const start = startedAt ?? createdAt;
  return {
    traceId: trace.id,
    spanId: spanIdOf(id),
    ...(above !== undefined && { parentSpanId: above }),
    name: taskName === undefined ? `action ${actionRef}` : `task ${taskName}: ${actionRef}`,
    kind: 'consumer',
    start,
    end: Math.max(endedAt ?? start, start),
    attributes: {
      'petrel.action': actionRef,
      'petrel.runner': runnerType,
      'petrel.execution.id': id,
      'petrel.execution.status': status,
      'petrel.execution.attempt': execution.attempt,
      'petrel.execution.wait_ms': Math.max(start - createdAt, 0),
      'petrel.execution.parent_id': execution.parentId,
      'petrel.task.name': taskName,
      'petrel.task.item': at(context, 'orquesta', 'item_id'),
      'petrel.rule': execution.ruleRef,
      'petrel.trigger_instance.id': execution.triggerInstanceId,
      'petrel.trace_tag': at(context, 'trace_context', 'trace_tag'),
      'petrel.user': at(context, 'user'),
    },
    events: log.map(({ status: name, timestamp }) => ({ name, at: timestamp })),
  };
}

/** The execution that one follows without being part of it: it is a retry of a policy, or a person's re-run. */
export function predecessorOf({
  context,
}: Execution): { readonly id: string; readonly as: 'retry' | 're-run' } | undefined {
  const retried = at(context, 'policies', 'retry', 'retried_liveaction_id');
  if (typeof retried === 'string') return { id: retried, as: 'retry' };
  const rerun = at(context, 're-run', 'ref');
  return typeof rerun === 'string' ? { id: rerun, as: 're-run' } : undefined;
}

function at(value: Json, ...path: readonly string[]): string | number | undefined {
  let found: Json | undefined = value;
  for (const name of path) found = isJsonObject(found) ? found[name] : undefined;
  return typeof found === 'string' || typeof found === 'number' ? found : undefined;
}
