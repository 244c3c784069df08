/** PodDisruptionBudgets: how many pods may go of their own will. */
import type { Api } from '../api.ts';
import { mapAt, valueAt } from '../json.ts';
import { numberAt } from '../kinds/define.ts';
import { isTerminating, type KubeObject } from '../objects.ts';
import { selects } from '../selectors.ts';
import { type Controller, controller, keyOfEvent, kindOf, type World, writeStatus } from './controller.ts';
import { isActive, isReady, PODS } from './owned-pods.ts';
import { share } from './rollout.ts';

const BUDGETS = 'policy/poddisruptionbudgets';

export interface Budget {
  readonly name: string;
  readonly expected: number;
  readonly healthy: number;
  readonly desired: number;
  readonly allowed: number;
}

export function disruption({ api }: World): Controller {
  return controller(
    (resource, event) => {
      if (resource === BUDGETS) return event.type === 'DELETED' ? [] : [keyOfEvent(event)];
      if (resource !== PODS) return [];
      return api.storage
        .list(BUDGETS, event.object.metadata.namespace)
        .filter((budget) => covers(budget, event.object))
        .map((budget) => [budget.metadata.namespace, budget.metadata.name]);
    },
    (namespace, name) => {
      const found = api.storage.get(BUDGETS, namespace, name);
      if (found === undefined || isTerminating(found)) return;
      const { expected, healthy, desired, allowed } = budgetOf(api, found);
      writeStatus(api, kindOf(api, 'policy', 'poddisruptionbudgets'), found, {
        ...mapAt(found, 'status'),
        currentHealthy: healthy,
        desiredHealthy: desired,
        disruptionsAllowed: allowed,
        expectedPods: expected,
        observedGeneration: found.metadata.generation ?? 1,
      });
    },
  );
}

function covers(budget: KubeObject, pod: KubeObject): boolean {
  const selector = mapAt(budget, 'spec', 'selector');
  return selector !== undefined && selects(selector, pod.metadata.labels ?? {});
}

function budgetOf(api: Api, budget: KubeObject): Budget {
  const pods = api.storage.list(PODS, budget.metadata.namespace).filter((pod) => covers(budget, pod) && isActive(pod));
  const healthy = pods.filter(isReady).length;
  const least = valueAt(budget, 'spec', 'minAvailable');
  const desired =
    least === undefined
      ? Math.max(0, pods.length - share(valueAt(budget, 'spec', 'maxUnavailable'), pods.length, Math.ceil))
      : share(least, pods.length, Math.ceil);
  return {
    name: budget.metadata.name,
    expected: pods.length,
    healthy,
    desired,
    allowed: Math.max(0, healthy - desired),
  };
}

/** The budget that decides about a pod; undefined when none does. */
export function podsAllowed(api: Api, pod: KubeObject): Budget | undefined {
  const found = api.storage.list(BUDGETS, pod.metadata.namespace).find((budget) => covers(budget, pod));
  // Pods that are of no use anyway may always go.
  if (found === undefined || !isReady(pod) || numberAt(pod, 'metadata.deletionGracePeriodSeconds') > 0)
    return undefined;
  return budgetOf(api, found);
}
