/**
 * The simulated scheduler and kubelet: every pod is given to the sandbox's one node and lives as its annotations say (pod-script.ts). With
 * no waits asked for, all of it happens before the next request is answered.
 */
import { internalWrite } from '../api.ts';
import { isMap, type JsonMap, listAt, mapAt, stringAt, valueAt } from '../json.ts';
import { numberAt, textAt } from '../kinds/define.ts';
import { createObject } from '../objects/create.ts';
import { deleteObject, plainDelete } from '../objects/delete.ts';
import { isTerminating, type KubeObject, timestamp } from '../objects.ts';
import {
  attempt,
  type Controller,
  change,
  controller,
  type Key,
  keyOfEvent,
  kindOf,
  record,
  type World,
  withCondition,
  writeStatus,
} from './controller.ts';
import { isReady, PODS, phaseOf } from './owned-pods.ts';
import { scriptOf } from './pod-script.ts';
import { type ContainerState, NODE, NODE_ADDRESS, statusWith } from './pod-status.ts';

const KUBELET = 'kubelet';
const NODES = '/nodes';

export function kubelet(world: World): Controller {
  const { api, timers } = world;
  /** What each pod waits for, by uid. */
  const waits = new Map<string, { readonly what: string; readonly cancel: () => void }>();
  const kind = () => kindOf(api, '', 'pods');

  const self = controller(
    (resource, event) => {
      if (resource === NODES) return unscheduled();
      if (resource !== PODS) return [];
      if (event.type === 'DELETED') forget(event.object);
      return event.type === 'DELETED' ? [] : [keyOfEvent(event)];
    },
    (namespace, name) => {
      const pod = api.storage.get(PODS, namespace, name);
      if (pod !== undefined) step(pod);
    },
  );

  /** A node that takes pods again is news for those that wait for one. */
  function unscheduled(): Key[] {
    const waiting = api.storage.list(PODS).filter((pod) => textAt(pod, 'spec.nodeName') === '');
    return waiting.map((pod) => [pod.metadata.namespace, pod.metadata.name]);
  }

  function forget(pod: KubeObject): void {
    const uid = pod.metadata.uid ?? '';
    waits.get(uid)?.cancel();
    waits.delete(uid);
  }

  /** Does something now, or after a while unless the pod goes before; asked again meanwhile it keeps the first wait. */
  function later(pod: KubeObject, what: string, milliseconds: number, act: (pod: KubeObject) => void): void {
    const { namespace, name, uid = '' } = pod.metadata;
    if (milliseconds <= 0) {
      act(pod);
      return;
    }
    if (waits.get(uid)?.what === what) return;
    waits.get(uid)?.cancel();
    const cancel = timers.after(milliseconds, () => {
      waits.delete(uid);
      const present = api.storage.get(PODS, namespace, name);
      if (present !== undefined && present.metadata.uid === uid) attempt(() => act(present));
    });
    waits.set(uid, { what, cancel });
  }

  function enter(pod: KubeObject, state: ContainerState, phase: string): void {
    writeStatus(api, kind(), pod, statusWith(pod, state, phase, api.now()), KUBELET);
  }

  /** One step of a pod's life; the write it makes is the event that brings the next. */
  function step(pod: KubeObject): void {
    const script = scriptOf(pod);
    const phase = phaseOf(pod);
    if (isTerminating(pod)) {
      const grace = (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
      later(pod, 'stop', Math.min(script.stopAfter, grace), stop);
      return;
    }
    if (phase === 'Succeeded' || phase === 'Failed') return;
    if (textAt(pod, 'spec.nodeName') === '') {
      const why = script.unschedulable ?? noNode();
      if (why === undefined) schedule(pod);
      else refuse(pod, why);
      return;
    }
    const [first] = listAt(pod, 'status', 'containerStatuses').filter(isMap);
    const waiting = stringAt(first, 'state', 'waiting', 'reason');
    const running = mapAt(first, 'state', 'running') !== undefined;
    if (first === undefined) {
      const reason = script.waiting ?? 'ContainerCreating';
      if (script.waiting !== undefined || script.startAfter > 0) enter(pod, { is: 'waiting', reason }, 'Pending');
      if (script.waiting === undefined && script.startAfter === 0) start(pod);
    } else if (running) run(pod);
    else if (waiting === 'ContainerCreating') later(pod, 'start', script.startAfter, start);
    else if (waiting === 'CrashLoopBackOff') later(pod, 'restart', script.restartAfter, start);
    else if (mapAt(first, 'state', 'terminated') !== undefined) ended(pod);
  }

  function noNode(): string | undefined {
    const node = api.storage.get(NODES, undefined, NODE);
    if (node === undefined) return 'no nodes available to schedule pods';
    return valueAt(node, 'spec', 'unschedulable') === true
      ? '0/1 nodes are available: 1 node(s) were unschedulable.'
      : undefined;
  }

  function schedule(pod: KubeObject): void {
    change(api, kind(), pod, (old) => ({ ...old, spec: { ...mapAt(old, 'spec'), nodeName: NODE } }));
    const { namespace = '', name } = pod.metadata;
    const message = `Successfully assigned ${namespace}/${name} to ${NODE}`;
    record(world, pod, { reason: 'Scheduled', message, component: 'default-scheduler' });
  }

  function refuse(pod: KubeObject, message: string): void {
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
    const before = listAt(pod, 'status', 'conditions').filter(isMap);
    const conditions = withCondition(before, condition, api.now());
    if (conditions.length === before.length) return;
    writeStatus(api, kind(), pod, { ...mapAt(pod, 'status'), phase: 'Pending', conditions }, 'kube-scheduler');
    record(world, pod, { reason: 'FailedScheduling', message, type: 'Warning', component: 'default-scheduler' });
  }

  function start(pod: KubeObject): void {
    enter(pod, { is: 'running', ready: scriptOf(pod).readyAfter === 0 }, 'Running');
    for (const container of listAt(pod, 'spec', 'containers')) {
      const name = stringAt(container, 'name') ?? '';
      record(world, pod, { reason: 'Started', message: `Started container ${name}`, component: KUBELET });
    }
  }

  function run(pod: KubeObject): void {
    const script = scriptOf(pod);
    const due = script.runFor === undefined ? Number.POSITIVE_INFINITY : script.runFor;
    if (!isReady(pod) && script.readyAfter <= due) {
      later(pod, 'ready', script.readyAfter, (now) => enter(now, { is: 'running', ready: true }, 'Running'));
    } else if (script.runFor !== undefined) {
      const left = isReady(pod) ? Math.max(0, script.runFor - script.readyAfter) : script.runFor;
      later(pod, 'end', left, (now) => end(now, script.exitCode));
    }
  }

  function end(pod: KubeObject, exitCode: number): void {
    const policy = textAt(pod, 'spec.restartPolicy');
    const restarted = policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
    enter(pod, { is: 'terminated', exitCode }, restarted ? 'Running' : exitCode === 0 ? 'Succeeded' : 'Failed');
  }

  /** What a container that is to be restarted does next; the first restart of the real kubelet comes at once, too. */
  function ended(pod: KubeObject): void {
    const [first] = listAt(pod, 'status', 'containerStatuses').filter(isMap);
    if (numberAt(first, 'restartCount') === 0) {
      start(pod);
      return;
    }
    const name = stringAt(first, 'name') ?? '';
    const message = `back-off restarting failed container=${name} pod=${pod.metadata.name}_${pod.metadata.namespace ?? ''}`;
    enter(pod, { is: 'waiting', reason: 'CrashLoopBackOff', message }, 'Running');
    record(world, pod, { reason: 'BackOff', message, type: 'Warning', component: KUBELET });
  }

  function stop(pod: KubeObject): void {
    const { namespace, name } = pod.metadata;
    attempt(() => deleteObject(api, kind(), namespace, name, { ...plainDelete, gracePeriodSeconds: 0 }));
  }

  return self;
}

/** The one node, as a kubelet registers it. */
export function createNode({ api }: World): void {
  const kind = kindOf(api, '', 'nodes');
  if (api.storage.get(kind.storageKey, undefined, NODE) !== undefined) return;
  const labels = {
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': NODE,
    'kubernetes.io/os': 'linux',
    'node-role.kubernetes.io/control-plane': '',
  };
  const options = { ...internalWrite, manager: KUBELET };
  const node = createObject(
    api,
    kind,
    undefined,
    { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE, labels }, spec: {} },
    options,
  );
  const now = timestamp(api.now());
  const resources: JsonMap = { cpu: '8', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' };
  const condition = (type: string, status: string, reason: string, message: string): JsonMap => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  });
  writeStatus(
    api,
    kind,
    node,
    {
      addresses: [
        { type: 'InternalIP', address: NODE_ADDRESS },
        { type: 'Hostname', address: NODE },
      ],
      capacity: resources,
      allocatable: resources,
      conditions: [
        condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
        condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
      ],
      nodeInfo: {
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: 'sandbox://1',
        kernelVersion: 'none',
        kubeProxyVersion: 'v1.32.0+petrel-sandbox',
        kubeletVersion: 'v1.32.0+petrel-sandbox',
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'Petrel sandbox',
        systemUUID: '',
      },
    },
    KUBELET,
  );
}
