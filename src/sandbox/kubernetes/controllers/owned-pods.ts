/** The pods of a workload: which are its own, which it takes in, which it lets go, and how a new one is made. */
import { internalWrite } from '../api.ts';
import { clone, isMap, type JsonMap, listAt, mapAt, stringAt } from '../json.ts';
import { createObject } from '../objects/create.ts';
import { isTerminating, type KubeObject } from '../objects.ts';
import { selects } from '../selectors.ts';
import { attempt, change, controllerOf, kindOf, ownerReference, record, type World } from './controller.ts';

export const PODS = '/pods';

/**
 * The pods an owner controls, after those that match its selector and are nobody's were adopted and those that match no more were
 * released, as every controller with a selector does.
 */
export function claimPods(world: World, owner: KubeObject, selector: JsonMap): KubeObject[] {
  const { api } = world;
  const kind = kindOf(api, '', 'pods');
  const owned: KubeObject[] = [];
  for (const pod of api.storage.list(PODS, owner.metadata.namespace)) {
    const reference = controllerOf(pod);
    const matches = selects(selector, pod.metadata.labels ?? {});
    if (reference !== undefined && reference.uid !== owner.metadata.uid) continue;
    if (reference !== undefined && matches) owned.push(pod);
    else if (reference !== undefined) {
      if (!isTerminating(owner)) attempt(() => change(api, kind, pod, (old) => released(old, reference.uid)));
    } else if (matches && !isTerminating(owner) && !isTerminating(pod)) {
      attempt(() => owned.push(change(api, kind, pod, (old) => adopted(old, owner))));
    }
  }
  return owned;
}

function released(pod: KubeObject, owner: string): KubeObject {
  const ownerReferences = (pod.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner);
  return { ...pod, metadata: { ...pod.metadata, ownerReferences } };
}

function adopted(object: KubeObject, owner: KubeObject): KubeObject {
  const ownerReferences = [...(object.metadata.ownerReferences ?? []), ownerReference(owner)];
  return { ...object, metadata: { ...object.metadata, ownerReferences } };
}

export const phaseOf = (pod: KubeObject): string => stringAt(pod, 'status', 'phase') ?? 'Pending';

/** Neither at its end nor being deleted. */
export function isActive(pod: KubeObject): boolean {
  return !isTerminating(pod) && !['Succeeded', 'Failed'].includes(phaseOf(pod));
}

function readyCondition(pod: KubeObject): JsonMap | undefined {
  return listAt(pod, 'status', 'conditions')
    .filter(isMap)
    .find((one) => one.type === 'Ready' && one.status === 'True');
}

export function isReady(pod: KubeObject): boolean {
  return readyCondition(pod) !== undefined;
}

/** Milliseconds until a pod counts as available; 0 when it does, undefined when it is not even ready. */
export function untilAvailable(pod: KubeObject, minReadySeconds: number, now: number): number | undefined {
  const ready = readyCondition(pod);
  if (ready === undefined) return undefined;
  if (minReadySeconds === 0) return 0;
  return Math.max(0, Date.parse(stringAt(ready, 'lastTransitionTime') ?? '') + minReadySeconds * 1000 - now);
}

/** Makes a pod from an owner's template, named after its owner. Throws what the API server refuses. */
export function createPod(
  world: World,
  owner: KubeObject,
  component: string,
  more: { readonly annotations?: { [key: string]: string }; readonly prefix?: string } = {},
): KubeObject {
  const { api } = world;
  const template = mapAt(owner, 'spec', 'template') ?? {};
  const metadata = mapAt(template, 'metadata') ?? {};
  const { namespace, name } = owner.metadata;
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: more.prefix ?? `${name}-`,
      labels: texts(metadata.labels),
      annotations: { ...texts(metadata.annotations), ...more.annotations },
      finalizers: listAt(metadata, 'finalizers').map(String),
      ownerReferences: [ownerReference(owner)],
    },
    spec: clone(mapAt(template, 'spec') ?? {}),
  };
  for (const key of ['annotations', 'labels', 'finalizers'] as const) {
    if (Object.keys(pod.metadata[key] ?? {}).length === 0) delete pod.metadata[key];
  }
  const made = createObject(api, kindOf(api, '', 'pods'), namespace, pod, internalWrite);
  record(world, owner, { reason: 'SuccessfulCreate', message: `Created pod: ${made.metadata.name}`, component });
  return made;
}

function texts(map: unknown): { [key: string]: string } {
  return isMap(map) ? Object.fromEntries(Object.entries(map).map(([key, value]) => [key, String(value)])) : {};
}
