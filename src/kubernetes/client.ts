import { PetrelError } from '../model/index.ts';
import type { KubernetesApi, KubernetesObject, ObjectReference } from '../sdk/index.ts';
import { type Clock, systemClock } from './clock.ts';
import type { KubernetesConfig } from './config.ts';
import { type ApiResource, createDiscovery, type Discovery, resourcePath } from './discovery.ts';
import { isExpired, statusOf } from './errors.ts';
import { execInPod } from './exec.ts';
import { readLogs } from './logs.ts';
import { asList, asObject, type ListPage } from './objects.ts';
import { type ApiRequest, type ApiStream, createTransport, type Transport } from './transport.ts';

/** What a list or a watch looks at. */
export interface WatchTarget {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Asks for the metadata of each object only. A server that cannot leave the rest out sends whole objects. */
  readonly metadataOnly?: boolean;
}

export interface ListPageOptions {
  readonly limit: number;
  readonly continue?: string;
  readonly signal?: AbortSignal;
}

export interface ListStreamOptions {
  /** Seconds after which the server is to end the stream. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

export interface WatchStreamOptions extends ListStreamOptions {
  readonly resourceVersion: string;
}

/** What the watch layer needs of a client. */
export interface WatchClient {
  listPage(target: WatchTarget, options: ListPageOptions): Promise<ListPage>;
  /**
   * Opens a list as a stream: a watch that begins with every object there is, and marks where they end. Undefined where the server is
   * too old to have such lists. Throws `invalid` where it could have them and does not (the feature is switched off).
   */
  openList(target: WatchTarget, options: ListStreamOptions): Promise<ApiStream | undefined>;
  /** Opens one watch: newline-separated JSON, bookmarks allowed. */
  openWatch(target: WatchTarget, options: WatchStreamOptions): Promise<ApiStream>;
}

export interface KubernetesClient extends KubernetesApi, WatchClient {
  readonly server: string;
  /** The namespace meant where none is given. */
  readonly namespace: string;
  stream(request: ApiRequest): Promise<ApiStream>;
  resolve(apiVersion: string, kind: string, signal?: AbortSignal): Promise<ApiResource>;
  /**
   * What tells this cluster from any other: the uid of its namespace kube-system, or the server's URL where that may not be read.
   * Throws `unavailable` while the server does not answer.
   */
  clusterId(signal?: AbortSignal): Promise<string>;
  /** Cuts all connections. */
  close(): Promise<void>;
}

const PAGE_SIZE = 500;
/** A page of a list may be large. Milliseconds. */
const LIST_TIMEOUT = 60_000;
const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, application/json';
const METADATA_LIST_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json';
/** The first minor version of Kubernetes 1 in which streamed lists (the feature WatchList) are on by default. */
const STREAMS_LISTS_SINCE = 32;

/** A client for every kind the cluster serves, without generated code: paths come from discovery. */
export function createKubernetesClient(config: KubernetesConfig, clock: Clock = systemClock): KubernetesClient {
  const transport = createTransport(config, clock);
  const discovery = createDiscovery(transport, clock);
  let cluster: string | undefined;
  let streamsLists: boolean | undefined;

  const pathOf = async (reference: ObjectReference, subresource?: string, signal?: AbortSignal): Promise<string> => {
    const resource = await discovery.resolve(reference.apiVersion, reference.kind, signal);
    return resourcePath(resource, reference.namespace ?? config.namespace, reference.name, subresource);
  };
  const send = async (apiVersion: string, request: ApiRequest): Promise<unknown> => {
    try {
      return await transport.request(request);
    } catch (error) {
      forgetIfGone(discovery, apiVersion, error);
      throw error;
    }
  };
  const collectionPath = async (target: WatchTarget, signal?: AbortSignal): Promise<string> =>
    resourcePath(await discovery.resolve(target.apiVersion, target.kind, signal), target.namespace);
  const openStream = async (
    target: WatchTarget,
    { signal, timeoutSeconds }: ListStreamOptions,
    how: ApiRequest['query'],
  ): Promise<ApiStream> => {
    const path = await collectionPath(target, signal);
    const { labelSelector, fieldSelector } = target;
    const query = { watch: true, allowWatchBookmarks: true, ...how, timeoutSeconds, labelSelector, fieldSelector };
    try {
      return await transport.stream({ path, query, signal, ...acceptOf(target, METADATA_ONLY) });
    } catch (error) {
      forgetIfGone(discovery, target.apiVersion, error);
      throw error;
    }
  };

  const client: KubernetesClient = {
    server: config.server,
    namespace: config.namespace,
    request: (request) => transport.request(request),
    stream: (request) => transport.stream(request),
    resolve: (apiVersion, kind, signal) => discovery.resolve(apiVersion, kind, signal),

    async get(reference, signal) {
      const path = await pathOf(reference, undefined, signal);
      return asObject(await send(reference.apiVersion, { path, ...optional({ signal }) }), reference);
    },

    async list(apiVersion, kind, { signal, ...selection } = {}) {
      const target = { apiVersion, kind, ...selection };
      const readAll = async (): Promise<readonly KubernetesObject[]> => {
        const items: KubernetesObject[] = [];
        let next: string | undefined;
        do {
          const page = await client.listPage(target, { limit: PAGE_SIZE, ...optional({ continue: next, signal }) });
          items.push(...page.items);
          next = page.continue;
        } while (next !== undefined);
        return items;
      };
      try {
        return await readAll();
      } catch (error) {
        // A continue token ends with its snapshot (five minutes by default): the second try starts from the beginning.
        if (isExpired(error)) return readAll();
        throw error;
      }
    },

    async create(object, signal) {
      const { apiVersion, kind, metadata } = headOf(object, false);
      const resource = await discovery.resolve(apiVersion, kind, signal);
      const path = resourcePath(resource, metadata.namespace ?? config.namespace);
      return asObject(await send(apiVersion, { method: 'POST', path, body: object, ...optional({ signal }) }), {
        apiVersion,
        kind,
      });
    },

    async apply(object, { fieldManager = 'petrel', force, subresource, signal } = {}) {
      const { apiVersion, kind, metadata } = headOf(object, true);
      const path = await pathOf({ apiVersion, kind, ...metadata }, subresource, signal);
      const answer = await send(apiVersion, {
        method: 'PATCH',
        path,
        query: { fieldManager, force },
        body: object,
        contentType: 'application/apply-patch+yaml', // JSON is YAML
        ...optional({ signal }),
      });
      return asObject(answer, { apiVersion, kind });
    },

    async patch(reference, patch, { type = 'merge', subresource, signal } = {}) {
      const path = await pathOf(reference, subresource, signal);
      const answer = await send(reference.apiVersion, {
        method: 'PATCH',
        path,
        body: patch,
        contentType: PATCH_TYPES[type],
        ...optional({ signal }),
      });
      return asObject(answer, reference);
    },

    async delete(reference, { propagationPolicy, uid, signal } = {}) {
      const path = await pathOf(reference, undefined, signal);
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      };
      await send(reference.apiVersion, { method: 'DELETE', path, body, ...optional({ signal }) });
    },

    logs: (pod, options) => readLogs(transport, { namespace: config.namespace, ...pod }, options),
    exec: (pod, options) => execInPod(transport, { namespace: config.namespace, ...pod }, options),

    async listPage(target, { limit, continue: next, signal }) {
      const path = await collectionPath(target, signal);
      const query = { limit, continue: next, labelSelector: target.labelSelector, fieldSelector: target.fieldSelector };
      const accept = acceptOf(target, METADATA_LIST_ONLY);
      return asList(
        await send(target.apiVersion, { path, query, timeout: LIST_TIMEOUT, ...accept, ...optional({ signal }) }),
        target,
      );
    },

    async openList(target, options) {
      streamsLists ??= await isAtLeast(transport, STREAMS_LISTS_SINCE, options.signal);
      if (!streamsLists) return undefined;
      return openStream(target, options, { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' });
    },

    openWatch: (target, { resourceVersion, ...options }) => openStream(target, options, { resourceVersion }),

    async clusterId(signal) {
      cluster ??= await readClusterId(client, signal);
      return cluster;
    },

    close: () => transport.close(),
  };
  return client;
}

function acceptOf(target: WatchTarget, accept: string): Pick<ApiRequest, 'accept'> {
  return target.metadataOnly === true ? { accept } : {};
}

/** Whether the server is Kubernetes 1.`minor` or later; one that does not tell its version to Petrel counts as older. */
async function isAtLeast(transport: Transport, minor: number, signal: AbortSignal): Promise<boolean> {
  try {
    const version = (await transport.request({ path: '/version', signal })) as Readonly<Record<string, unknown>> | null; // read field by field
    // Some providers write `32+`.
    const [major, own] = [version?.major, version?.minor].map((part) => Number.parseInt(String(part), 10));
    return major !== undefined && own !== undefined && (major > 1 || (major === 1 && own >= minor));
  } catch (error) {
    if (error instanceof PetrelError && ['not_found', 'forbidden', 'unauthorized'].includes(error.code)) return false;
    throw error;
  }
}

async function readClusterId(client: KubernetesClient, signal?: AbortSignal): Promise<string> {
  try {
    const namespace = await client.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }, signal);
    return namespace.metadata.uid ?? client.server;
  } catch (error) {
    if (error instanceof PetrelError && (error.code === 'not_found' || error.code === 'forbidden'))
      return client.server;
    throw error;
  }
}

/** A 404 that names no object is about the path: its kind is gone, or served elsewhere by now. */
function forgetIfGone(discovery: Discovery, apiVersion: string, error: unknown): void {
  const status = statusOf(error);
  if (status?.code === 404 && (status.details?.name ?? '') === '') discovery.forget(apiVersion);
}

interface Head {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** What an object to be sent must say of itself. A created one may leave its name to the server (generateName). */
function headOf(object: unknown, named: boolean): Head {
  const { apiVersion, kind, metadata } = (object ?? {}) as Readonly<Record<string, unknown>>; // checked next
  const { name, namespace } = (metadata ?? {}) as Readonly<Record<string, unknown>>; // checked next
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || (named && typeof name !== 'string')) {
    throw new PetrelError(
      'invalid',
      `A Kubernetes object needs apiVersion, kind${named ? ' and metadata.name' : ''} as texts.`,
    );
  }
  return {
    apiVersion,
    kind,
    metadata: { name: typeof name === 'string' ? name : '', ...(typeof namespace === 'string' ? { namespace } : {}) },
  };
}

/** Leaves out what is undefined, as exactOptionalPropertyTypes wants it. */
function optional<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [K in keyof T]?: Exclude<T[K], undefined> }; // the same fields without the undefined ones
}
