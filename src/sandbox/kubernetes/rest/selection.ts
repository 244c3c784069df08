/** Which objects a list, watch or collection deletion is about. */
import type { KubeObject } from '../objects.ts';
import type { ResourceRoute } from '../router.ts';
import { type Predicate, parseFieldSelector, parseLabelSelector } from '../selectors.ts';

/** Namespace, name (of a legacy watch path), labels and fields together. Throws 400 for selectors that cannot be read. */
export function selection(route: ResourceRoute, query: URLSearchParams): Predicate {
  const byLabel = parseLabelSelector(query.get('labelSelector') ?? '');
  const byField = parseFieldSelector(query.get('fieldSelector') ?? '', route.kind.readField);
  return (object: KubeObject) =>
    (route.namespace === undefined || object.metadata.namespace === route.namespace) &&
    (route.name === undefined || object.metadata.name === route.name) &&
    byLabel(object) &&
    byField(object);
}
