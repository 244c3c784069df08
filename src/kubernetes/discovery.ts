import { PetrelError } from '../model/index.ts';
import { createBackoff } from './backoff.ts';
import type { Clock } from './clock.ts';
import { isNotFound } from './errors.ts';
import type { Transport } from './transport.ts';

/** Where one kind is served. */
export interface ApiResource {
  readonly apiVersion: string;
  readonly kind: string;
  /** The plural name in paths. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export interface Discovery {
  /** Throws `not_found` when the cluster does not serve the kind. */
  resolve(apiVersion: string, kind: string, signal?: AbortSignal): Promise<ApiResource>;
  /** A path found by discovery turned out to be gone: ask again next time. */
  forget(apiVersion: string): void;
}

/** How soon the same group version is asked again for a kind it did not have. Milliseconds. */
const MISS = { first: 100, max: 1_000 };

interface Entry {
  readonly kinds: Promise<ReadonlyMap<string, ApiResource>>;
  misses: ReturnType<typeof createBackoff>;
  /** Not asked again before this time. */
  retryAt: number;
}

/**
 * Finds the path of a kind by asking the API server for the resources of its group version, once per group version. A
 * kind that is not among them may have been defined since, so a miss asks once more, but not in every call while it goes on missing.
 */
export function createDiscovery(transport: Transport, clock: Clock): Discovery {
  const cache = new Map<string, Entry>();

  const load = (apiVersion: string, misses = createBackoff(MISS, () => 1)): Entry => {
    const entry: Entry = { kinds: fetchKinds(transport, apiVersion), misses, retryAt: 0 };
    cache.set(apiVersion, entry);
    entry.kinds.catch(() => {
      if (cache.get(apiVersion) === entry) cache.delete(apiVersion); // a failure is not an answer
    });
    return entry;
  };

  return {
    async resolve(apiVersion, kind, signal) {
      const cached = cache.get(apiVersion);
      const entry = cached ?? load(apiVersion);
      const found = (await follow(entry.kinds, signal)).get(kind);
      if (found !== undefined) {
        entry.misses.reset();
        return found;
      }
      const mayAsk = cached !== undefined && cached === cache.get(apiVersion) && clock.now() >= cached.retryAt;
      const again = mayAsk ? load(apiVersion, entry.misses) : undefined;
      const late = again === undefined ? undefined : (await follow(again.kinds, signal)).get(kind);
      if (late !== undefined) return late;
      if (again !== undefined) again.retryAt = clock.now() + again.misses.next();
      throw new PetrelError('not_found', `The Kubernetes API server serves no kind ${kind} in ${apiVersion}.`);
    },
    forget(apiVersion) {
      cache.delete(apiVersion);
    },
  };
}

/** The shared request goes on for others when one caller gives up. */
async function follow<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const result = await shared;
  if (signal?.aborted === true) throw new PetrelError('canceled', 'The look-up of a Kubernetes kind was canceled.');
  return result;
}

async function fetchKinds(transport: Transport, apiVersion: string): Promise<ReadonlyMap<string, ApiResource>> {
  let answer: unknown;
  try {
    answer = await transport.request({ path: groupVersionPath(apiVersion) });
  } catch (error) {
    if (isNotFound(error)) return new Map(); // the group version is not served, so it has no kinds
    throw error;
  }
  const resources = (answer as { readonly resources?: unknown } | null)?.resources; // checked next
  const kinds = new Map<string, ApiResource>();
  for (const resource of Array.isArray(resources) ? (resources as readonly unknown[]) : []) {
    const { name, kind, namespaced, verbs } = (resource ?? {}) as Readonly<Record<string, unknown>>; // checked next
    if (typeof name !== 'string' || typeof kind !== 'string' || name.includes('/') || kinds.has(kind)) continue;
    kinds.set(kind, {
      apiVersion,
      kind,
      plural: name,
      namespaced: namespaced === true,
      verbs: Array.isArray(verbs) ? verbs.filter((verb): verb is string => typeof verb === 'string') : [],
    });
  }
  return kinds;
}

/**
 * `v1` is /api/v1, everything else /apis/GROUP/VERSION. The version may hold a slash: ThirdPartyResources of 2016 were
 * named like `stable/v1` and served below /apis/prsn.io/stable/v1.
 */
export function groupVersionPath(apiVersion: string): string {
  const segments = apiVersion
    .split('/')
    .map((segment) => pathSegment(segment, `apiVersion ${JSON.stringify(apiVersion)}`));
  return segments.length === 1 ? `/api/${segments[0]}` : `/apis/${segments.join('/')}`;
}

/** The path of a kind's collection, of one object in it, or of an object's subresource. */
export function resourcePath(
  resource: ApiResource,
  namespace: string | undefined,
  name?: string,
  subresource?: string,
): string {
  const parts = [groupVersionPath(resource.apiVersion)];
  if (resource.namespaced && namespace !== undefined) parts.push('namespaces', pathSegment(namespace, 'the namespace'));
  parts.push(pathSegment(resource.plural, 'the resource'));
  if (name !== undefined) parts.push(pathSegment(name, `the name of a ${resource.kind}`));
  if (subresource !== undefined)
    parts.push(...subresource.split('/').map((part) => pathSegment(part, 'the subresource')));
  return parts.join('/');
}

/** The path of a pod, or of one of its subresources. */
export function podPath(namespace: string, name: string, subresource: string): string {
  return `/api/v1/namespaces/${pathSegment(namespace, 'the namespace')}/pods/${pathSegment(name, 'the name')}/${subresource}`;
}

/** Encoded for one segment of a path; what could lead out of it is refused. */
export function pathSegment(text: string, what: string): string {
  if (text === '' || text === '.' || text === '..' || text.includes('/')) {
    throw new PetrelError(
      'invalid',
      `${what[0]?.toUpperCase()}${what.slice(1)} cannot be part of a path: ${JSON.stringify(text)}.`,
    );
  }
  return encodeURIComponent(text);
}
