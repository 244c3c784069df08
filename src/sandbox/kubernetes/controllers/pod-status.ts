/** The status of a pod at each point of its simulated life. */
import { createHash } from 'node:crypto';
import { isMap, type JsonMap, listAt, mapAt, stringAt, valueAt } from '../json.ts';
import { numberAt, textAt } from '../kinds/define.ts';
import { type KubeObject, timestamp } from '../objects.ts';
import { withCondition } from './controller.ts';

export const NODE = 'petrel-sandbox';
export const NODE_ADDRESS = '10.0.0.1';

export type ContainerState =
  | { readonly is: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly is: 'running'; readonly ready: boolean }
  | { readonly is: 'terminated'; readonly exitCode: number };

/** The whole status with its containers in a state; what was before shows in lastState and the restart count. */
export function statusWith(pod: KubeObject, state: ContainerState, phase: string, now: number): JsonMap {
  const before = listAt(pod, 'status', 'containerStatuses').filter(isMap);
  const containerStatuses = listAt(pod, 'spec', 'containers').map((container) => {
    const name = stringAt(container, 'name') ?? '';
    return containerStatus(
      pod,
      name,
      stringAt(container, 'image') ?? '',
      state,
      before.find((one) => one.name === name),
      now,
    );
  });
  const ready = state.is === 'running' && state.ready;
  const why = ready
    ? ''
    : phase === 'Succeeded' || phase === 'Failed'
      ? phase === 'Succeeded'
        ? 'PodCompleted'
        : 'PodFailed'
      : 'ContainersNotReady';
  const names = listAt(pod, 'spec', 'containers').map((one) => stringAt(one, 'name') ?? '');
  const message = why === 'ContainersNotReady' ? `containers with unready status: [${names.join(' ')}]` : '';
  let conditions = listAt(pod, 'status', 'conditions').filter(isMap);
  const set = (type: string, met: boolean, reason = '', words = '') => {
    conditions = withCondition(conditions, { type, status: met ? 'True' : 'False', reason, message: words }, now, {
      lastProbeTime: null,
    });
  };
  const started = state.is !== 'waiting' || before.some((one) => numberAt(one, 'restartCount') > 0);
  set('PodReadyToStartContainers', started && phase !== 'Succeeded' && phase !== 'Failed');
  set('Initialized', true, phase === 'Succeeded' ? 'PodCompleted' : '');
  set('Ready', ready, why, message);
  set('ContainersReady', ready, why, message);
  set('PodScheduled', true);
  const ip = textAt(pod, 'status.podIP') || podAddress(pod);
  return {
    ...mapAt(pod, 'status'),
    phase,
    conditions: conditions.map(tidy),
    hostIP: NODE_ADDRESS,
    hostIPs: [{ ip: NODE_ADDRESS }],
    ...(started ? { podIP: ip, podIPs: [{ ip }] } : {}),
    startTime: textAt(pod, 'status.startTime') || timestamp(now),
    containerStatuses,
  };
}

/** Conditions without an empty reason or message, as they come out of Go. */
function tidy(condition: JsonMap): JsonMap {
  return Object.fromEntries(
    Object.entries(condition).filter(([key, value]) => value !== '' && !(key === 'lastProbeTime' && value === null)),
  );
}

function containerStatus(
  pod: KubeObject,
  name: string,
  image: string,
  state: ContainerState,
  before: JsonMap | undefined,
  now: number,
): JsonMap {
  const wasRunning = mapAt(before, 'state', 'running');
  const ended = mapAt(before, 'state', 'terminated');
  const restarts = numberAt(before, 'restartCount');
  // A container that runs after it had ended was restarted.
  const again = state.is === 'running' && wasRunning === undefined && lastEnd(before) !== undefined ? 1 : 0;
  const id = `containerd://${createHash('sha256')
    .update(`${pod.metadata.uid}/${name}/${restarts + again}`)
    .digest('hex')}`;
  const lastState =
    state.is === 'waiting' && ended !== undefined ? { terminated: ended } : (mapAt(before, 'lastState') ?? {});
  const ran = state.is !== 'waiting' || lastEnd(before) !== undefined;
  return {
    name,
    image,
    imageID: ran ? `sandbox@sha256:${createHash('sha256').update(image).digest('hex')}` : '',
    ...(ran ? { containerID: id } : {}),
    ready: state.is === 'running' && state.ready,
    started: state.is === 'running',
    restartCount: restarts + again,
    state: stateOf(state, wasRunning, ended, id, now),
    lastState: again === 1 && ended !== undefined ? { terminated: ended } : lastState,
  };
}

function lastEnd(before: JsonMap | undefined): JsonMap | undefined {
  return mapAt(before, 'state', 'terminated') ?? mapAt(before, 'lastState', 'terminated');
}

function stateOf(
  state: ContainerState,
  running: JsonMap | undefined,
  ended: JsonMap | undefined,
  containerID: string,
  now: number,
): JsonMap {
  switch (state.is) {
    case 'waiting':
      return { waiting: { reason: state.reason, ...(state.message === undefined ? {} : { message: state.message }) } };
    case 'running':
      return { running: running ?? { startedAt: timestamp(now) } };
    case 'terminated':
      return {
        terminated: ended ?? {
          exitCode: state.exitCode,
          reason: state.exitCode === 0 ? 'Completed' : 'Error',
          startedAt: valueAt(running, 'startedAt') ?? timestamp(now),
          finishedAt: timestamp(now),
          containerID,
        },
      };
  }
}

/** An address of the pod network, from the uid: nothing is there, but each pod has its own. */
function podAddress(pod: KubeObject): string {
  const number = Number.parseInt((pod.metadata.uid ?? '').replaceAll('-', '').slice(0, 8), 16) || 0;
  return `10.244.${(number >> 8) & 0xff}.${1 + ((number & 0xff) % 254)}`;
}
