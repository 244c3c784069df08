/** Defaults of services, and the addresses and node ports that the real server hands out with them. */
import { isMap, listAt, stringAt, valueAt } from '../../json.ts';
import type { KubeObject } from '../../objects.ts';
import { fill } from '../define.ts';

/**
 * Cluster addresses come from 10.96.0.0/16 and node ports from 30000 to 32767, both from the uid: stable, and distinct enough for a sandbox, which
 * routes nothing.
 */
export function prepareService(object: KubeObject, old: KubeObject | undefined): void {
  fill(object, ['spec.type', 'ClusterIP'], ['spec.sessionAffinity', 'None'], ['status.loadBalancer', {}]);
  if (!isMap(object.spec)) return;
  const { spec } = object;
  for (const port of listAt(spec, 'ports')) {
    fill(port, ['protocol', 'TCP']);
    if (isMap(port) && port.targetPort === undefined) port.targetPort = port.port;
  }
  if (spec.type === 'ExternalName') {
    for (const key of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) delete spec[key];
    return;
  }
  const before = old === undefined ? undefined : stringAt(old, 'spec', 'clusterIP');
  if (spec.clusterIP === undefined || spec.clusterIP === '') spec.clusterIP = before || clusterAddress(object);
  fill(
    spec,
    ['clusterIPs', [spec.clusterIP]],
    ['internalTrafficPolicy', 'Cluster'],
    ['ipFamilies', ['IPv4']],
    ['ipFamilyPolicy', 'SingleStack'],
  );
  if (spec.sessionAffinity === 'ClientIP') fill(spec, ['sessionAffinityConfig.clientIP.timeoutSeconds', 10_800]);
  if (spec.type === 'ClusterIP') return;
  fill(spec, ['externalTrafficPolicy', 'Cluster']);
  if (spec.type === 'LoadBalancer') fill(spec, ['allocateLoadBalancerNodePorts', true]);
  for (const [index, port] of listAt(spec, 'ports').entries()) {
    const known = old === undefined ? undefined : valueAt(listAt(old, 'spec', 'ports')[index], 'nodePort');
    if (isMap(port) && port.nodePort === undefined) port.nodePort = known ?? 30_000 + ((seed(object) + index) % 2768);
  }
}

function clusterAddress(object: KubeObject): string {
  if (object.metadata.namespace === 'default' && object.metadata.name === 'kubernetes') return '10.96.0.1';
  const number = seed(object);
  return `10.96.${(number >> 8) & 0xff}.${2 + ((number & 0xff) % 250)}`;
}

function seed(object: KubeObject): number {
  return Number.parseInt((object.metadata.uid ?? '').slice(0, 6), 16) || 0;
}
