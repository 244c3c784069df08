/** Discovery: what is served, in the form of each path (legacy) and in one document (aggregated). */
import type { JsonMap } from './json.ts';
import { type Kind, type Subresource, VERBS } from './kinds/kind.ts';
import type { Registry } from './registry.ts';

/** What /version says: a server of this minor version is what the sandbox follows. */
export const versionInfo: JsonMap = {
  major: '1',
  minor: '32',
  gitVersion: 'v1.32.0+petrel-sandbox',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'node',
  platform: `${process.platform}/${process.arch}`,
};

/** The document of a discovery path; undefined when it is none or nothing is served there. */
export function legacyDiscovery(segments: readonly string[], registry: Registry): JsonMap | undefined {
  const [root, group = '', ...version] = segments;
  if (root === 'api') {
    if (segments.length === 1) {
      return {
        kind: 'APIVersions',
        versions: ['v1'],
        serverAddressByClientCIDRs: [],
      };
    }
    return segments.length === 2 && group === 'v1' ? resourceList(registry, '', 'v1') : undefined;
  }
  if (root !== 'apis') return undefined;
  if (segments.length === 1) {
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: registry.groups().map((name) => groupOf(registry, name)) };
  }
  if (version.length === 0) {
    if (!registry.groups().includes(group)) return undefined;
    return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(registry, group) };
  }
  const name = version.join('/');
  return version.length <= 2 && registry.serves(group, name) ? resourceList(registry, group, name) : undefined;
}

function groupOf(registry: Registry, name: string): JsonMap {
  const versions = registry.versions(name).map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, ...(versions[0] === undefined ? {} : { preferredVersion: versions[0] }) };
}

function resourceList(registry: Registry, group: string, version: string): JsonMap {
  const kinds = registry.all().filter((kind) => kind.group === group && kind.version === version);
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: kinds.flatMap((kind) => [
      {
        name: kind.plural,
        singularName: kind.singular,
        namespaced: kind.namespaced,
        kind: kind.kind,
        verbs: [...(kind.verbs ?? VERBS)],
        ...(kind.shortNames.length === 0 ? {} : { shortNames: [...kind.shortNames] }),
        ...(kind.categories.length === 0 ? {} : { categories: [...kind.categories] }),
        storageVersionHash: '',
      },
      ...subresourcesOf(kind).map((subresource) => ({
        name: `${kind.plural}/${subresource.name}`,
        singularName: '',
        namespaced: kind.namespaced,
        ...groupVersionOf(subresource),
        kind: subresource.kind,
        verbs: [...subresource.verbs],
      })),
    ]),
  };
}

/** Group and version of a subresource's kind, where they are not the resource's. */
function groupVersionOf({ apiVersion }: Subresource): JsonMap {
  const [group, version] = apiVersion?.split('/') ?? [];
  return group === undefined || version === undefined ? {} : { group, version };
}

export function subresourcesOf(kind: Kind): readonly Subresource[] {
  const verbs = ['get', 'patch', 'update'];
  return [
    ...(kind.hasStatus ? [{ name: 'status', kind: kind.kind, verbs }] : []),
    ...(kind.scale === undefined ? [] : [{ name: 'scale', kind: 'Scale', verbs, apiVersion: 'autoscaling/v1' }]),
    ...(kind.subresources ?? []),
    ...(kind.group === '' && kind.plural === 'namespaces'
      ? [{ name: 'finalize', kind: kind.kind, verbs: ['update'] }]
      : []),
  ];
}

/** `v2` or `v2beta1` when a client prefers the aggregated document; undefined when it does not know it. */
export function aggregatedVersion(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const clause of (accept ?? '').split(',')) {
    const parts = clause.split(';').map((part) => part.trim());
    if (!parts.includes('as=APIGroupDiscoveryList')) continue;
    if (parts.includes('v=v2')) return 'v2';
    if (parts.includes('v=v2beta1')) return 'v2beta1';
  }
  return undefined;
}

/** The aggregated document of /api (the group without a name) or /apis (all others). */
export function aggregatedDiscovery(root: 'api' | 'apis', version: string, registry: Registry): JsonMap {
  const groups = root === 'api' ? [''] : registry.groups();
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
      versions: registry.versions(group).map((one) => ({
        version: one,
        resources: registry
          .listed()
          .filter((kind) => kind.group === group && kind.version === one)
          .map(discovered),
        freshness: 'Current',
      })),
    })),
  };
}

function discovered(kind: Kind): JsonMap {
  const responseKind = (group: string, version: string, name: string) => ({ group, version, kind: name });
  const subresources = subresourcesOf(kind).map((subresource) => ({
    subresource: subresource.name,
    responseKind: { ...responseKind(kind.group, kind.version, subresource.kind), ...groupVersionOf(subresource) },
    verbs: [...subresource.verbs],
  }));
  return {
    resource: kind.plural,
    responseKind: responseKind(kind.group, kind.version, kind.kind),
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: [...(kind.verbs ?? VERBS)],
    ...(kind.shortNames.length === 0 ? {} : { shortNames: [...kind.shortNames] }),
    ...(kind.categories.length === 0 ? {} : { categories: [...kind.categories] }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}
