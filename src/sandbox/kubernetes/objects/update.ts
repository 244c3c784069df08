/** Replacing and patching objects: all changes of something stored pass through here. */
import { type Api, resourceOf, type WriteOptions } from '../api.ts';
import { badRequest, cause, conflict, invalid, modified, notFound } from '../errors.ts';
import { afterUpdate, readManagers } from '../fields/managers.ts';
import { equal, type JsonMap, listAt } from '../json.ts';
import { type Kind, viewed } from '../kinds/kind.ts';
import { isTerminating, type KubeObject, withoutBookkeeping } from '../objects.ts';
import { admit } from './admit.ts';
import { countsGenerations } from './create.ts';
import { admitPriority } from './priority.ts';

export interface Target {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly subresource?: 'status' | 'finalize' | undefined;
}

export interface UpdateRules {
  /** Whether the new object must say which version it replaces (PUT of a custom kind). */
  readonly versionRequired?: boolean;
  /** Its managedFields are already right (server-side apply). */
  readonly applied?: boolean;
}

export function findObject(api: Api, kind: Kind, namespace: string | undefined, name: string): KubeObject {
  const found = api.storage.get(kind.storageKey, namespace, name);
  if (found === undefined) throw notFound(resourceOf(kind), name);
  return found;
}

/**
 * Stores what `change` makes of the present object. Returns the new state, or the old one when nothing changes, or the last one when the
 * change took away what kept a terminating object. Throws 404, 409 for a version or uid that is not the present one, 422.
 */
export function updateObject(
  api: Api,
  target: Target,
  change: (old: KubeObject) => KubeObject,
  options: WriteOptions,
  rules: UpdateRules = {},
): KubeObject {
  const { kind, namespace, name } = target;
  const stored = findObject(api, kind, namespace, name);
  const old = viewed(kind, stored);
  const wanted = change(old);
  checkIdentity(target, old, wanted, rules);
  const object = target.subresource === undefined ? wholeChange(kind, old, wanted) : partChange(target, old, wanted);
  admitPriority(api, kind, object, old);
  admit(kind, object, old, options);
  if (isTerminating(old)) refuseNewFinalizers(kind, old, object);
  if (countsGenerations(kind)) {
    const increment = equal(specification(kind, old), specification(kind, object)) ? 0 : 1;
    object.metadata.generation = (old.metadata.generation ?? 1) + increment;
  }
  if (rules.applied !== true) {
    const cleared = wanted.metadata.managedFields !== undefined && readManagers(wanted).length === 0;
    const claimed = wanted.metadata.managedFields === undefined ? readManagers(old) : readManagers(wanted);
    const writer = { name: options.manager, subresource: target.subresource, now: api.now() };
    object.metadata.managedFields = cleared ? [] : afterUpdate(kind, old, object, claimed, writer);
  }
  if (equal(withoutBookkeeping(old), withoutBookkeeping(object)) && sameManagers(old, object)) return old;
  if (options.dryRun) return object;
  if (isTerminating(object) && isReleased(object)) {
    // As the real server: watchers see the deletion only, not the change that allowed it.
    api.storage.remove(kind.storageKey, namespace, name);
    return object;
  }
  return viewed(kind, api.storage.put(kind.storageKey, object));
}

/** Whether nothing keeps a terminating object any more. */
export function isReleased(object: KubeObject): boolean {
  const kept =
    object.apiVersion === 'v1' && object.kind === 'Namespace' ? listAt(object, 'spec', 'finalizers').length : 0;
  const stopping = (object.metadata.deletionGracePeriodSeconds ?? 0) > 0;
  return (object.metadata.finalizers ?? []).length === 0 && kept === 0 && !stopping;
}

function checkIdentity(target: Target, old: KubeObject, wanted: KubeObject, rules: UpdateRules): void {
  const { kind, name, namespace } = target;
  const { metadata } = wanted;
  if (metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (kind.namespaced && metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest(
      `the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${namespace ?? ''})`,
    );
  }
  const version = metadata.resourceVersion ?? '';
  if (version === '' || version === '0') {
    if (rules.versionRequired === true) {
      throw invalid(kind.group, kind.kind, name, [
        cause.invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
      ]);
    }
  } else if (version !== old.metadata.resourceVersion) {
    throw modified(resourceOf(kind), name);
  }
  if (metadata.uid !== undefined && metadata.uid !== '' && metadata.uid !== old.metadata.uid) {
    throw conflict(
      resourceOf(kind),
      name,
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.metadata.uid ?? ''}`,
    );
  }
}

/** A change through the main endpoint: everything but the status and what belongs to the server. */
function wholeChange(kind: Kind, old: KubeObject, wanted: KubeObject): KubeObject {
  const object: KubeObject = {
    ...wanted,
    apiVersion: old.apiVersion,
    kind: old.kind,
    metadata: { ...wanted.metadata },
  };
  keepServerMetadata(object, old);
  if (kind.hasStatus) {
    if (old.status === undefined) delete object.status;
    else object.status = old.status;
  }
  if (kind.group === '' && kind.plural === 'namespaces') {
    object.spec = {
      ...(object.spec === undefined ? {} : asMap(object.spec)),
      finalizers: listAt(old, 'spec', 'finalizers'),
    };
  }
  return object;
}

/** A change through /status or /finalize: that part and nothing else. */
function partChange(target: Target, old: KubeObject, wanted: KubeObject): KubeObject {
  const part = target.subresource === 'finalize' ? 'spec' : 'status';
  const object: KubeObject = { ...old, metadata: { ...old.metadata } };
  if (wanted[part] === undefined) delete object[part];
  else object[part] = wanted[part];
  if (wanted.metadata.managedFields !== undefined) object.metadata.managedFields = wanted.metadata.managedFields;
  return object;
}

const SERVER_METADATA = [
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'generateName',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

function keepServerMetadata(object: KubeObject, old: KubeObject): void {
  for (const key of SERVER_METADATA) {
    delete object.metadata[key];
    if (old.metadata[key] !== undefined) Object.assign(object.metadata, { [key]: old.metadata[key] });
  }
  delete object.metadata.selfLink;
}

/** What the generation counts the changes of. */
function specification(kind: Kind, object: KubeObject): JsonMap {
  const { metadata: _metadata, ...rest } = object;
  if (!kind.hasStatus) return rest;
  const { status: _status, ...specified } = rest;
  return specified;
}

function refuseNewFinalizers(kind: Kind, old: KubeObject, object: KubeObject): void {
  const before = old.metadata.finalizers ?? [];
  const fresh = (object.metadata.finalizers ?? []).filter((finalizer) => !before.includes(finalizer));
  if (fresh.length === 0) return;
  const words = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${fresh.map((one) => JSON.stringify(one)).join(', ')}}`;
  throw invalid(kind.group, kind.kind, object.metadata.name, [cause.forbidden('metadata.finalizers', words)]);
}

function sameManagers(old: KubeObject, object: KubeObject): boolean {
  const timeless = (one: KubeObject) => (one.metadata.managedFields ?? []).map(({ time: _time, ...entry }) => entry);
  return equal(timeless(old), timeless(object));
}

function asMap(value: unknown): JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
