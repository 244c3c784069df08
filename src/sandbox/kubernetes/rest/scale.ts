/** The scale subresource: how many there should be, and how many there are, of anything that says where it keeps these numbers. */
import { badRequest, StatusError } from '../errors.ts';
import { clone, isMap, type Json, setAt, stringAt, valueAt } from '../json.ts';
import { printSelector } from '../kinds/define.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject } from '../objects.ts';

/** The object's Scale (autoscaling/v1). Throws 404 when the kind has none. */
export function scaleOf(kind: Kind, object: KubeObject): KubeObject {
  const { scale } = kind;
  if (scale === undefined) {
    throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  }
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const count = (path: readonly string[]): number => {
    const value = valueAt(object, ...path);
    return typeof value === 'number' ? value : 0;
  };
  const selector =
    scale.labelSelector === undefined ? undefined : selectorText(valueAt(object, ...scale.labelSelector));
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: { replicas: count(scale.specReplicas) },
    status: { replicas: count(scale.statusReplicas), ...(selector === undefined ? {} : { selector }) },
  };
}

/** Custom kinds keep their selector as text; workloads have a LabelSelector, and replication controllers labels. */
function selectorText(selector: Json | undefined): string | undefined {
  if (!isMap(selector)) return typeof selector === 'string' ? selector : undefined;
  const whole = isMap(selector.matchLabels) || Array.isArray(selector.matchExpressions);
  return printSelector(whole ? selector : { matchLabels: selector });
}

/** The object with the number of a written Scale. Throws 400 for what is no Scale. */
export function withScale(kind: Kind, object: KubeObject, scale: Json): KubeObject {
  if (kind.scale === undefined) {
    throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  }
  const replicas = valueAt(scale, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    throw badRequest(
      'Scale.autoscaling "" is invalid: spec.replicas: Invalid value: must be greater than or equal to 0',
    );
  }
  const version = stringAt(scale, 'metadata', 'resourceVersion');
  const scaled = clone(object);
  setAt(scaled, kind.scale.specReplicas, replicas);
  if (version === undefined) delete scaled.metadata.resourceVersion;
  else scaled.metadata.resourceVersion = version;
  return scaled;
}
