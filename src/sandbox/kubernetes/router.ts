/** From a path to what it names. */
import type { Kind } from './kinds/kind.ts';
import type { Registry } from './registry.ts';

export interface ResourceRoute {
  readonly kind: Kind;
  /** Undefined for cluster-wide kinds and for requests across all namespaces. */
  readonly namespace: string | undefined;
  /** Undefined for the collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** The deprecated `/watch/` prefix. */
  readonly watch: boolean;
}

/** `/api/v1/...` and `/apis/GROUP/VERSION/...`; undefined when nothing is served there. */
export function routeResource(path: string, registry: Registry): ResourceRoute | undefined {
  const segments = segmentsOf(path);
  if (segments === undefined) return undefined;
  if (segments[0] === 'api') return segments[1] === 'v1' ? below(registry, '', 'v1', segments.slice(2)) : undefined;
  if (segments[0] !== 'apis') return undefined;
  const [, group = '', version = '', second = ''] = segments;
  // In 2016 a version could be `stable/v1`: one that is served with a slash wins over a resource of that name.
  const slashed = `${version}/${second}`;
  if (registry.serves(group, slashed)) return below(registry, group, slashed, segments.slice(4));
  return below(registry, group, version, segments.slice(3));
}

/** The path's decoded segments; undefined when it cannot be decoded. */
export function segmentsOf(path: string): string[] | undefined {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

function below(
  registry: Registry,
  group: string,
  version: string,
  given: readonly string[],
): ResourceRoute | undefined {
  const watch = given[0] === 'watch';
  let rest = watch ? given.slice(1) : given;
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2] ?? '')) {
    namespace = rest[1];
    rest = rest.slice(2);
  }
  const [plural = '', name, subresource, ...more] = rest;
  const kind = registry.find(group, version, plural);
  if (kind === undefined || more.length > 0 || (namespace !== undefined && !kind.namespaced)) return undefined;
  if (kind.namespaced && namespace === undefined && name !== undefined) return undefined;
  return { kind, namespace, name, subresource, watch };
}
