/** Namespaces: a default service account in each, and the removal of everything in one that is being deleted. */
import { type Api, internalWrite } from '../api.ts';
import { isMap } from '../json.ts';
import { createObject } from '../objects/create.ts';
import { deleteObject, plainDelete } from '../objects/delete.ts';
import { updateObject } from '../objects/update.ts';
import { isTerminating } from '../objects.ts';
import type { StoredEvent } from '../watch-cache.ts';

const NAMESPACES = '/namespaces';

/** Reacts to one stored event; called after the write that caused it is complete. */
export function followNamespaces(api: Api, resource: string, event: StoredEvent): void {
  if (resource === NAMESPACES) {
    const found = api.storage.get(NAMESPACES, undefined, event.object.metadata.name);
    if (found === undefined) return;
    if (isTerminating(found)) empty(api, found.metadata.name);
    else if (event.type === 'ADDED') addDefaultAccount(api, found.metadata.name);
    return;
  }
  const { namespace } = event.object.metadata;
  if (event.type !== 'DELETED' || namespace === undefined) return;
  const found = api.storage.get(NAMESPACES, undefined, namespace);
  if (found !== undefined && isTerminating(found)) finish(api, namespace);
}

function addDefaultAccount(api: Api, namespace: string): void {
  const kind = api.registry.find('', 'v1', 'serviceaccounts');
  if (kind === undefined || api.storage.get(kind.storageKey, namespace, 'default') !== undefined) return;
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
  createObject(api, kind, namespace, account, internalWrite);
}

function empty(api: Api, namespace: string): void {
  for (const resource of api.storage.resources()) {
    const kind = api.registry.findByStorage(resource);
    if (kind === undefined || !kind.namespaced) continue;
    for (const object of api.storage.list(resource, namespace)) {
      if (!isTerminating(object)) deleteObject(api, kind, namespace, object.metadata.name, plainDelete);
    }
  }
  finish(api, namespace);
}

/** Lets a terminating namespace go once nothing is left in it. */
function finish(api: Api, namespace: string): void {
  const kind = api.registry.find('', 'v1', 'namespaces');
  if (kind === undefined || api.storage.get(NAMESPACES, undefined, namespace) === undefined) return;
  const left = api.storage.resources().some((resource) => api.storage.hasAny(resource, namespace));
  if (left) return;
  updateObject(
    api,
    { kind, namespace: undefined, name: namespace, subresource: 'finalize' },
    (old) => ({ ...old, spec: { ...(isMap(old.spec) ? old.spec : {}), finalizers: [] } }),
    internalWrite,
  );
}
