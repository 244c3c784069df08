/** Endpoints and EndpointSlices: the addresses of the pods that a service selects. */
import { internalWrite } from '../api.ts';
import { equal, type Json, type JsonMap, listAt, mapAt, stringAt, valueAt } from '../json.ts';
import { numberAt, textAt } from '../kinds/define.ts';
import type { Kind } from '../kinds/kind.ts';
import { createObject } from '../objects/create.ts';
import { deleteObject, plainDelete } from '../objects/delete.ts';
import { isTerminating, type KubeObject } from '../objects.ts';
import { selects } from '../selectors.ts';
import {
  attempt,
  type Controller,
  change,
  controller,
  keyOfEvent,
  kindOf,
  ownerReference,
  type World,
} from './controller.ts';
import { isReady, PODS, phaseOf } from './owned-pods.ts';

const SERVICES = '/services';

export function endpoints({ api }: World): Controller {
  return controller(
    (resource, event) => {
      if (resource === SERVICES) return [keyOfEvent(event)];
      if (resource !== PODS) return [];
      const { namespace } = event.object.metadata;
      const concerns = (service: KubeObject) => {
        const selector = mapAt(service, 'spec', 'selector');
        if (selector === undefined) return false;
        const states = [event.object, event.previous];
        return states.some((pod) => pod !== undefined && selects({ matchLabels: selector }, pod.metadata.labels ?? {}));
      };
      return api.storage
        .list(SERVICES, namespace)
        .filter(concerns)
        .map((one) => [namespace, one.metadata.name]);
    },
    (namespace, name) => {
      const service = api.storage.get(SERVICES, namespace, name);
      const kind = kindOf(api, '', 'endpoints');
      if (service === undefined || isTerminating(service)) {
        if (api.storage.get(kind.storageKey, namespace, name) !== undefined) {
          attempt(() => deleteObject(api, kind, namespace, name, plainDelete));
        }
        return;
      }
      const selector = mapAt(service, 'spec', 'selector');
      // Without a selector somebody else writes the endpoints.
      if (selector === undefined || service.spec === undefined || textAt(service, 'spec.type') === 'ExternalName')
        return;
      const pods = api.storage
        .list(PODS, namespace)
        .filter(
          (pod) => selects({ matchLabels: selector }, pod.metadata.labels ?? {}) && textAt(pod, 'status.podIP') !== '',
        )
        .filter((pod) => !['Succeeded', 'Failed'].includes(phaseOf(pod)));
      store(kind, service, endpointsOf(service, pods));
      store(kindOf(api, 'discovery.k8s.io', 'endpointslices'), service, sliceOf(service, pods));
    },
  );

  function store(kind: Kind, service: KubeObject, content: JsonMap): void {
    const { namespace, name } = service.metadata;
    const slice = kind.plural === 'endpointslices';
    const own = (object: KubeObject) =>
      object.metadata.ownerReferences?.some(({ uid }) => uid === service.metadata.uid);
    const present = slice
      ? api.storage.list(kind.storageKey, namespace).find(own)
      : api.storage.get(kind.storageKey, namespace, name);
    if (present !== undefined) {
      const wanted = Object.entries(content).every(([key, value]) => equal(present[key], value));
      if (!wanted || (!slice && present.subsets !== undefined && content.subsets === undefined)) {
        attempt(() =>
          change(api, kind, present, ({ subsets: _subsets, ...old }) => ({
            ...old,
            apiVersion: old.apiVersion ?? kind.apiVersion,
            kind: kind.kind,
            metadata: present.metadata,
            ...content,
          })),
        );
      }
      return;
    }
    const labels = slice
      ? {
          'kubernetes.io/service-name': name,
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        }
      : {};
    const metadata = {
      ...(slice ? { name: '', generateName: `${name}-`, ownerReferences: [ownerReference(service)] } : { name }),
      ...(Object.keys(labels).length + Object.keys(service.metadata.labels ?? {}).length === 0
        ? {}
        : { labels: { ...service.metadata.labels, ...labels } }),
    };
    const object: KubeObject = { apiVersion: kind.apiVersion, kind: kind.kind, metadata, ...content };
    attempt(() => createObject(api, kind, namespace, object, internalWrite));
  }
}

const target = (pod: KubeObject): JsonMap => ({
  kind: 'Pod',
  name: pod.metadata.name,
  namespace: pod.metadata.namespace,
  uid: pod.metadata.uid,
});

/** A service's port as a pod has it: a number, or the number of the container's port of that name. */
function targetPort(port: Json, pod: KubeObject | undefined): number {
  const wanted = valueAt(port, 'targetPort');
  if (typeof wanted === 'number') return wanted;
  const named = listAt(pod, 'spec', 'containers')
    .flatMap((container) => listAt(container, 'ports'))
    .find((one) => stringAt(one, 'name') === wanted);
  return named === undefined ? numberAt(port, 'port') : numberAt(named, 'containerPort');
}

function portsOf(service: KubeObject, pods: readonly KubeObject[]): JsonMap[] {
  return listAt(service, 'spec', 'ports').map((port) => {
    const name = stringAt(port, 'name');
    return {
      ...(name === undefined ? {} : { name }),
      port: targetPort(port, pods[0]),
      protocol: stringAt(port, 'protocol') ?? 'TCP',
    };
  });
}

function endpointsOf(service: KubeObject, pods: readonly KubeObject[]): JsonMap {
  if (pods.length === 0) return {};
  const address = (pod: KubeObject): JsonMap => ({
    ip: textAt(pod, 'status.podIP'),
    nodeName: textAt(pod, 'spec.nodeName'),
    targetRef: target(pod),
  });
  const serving = valueAt(service, 'spec', 'publishNotReadyAddresses') === true ? () => true : isServing;
  const ready = pods.filter(serving).map(address);
  const notReady = pods.filter((pod) => !serving(pod)).map(address);
  const subset: JsonMap = { ports: portsOf(service, pods) };
  if (ready.length > 0) subset.addresses = ready;
  if (notReady.length > 0) subset.notReadyAddresses = notReady;
  return { subsets: [subset] };
}

const isServing = (pod: KubeObject) => isReady(pod) && !isTerminating(pod);

function sliceOf(service: KubeObject, pods: readonly KubeObject[]): JsonMap {
  return {
    addressType: 'IPv4',
    endpoints: pods.map((pod) => ({
      addresses: [textAt(pod, 'status.podIP')],
      conditions: { ready: isServing(pod), serving: isReady(pod), terminating: isTerminating(pod) },
      nodeName: textAt(pod, 'spec.nodeName'),
      targetRef: target(pod),
    })),
    ports: portsOf(service, pods).map((port) => ({ name: '', ...port })),
  };
}
