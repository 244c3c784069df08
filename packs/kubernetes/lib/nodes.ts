import { type KubernetesApi, z } from 'petrel/sdk';
import { ask } from './errors.ts';
import { readField } from './field-path.ts';

export const nodeParameters = { name: z.string().min(1).describe('The name of the node.') };

/** Says whether new pods may come to a node. Answers whether that was news. */
export async function setSchedulable(
  kubernetes: KubernetesApi,
  name: string,
  schedulable: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const reference = { apiVersion: 'v1', kind: 'Node', name };
  const node = await ask(kubernetes.get(reference, signal));
  if ((readField(node, 'spec.unschedulable') === true) !== schedulable) return false;
  await ask(kubernetes.patch(reference, { spec: { unschedulable: schedulable ? null : true } }, { signal }));
  return true;
}
