/** The few resources of Kubernetes whose versions differ in more than their name. */
import { isMap, type Json, type JsonMap, listAt, valueAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';

/** Names of an event's fields in v1 and in events.k8s.io/v1. */
const EVENT_FIELDS: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

function renamed(object: KubeObject, pairs: readonly (readonly [from: string, to: string])[]): KubeObject {
  const names = new Map(pairs);
  const { apiVersion, kind, metadata, ...rest } = object;
  const fields = Object.entries(rest).map(([key, value]) => [names.get(key) ?? key, value] as const);
  return { apiVersion, kind, metadata, ...Object.fromEntries(fields) };
}

export const toCoreEvent = (event: KubeObject): KubeObject =>
  renamed(
    event,
    EVENT_FIELDS.map(([core, events]) => [events, core]),
  );

export const toEvent = (event: KubeObject): KubeObject => renamed(event, EVENT_FIELDS);

const isCpu = (metric: Json): boolean =>
  valueAt(metric, 'type') === 'Resource' &&
  valueAt(metric, 'resource', 'name') === 'cpu' &&
  valueAt(metric, 'resource', 'target', 'averageUtilization') !== undefined;

/** autoscaling/v1 says of the metrics only how busy the CPUs shall be. */
export function toAutoscalerV1(object: KubeObject): KubeObject {
  const { metrics: _metrics, behavior: _behavior, ...spec } = asMap(object.spec);
  const percentage = valueAt(listAt(object, 'spec', 'metrics').find(isCpu), 'resource', 'target', 'averageUtilization');
  return {
    ...object,
    spec: { ...spec, ...(percentage === undefined ? {} : { targetCPUUtilizationPercentage: percentage }) },
  };
}

export function toAutoscalerV2(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: percentage, ...spec } = asMap(object.spec);
  const cpu = (averageUtilization: Json): JsonMap => ({
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
  });
  return { ...object, spec: { ...spec, ...(percentage === undefined ? {} : { metrics: [cpu(percentage)] }) } };
}

function asMap(value: Json | undefined): JsonMap {
  return isMap(value) ? value : {};
}
