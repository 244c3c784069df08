/** ReplicaSets and ReplicationControllers: as many pods of one template as wanted. */
import { type JsonMap, mapAt } from '../json.ts';
import { numberAt } from '../kinds/define.ts';
import { deleteObject, plainDelete } from '../objects/delete.ts';
import { isTerminating, type KubeObject } from '../objects.ts';
import {
  attempt,
  type Controller,
  controller,
  controllerOf,
  keyOfEvent,
  kindOf,
  record,
  type World,
  writeStatus,
} from './controller.ts';
import { claimPods, createPod, isActive, isReady, PODS, untilAvailable } from './owned-pods.ts';

export const replicaSets = (world: World): Controller => replicas(world, 'apps', 'replicasets', 'ReplicaSet');
export const replicationControllers = (world: World): Controller =>
  replicas(world, '', 'replicationcontrollers', 'ReplicationController');

/** Pods made or deleted in one go; those that are left over follow with the next event. */
const BURST = 500;

function replicas(world: World, group: string, plural: string, name: string): Controller {
  const { api, timers } = world;
  const resource = `${group}/${plural}`;
  const component = group === '' ? 'replication-controller' : 'replicaset-controller';

  const self = controller(
    (changed, event) => {
      if (changed === resource) return event.type === 'DELETED' ? [] : [keyOfEvent(event)];
      if (changed !== PODS) return [];
      const { namespace } = event.object.metadata;
      const owners = [event.object, event.previous].flatMap((pod) => {
        const reference = pod === undefined ? undefined : controllerOf(pod);
        return reference?.kind === name ? [[namespace, reference.name] as const] : [];
      });
      if (owners.length > 0 || controllerOf(event.object) !== undefined || event.type === 'DELETED') return owners;
      // A pod of nobody's may be one to adopt.
      return api.storage.list(resource, namespace).map((one) => [namespace, one.metadata.name] as const);
    },
    (namespace, set) => {
      const found = api.storage.get(resource, namespace, set);
      if (found === undefined || isTerminating(found)) return;
      const own = claimPods(world, found, selectorOf(found));
      const wanted = numberAt(found, 'spec.replicas');
      const active = own.filter(isActive);
      const missing = wanted - active.length;
      for (let index = 0; index < Math.min(missing, BURST); index++) attempt(() => createPod(world, found, component));
      if (missing < 0) removeSome(found, active, -missing);
      const kept = api.storage
        .list(PODS, namespace)
        .filter((pod) => controllerOf(pod)?.uid === found.metadata.uid && isActive(pod));
      const present = api.storage.get(resource, namespace, set);
      if (present !== undefined) tell(present, kept);
    },
  );

  /** Those go first that are furthest from being of use, and of equals the youngest. */
  function removeSome(owner: KubeObject, pods: readonly KubeObject[], count: number): void {
    const rank = (pod: KubeObject) => (isReady(pod) ? 1 : 0);
    const going = [...pods]
      .sort(
        (a, b) =>
          rank(a) - rank(b) || Number(b.metadata.resourceVersion ?? 0) - Number(a.metadata.resourceVersion ?? 0),
      )
      .slice(0, Math.min(count, BURST));
    for (const pod of going) {
      attempt(() => {
        deleteObject(api, kindOf(api, '', 'pods'), pod.metadata.namespace, pod.metadata.name, plainDelete);
        record(world, owner, { reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}`, component });
      });
    }
  }

  function tell(owner: KubeObject, pods: readonly KubeObject[]): void {
    const waits = pods.map((pod) => untilAvailable(pod, numberAt(owner, 'spec.minReadySeconds'), api.now()));
    const later = waits.filter((wait) => wait !== undefined && wait > 0);
    if (later.length > 0) {
      const { namespace, name: set } = owner.metadata;
      timers.after(Math.min(...later.map((wait) => wait ?? 0)), () => {
        self.add([namespace, set]);
        self.work();
      });
    }
    const labels = mapAt(owner, 'spec', 'template', 'metadata', 'labels') ?? {};
    const labelled = pods.filter((pod) =>
      Object.entries(labels).every(([key, value]) => pod.metadata.labels?.[key] === value),
    );
    const status: JsonMap = { replicas: pods.length, observedGeneration: owner.metadata.generation ?? 1 };
    const count = (key: string, value: number) => {
      if (value > 0) status[key] = value;
    };
    count('fullyLabeledReplicas', labelled.length);
    count('readyReplicas', pods.filter(isReady).length);
    count('availableReplicas', waits.filter((wait) => wait === 0).length);
    writeStatus(api, kindOf(api, group, plural), owner, status);
  }

  return self;
}

/** A replication controller's selector is a map of labels; a replica set's is a LabelSelector. */
function selectorOf(owner: KubeObject): JsonMap {
  const selector = mapAt(owner, 'spec', 'selector') ?? {};
  return owner.kind === 'ReplicationController' ? { matchLabels: selector } : selector;
}
