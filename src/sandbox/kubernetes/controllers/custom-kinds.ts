/** Serves what CRDs and ThirdPartyResources declare, from the moment they are stored until the last of their objects is gone. */
import { type Api, internalWrite } from '../api.ts';
import { equal, type Json, type JsonMap, listAt, mapAt, stringAt } from '../json.ts';
import { declaredKinds } from '../kinds/custom-resource-definition.ts';
import type { Kind } from '../kinds/kind.ts';
import { thirdPartyKinds, thirdPartyNames } from '../kinds/third-party-resource.ts';
import { deleteObject, plainDelete } from '../objects/delete.ts';
import { updateObject } from '../objects/update.ts';
import { isTerminating, type KubeObject, timestamp } from '../objects.ts';
import type { StoredEvent } from '../watch-cache.ts';

const CRDS = 'apiextensions.k8s.io/customresourcedefinitions';
const THIRD_PARTY = 'extensions/thirdpartyresources';
const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

/** Reacts to one stored event; called after the write that caused it is complete. */
export function followCustomKinds(api: Api, resource: string, event: StoredEvent): void {
  if (resource === CRDS) followDefinition(api, event);
  else if (resource === THIRD_PARTY) followThirdParty(api, event);
  else if (event.type === 'DELETED') finishCleanups(api, resource);
}

function followDefinition(api: Api, event: StoredEvent): void {
  const { name } = event.object.metadata;
  const crd = api.storage.get(CRDS, undefined, name);
  if (crd === undefined) {
    api.registry.serve(`crd:${name}`, []);
    return;
  }
  const clash = clashOf(api, crd);
  if (clash === undefined) api.registry.serve(`crd:${name}`, declaredKinds(crd));
  const kind = definitionKind(api);
  if (kind === undefined) return;
  updateObject(
    api,
    { kind, namespace: undefined, name, subresource: 'status' },
    (old) => ({ ...old, status: establishedStatus(api, old, clash) }),
    { ...internalWrite, manager: 'kube-apiserver' },
  );
  if (isTerminating(crd)) cleanUp(api, kind, crd);
}

function definitionKind(api: Api): Kind | undefined {
  return api.registry.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
}

/** Why a CRD's names cannot be accepted: another one of the group has its kind already. */
function clashOf(api: Api, crd: KubeObject): string | undefined {
  const kind = stringAt(crd, 'spec', 'names', 'kind') ?? '';
  const group = stringAt(crd, 'spec', 'group') ?? '';
  const plural = stringAt(crd, 'spec', 'names', 'plural');
  const taken = api.registry.all().some((one) => one.group === group && one.kind === kind && one.plural !== plural);
  return taken ? `"${kind}" is already in use` : undefined;
}

function establishedStatus(api: Api, crd: KubeObject, clash: string | undefined): JsonMap {
  const accepted = clash === undefined;
  const names: Condition = accepted
    ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
    : { type: 'NamesAccepted', status: 'False', reason: 'KindConflict', message: clash };
  const established: Condition = accepted
    ? {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      }
    : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  const wanted = [names, established];
  if (isTerminating(crd)) {
    wanted.push({
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionInProgress',
      message: 'CustomResource deletion is in progress',
    });
  }
  const before = listAt(crd, 'status', 'conditions');
  const conditions = wanted.map((condition): Json => {
    const present = before.find((one) => stringAt(one, 'type') === condition.type);
    const same = present !== undefined && stringAt(present, 'status') === condition.status;
    return same ? present : { lastTransitionTime: timestamp(api.now()), ...condition };
  });
  const status = {
    ...mapAt(crd, 'status'),
    conditions,
    ...(accepted ? { acceptedNames: mapAt(crd, 'spec', 'names') ?? {} } : {}),
  };
  return equal(status, mapAt(crd, 'status')) ? (mapAt(crd, 'status') ?? {}) : status;
}

interface Condition extends JsonMap {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** Deletes every object of a CRD that is going, and lets the CRD go when none is left. */
function cleanUp(api: Api, kind: Kind, crd: KubeObject): void {
  const own = declaredKinds(crd)[0];
  if (own !== undefined) {
    for (const object of api.storage.list(own.storageKey)) {
      if (!isTerminating(object)) deleteObject(api, own, object.metadata.namespace, object.metadata.name, plainDelete);
    }
    if (api.storage.count(own.storageKey) > 0) return;
  }
  const { name } = crd.metadata;
  if (api.storage.get(CRDS, undefined, name)?.metadata.finalizers?.includes(CLEANUP) !== true) return;
  updateObject(api, { kind, namespace: undefined, name }, (old) => withoutFinalizer(old, CLEANUP), internalWrite);
}

function withoutFinalizer(object: KubeObject, finalizer: string): KubeObject {
  const finalizers = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  return { ...object, metadata: { ...object.metadata, finalizers } };
}

function finishCleanups(api: Api, resource: string): void {
  const kind = definitionKind(api);
  if (kind === undefined || api.storage.count(resource) > 0) return;
  for (const crd of api.storage.list(CRDS)) {
    if (isTerminating(crd) && declaredKinds(crd)[0]?.storageKey === resource) cleanUp(api, kind, crd);
  }
}

function followThirdParty(api: Api, event: StoredEvent): void {
  const { name } = event.object.metadata;
  const source = `tpr:${name}`;
  if (api.storage.get(THIRD_PARTY, undefined, name) !== undefined) {
    api.registry.serve(source, thirdPartyKinds(event.object));
    return;
  }
  const [kind] = thirdPartyKinds(event.object);
  api.registry.serve(source, []);
  const names = thirdPartyNames(name);
  if (kind === undefined || names === undefined) return;
  // Where a CRD serves the same objects they are the CRD's, and stay.
  if (api.registry.findByStorage(kind.storageKey) !== undefined) return;
  for (const object of api.storage.list(kind.storageKey)) {
    deleteObject(api, kind, object.metadata.namespace, object.metadata.name, plainDelete);
  }
}
