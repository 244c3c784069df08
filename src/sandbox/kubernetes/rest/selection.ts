/** Which objects a list, watch or collection deletion is about. */
import { plainFields } from '../kinds/kind.ts';
import type { KubeObject } from '../objects.ts';
import type { ResourceRoute } from '../router.ts';
import { type Predicate, parseFieldSelector, parseLabelSelector } from '../selectors.ts';

const notKnown = (field: string) =>
  `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;

/** Namespace, name (of a legacy watch path), labels and fields together. Throws 400 for selectors that cannot be read. */
export function selection(route: ResourceRoute, query: URLSearchParams): Predicate {
  const byLabel = parseLabelSelector(query.get('labelSelector') ?? '');
  const { readField } = route.kind;
  const plain = readField === plainFields ? [notKnown] : [];
  const byField = parseFieldSelector(query.get('fieldSelector') ?? '', readField, ...plain);
  return (object: KubeObject) =>
    (route.namespace === undefined || object.metadata.namespace === route.namespace) &&
    (route.name === undefined || object.metadata.name === route.name) &&
    byLabel(object) &&
    byField(object);
}
