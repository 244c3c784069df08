import type { KubernetesObject } from 'petrel/sdk';
import { readField } from './field-path.ts';

export interface DrainRules {
  readonly ignoreDaemonSets: boolean;
  readonly deleteEmptyDirData: boolean;
  readonly force: boolean;
}

/** What a drain does about a pod, by kubectl's rules: evicts it, leaves it, or cannot go on because of it. */
export type Verdict =
  | { readonly kind: 'evict' }
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'obstacle'; readonly reason: string };

export function judge(pod: KubernetesObject, rules: DrainRules): Verdict {
  if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
    return { kind: 'skip', reason: 'it is a static pod of the node' };
  }
  const isOver = ['Succeeded', 'Failed'].includes(String(readField(pod, 'status.phase')));
  if (isOver) return { kind: 'evict' };
  const owners = pod.metadata.ownerReferences;
  const owner = (Array.isArray(owners) ? (owners as readonly unknown[]) : []).find(
    (one) => readField(one, 'controller') === true,
  );
  if (readField(owner, 'kind') === 'DaemonSet') {
    return rules.ignoreDaemonSets
      ? { kind: 'skip', reason: 'it belongs to a DaemonSet' }
      : { kind: 'obstacle', reason: 'it belongs to a DaemonSet, which would start it again (ignore_daemonsets)' };
  }
  if (owner === undefined && !rules.force) {
    return { kind: 'obstacle', reason: 'nothing would start it again elsewhere (force)' };
  }
  const volumes = readField(pod, 'spec.volumes');
  const list: readonly unknown[] = Array.isArray(volumes) ? volumes : [];
  if (!rules.deleteEmptyDirData && list.some((volume) => readField(volume, 'emptyDir') !== undefined)) {
    return { kind: 'obstacle', reason: 'the data of its emptyDir would be lost (delete_emptydir_data)' };
  }
  return { kind: 'evict' };
}
