/** pods/log: what a simulated container is said to have written (its annotation), read as the real kubelet lets one read. */

import { logOf } from '../controllers/pod-script.ts';
import { badRequest } from '../errors.ts';
import { listAt, mapAt, stringAt } from '../json.ts';
import { numberAt } from '../kinds/define.ts';
import { findObject } from '../objects/update.ts';
import { isTerminating, type KubeObject, timestamp } from '../objects.ts';
import type { ResourceRoute } from '../router.ts';
import { type Call, isTrue } from './call.ts';

export function podLog(call: Call, route: ResourceRoute): void {
  const { api, query, response } = call;
  const { kind, namespace, name = '' } = route;
  const pod = findObject(api, kind, namespace, name);
  const container = containerOf(pod, query.get('container') ?? '');
  refuseEarly(pod, container, isTrue(query.get('previous')));
  response.writeHead(200, { 'content-type': 'text/plain' });
  const text = limited(logOf(pod, container), pod, query);
  if (!isTrue(query.get('follow')) || hasEnded(pod)) {
    response.end(text);
    return;
  }
  response.flushHeaders();
  response.write(text);
  // What is added to the annotation is what the container writes next.
  let known = logOf(pod, container);
  const end = api.storage.watch(kind.storageKey, ({ object, type }) => {
    if (object.metadata.uid !== pod.metadata.uid) return;
    const now = logOf(object, container);
    if (now.startsWith(known) && now.length > known.length) response.write(now.slice(known.length));
    known = now;
    if (type === 'DELETED' || hasEnded(object) || isTerminating(object)) response.end();
  });
  response.on('close', end);
}

function hasEnded(pod: KubeObject): boolean {
  return ['Succeeded', 'Failed'].includes(stringAt(pod, 'status', 'phase') ?? '');
}

/** The container asked for, or the only one there is. Throws 400 otherwise. */
function containerOf(pod: KubeObject, asked: string): string {
  const { name } = pod.metadata;
  const names = (key: string) => listAt(pod, 'spec', key).map((one) => stringAt(one, 'name') ?? '');
  const [containers, initial] = [names('containers'), names('initContainers')];
  if (asked !== '') {
    if (containers.includes(asked) || initial.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const [first = ''] = containers;
  if (containers.length === 1 && initial.length === 0) return first;
  const others = initial.length === 0 ? '' : ` or one of the init containers: [${initial.join(' ')}]`;
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]${others}`,
  );
}

function refuseEarly(pod: KubeObject, container: string, previous: boolean): void {
  const { name } = pod.metadata;
  const status = listAt(pod, 'status', 'containerStatuses').find((one) => stringAt(one, 'name') === container);
  if (previous) {
    if (mapAt(status, 'lastState', 'terminated') === undefined) {
      throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
    }
    return;
  }
  const reason = stringAt(status, 'state', 'waiting', 'reason');
  if (status === undefined || (reason !== undefined && numberAt(status, 'restartCount') === 0)) {
    const why =
      status === undefined
        ? 'ContainerCreating'
        : reason === 'ImagePullBackOff'
          ? 'trying and failing to pull image'
          : reason;
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${why}`);
  }
}

function limited(text: string, pod: KubeObject, query: URLSearchParams): string {
  let lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const tail = query.get('tailLines');
  if (tail !== null && /^\d+$/.test(tail)) lines = lines.slice(Math.max(0, lines.length - Number(tail)));
  if (isTrue(query.get('timestamps'))) {
    const at = stringAt(pod, 'status', 'startTime') ?? timestamp(0);
    lines = lines.map((line) => `${at.replace('Z', '.000000000Z')} ${line}`);
  }
  const whole = lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  const limit = Number(query.get('limitBytes') ?? 0);
  return limit > 0 ? Buffer.from(whole).subarray(0, limit).toString('utf8') : whole;
}
