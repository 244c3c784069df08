import {
  type Execution,
  isJsonObject,
  type JsonObject,
  newId,
  type RetryPolicyOfAction,
  traceContextOf,
} from '../model/index.ts';
import type { RegistrySnapshot } from '../packs/index.ts';

/**
 * The execution that follows one that has ended badly, when a policy `action.retry` of its action says so: the same parameters and
 * context. As StackStorm it is a new one, and tasks of workflows are left to their workflow. Undefined when there is none to follow.
 */
export function retryOf(ended: Execution, registry: RegistrySnapshot, timestamp: number): Execution | undefined {
  const on = ended.status === 'failed' ? 'failure' : ended.status;
  if (ended.parentId !== undefined || ended.context.parent !== undefined) return undefined;
  // A handler of a resource is tried again by the reconciler, for the wishes of then and not for those of now.
  if (ended.context.resource !== undefined) return undefined;
  if (registry.actions.get(ended.actionRef)?.enabled !== true) return undefined;
  const count = retriesOf(ended.context);
  const policy = registry.policiesOf
    .get(ended.actionRef)
    ?.find(
      (one): one is RetryPolicyOfAction =>
        one.policyType === 'action.retry' && one.parameters.retry_on === on && one.parameters.max_retry_count > count,
    );
  if (policy === undefined) return undefined;
  const { ref, parameters } = policy;
  const { id, actionRef, runnerType, context, ruleRef, triggerInstanceId, concurrencyKey, notify } = ended;
  const retry = { applied_policy: ref, retry_count: count + 1, retried_liveaction_id: id };
  return {
    id: newId(),
    actionRef,
    runnerType,
    status: 'requested',
    // Sealed as they are: nothing is rendered again.
    parameters: ended.parameters,
    context: {
      ...context,
      policies: { ...policiesOf(context), retry },
      // Part of the trace that the first one began.
      trace_context: { ...(isJsonObject(context.trace_context) && context.trace_context), ...traceContextOf(ended) },
    },
    createdAt: timestamp,
    attempt: 0,
    log: [{ status: 'requested', timestamp }],
    ...(ruleRef !== undefined && { ruleRef }),
    ...(triggerInstanceId !== undefined && { triggerInstanceId }),
    ...(concurrencyKey !== undefined && { concurrencyKey }),
    ...(notify !== undefined && { notify }),
    ...(parameters.delay > 0 && { notBefore: timestamp + parameters.delay * 1000 }),
  };
}

function policiesOf({ policies }: JsonObject): JsonObject {
  return isJsonObject(policies) ? policies : {};
}

function retriesOf(context: JsonObject): number {
  const { retry } = policiesOf(context);
  return isJsonObject(retry) && typeof retry.retry_count === 'number' ? retry.retry_count : 0;
}
