/** What the API server writes into a pod's or template's specification where its author wrote nothing (core/v1 defaults.go). */
import { isMap, type Json, type JsonMap, listAt, mapAt, stringAt } from '../../json.ts';
import type { KubeObject } from '../../objects.ts';
import { fill } from '../define.ts';

/** Completes a PodSpec in place. */
export function defaultPodSpec(spec: Json | undefined): void {
  if (!isMap(spec)) return;
  fill(
    spec,
    ['dnsPolicy', 'ClusterFirst'],
    ['restartPolicy', 'Always'],
    ['schedulerName', 'default-scheduler'],
    ['securityContext', {}],
    ['terminationGracePeriodSeconds', 30],
  );
  // The deprecated twin follows the field, as conversion in the real server has it.
  if (typeof spec.serviceAccountName === 'string') spec.serviceAccount = spec.serviceAccountName;
  for (const container of [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')])
    defaultContainer(container);
  for (const volume of listAt(spec, 'volumes')) defaultVolume(volume);
}

function defaultContainer(container: Json): void {
  if (!isMap(container)) return;
  fill(
    container,
    ['imagePullPolicy', pullPolicy(stringAt(container, 'image') ?? '')],
    ['resources', {}],
    ['terminationMessagePath', '/dev/termination-log'],
    ['terminationMessagePolicy', 'File'],
  );
  for (const port of listAt(container, 'ports')) fill(port, ['protocol', 'TCP']);
  for (const variable of listAt(container, 'env')) fill(mapAt(variable, 'valueFrom', 'fieldRef'), ['apiVersion', 'v1']);
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) defaultProbe(mapAt(container, name));
}

/** In a pod, though not in a template, what is limited is requested as well. */
export function defaultRequests(spec: Json | undefined): void {
  for (const container of [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')]) {
    const resources = mapAt(container, 'resources');
    const limits = mapAt(resources, 'limits');
    if (resources === undefined || limits === undefined) continue;
    resources.requests = { ...limits, ...mapAt(resources, 'requests') };
  }
}

/** Every pod bears a node that is not ready or cannot be reached for five minutes. */
export function defaultTolerations(spec: Json | undefined): void {
  if (!isMap(spec)) return;
  const own = listAt(spec, 'tolerations');
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) => !own.some((one) => stringAt(one, 'key') === key),
  );
  const added = missing.map((key) => ({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: 300 }));
  if (added.length > 0) spec.tolerations = [...own, ...added];
}

/** `latest`, said or not, is pulled every time. */
function pullPolicy(image: string): string {
  const tag = /:([^:/@]+)$/.exec(image)?.[1];
  return (tag === undefined && !image.includes('@')) || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: JsonMap | undefined): void {
  fill(probe, ['timeoutSeconds', 1], ['periodSeconds', 10], ['successThreshold', 1], ['failureThreshold', 3]);
  fill(mapAt(probe, 'httpGet'), ['scheme', 'HTTP'], ['path', '/']);
}

function defaultVolume(volume: Json): void {
  if (!isMap(volume)) return;
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
  for (const source of ['configMap', 'secret', 'projected', 'downwardAPI']) {
    fill(mapAt(volume, source), ['defaultMode', 420]);
  }
  fill(mapAt(volume, 'hostPath'), ['type', '']);
}

export function defaultTemplate(object: KubeObject): void {
  defaultPodSpec(mapAt(object, 'spec', 'template', 'spec'));
}
