/** Deleting objects: at once, or once the last finalizer is gone. */
import { type Api, resourceOf } from '../api.ts';
import { cause, conflict, invalid } from '../errors.ts';
import { isMap, type Json, listAt, stringAt, valueAt } from '../json.ts';
import { type Kind, viewed } from '../kinds/kind.ts';
import { isTerminating, type KubeObject, timestamp } from '../objects.ts';
import { findObject, isReleased } from './update.ts';

export interface DeleteOptions {
  readonly propagation: 'Foreground' | 'Background' | 'Orphan' | undefined;
  readonly preconditions: { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined };
  readonly dryRun: boolean;
  /** Seconds a pod has to stop; its own when not given. */
  readonly gracePeriodSeconds?: number;
}

export const plainDelete: DeleteOptions = { propagation: undefined, preconditions: {}, dryRun: false };

/** Reads a DeleteOptions body; `query` holds the same settings as parameters, which the body's win over. */
export function decodeDeleteOptions(body: Json, query: URLSearchParams): DeleteOptions {
  const options = isMap(body) ? body : {};
  const propagation = stringAt(options, 'propagationPolicy') ?? query.get('propagationPolicy') ?? undefined;
  const orphan =
    options.orphanDependents ?? (query.has('orphanDependents') ? query.get('orphanDependents') === 'true' : undefined);
  if (
    propagation !== undefined &&
    propagation !== 'Foreground' &&
    propagation !== 'Background' &&
    propagation !== 'Orphan'
  ) {
    const supported = ['Foreground', 'Background', 'Orphan', null];
    throw invalid('meta.k8s.io', 'DeleteOptions', '', [
      cause.notSupported('propagationPolicy', propagation, supported),
    ]);
  }
  return {
    propagation: propagation ?? (orphan === true ? 'Orphan' : undefined),
    preconditions: {
      uid: stringAt(options, 'preconditions', 'uid'),
      resourceVersion: stringAt(options, 'preconditions', 'resourceVersion'),
    },
    dryRun: listAt(options, 'dryRun').includes('All') || query.getAll('dryRun').includes('All'),
    ...graceOf(options.gracePeriodSeconds ?? query.get('gracePeriodSeconds')),
  };
}

function graceOf(given: Json | undefined): Pick<DeleteOptions, 'gracePeriodSeconds'> {
  const seconds = given === null || given === undefined || given === '' ? Number.NaN : Number(given);
  return Number.isInteger(seconds) && seconds >= 0 ? { gracePeriodSeconds: seconds } : {};
}

export interface Deletion {
  readonly object: KubeObject;
  /** Whether it is gone; otherwise finalizers keep it for now. */
  readonly gone: boolean;
}

/** Throws 404, or 409 when a precondition does not hold. Deleting what is already terminating changes nothing. */
export function deleteObject(
  api: Api,
  kind: Kind,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions,
): Deletion {
  const found = findObject(api, kind, namespace, name);
  checkPreconditions(kind, found, options);
  const finalizers = deletionFinalizers(kind, found, options);
  const terminating: KubeObject = { ...found, metadata: { ...found.metadata } };
  if (finalizers.length > 0) terminating.metadata.finalizers = finalizers;
  else delete terminating.metadata.finalizers;
  const grace = gracePeriod(kind, found, options);
  terminating.metadata.deletionGracePeriodSeconds = grace;
  if (isReleased(terminating)) {
    const last = options.dryRun ? found : api.storage.remove(kind.storageKey, namespace, name);
    return { object: viewed(kind, last ?? found), gone: true };
  }
  const isNew = !isTerminating(found);
  if (isNew) {
    terminating.metadata.deletionTimestamp = timestamp(api.now() + grace * 1000);
    if (found.metadata.generation !== undefined) terminating.metadata.generation = found.metadata.generation + 1;
    if (isMap(found.status)) terminating.status = { ...found.status };
    kind.hooks.terminate?.(terminating);
  }
  const sooner = grace < (found.metadata.deletionGracePeriodSeconds ?? 0);
  const changed = isNew || sooner || finalizers.length !== (found.metadata.finalizers ?? []).length;
  if (options.dryRun || !changed) return { object: viewed(kind, terminating), gone: false };
  return { object: viewed(kind, api.storage.put(kind.storageKey, terminating)), gone: false };
}

/** Only a pod that runs somewhere has time to stop; a second deletion can only shorten it. */
function gracePeriod(kind: Kind, found: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  const bound = kind.group === '' && kind.kind === 'Pod' && (stringAt(found, 'spec', 'nodeName') ?? '') !== '';
  if (!bound || ['Succeeded', 'Failed'].includes(stringAt(found, 'status', 'phase') ?? '')) return 0;
  const own = valueAt(found, 'spec', 'terminationGracePeriodSeconds');
  const asked = gracePeriodSeconds ?? (typeof own === 'number' ? own : 30);
  return isTerminating(found) ? Math.min(asked, found.metadata.deletionGracePeriodSeconds ?? asked) : asked;
}

function checkPreconditions(kind: Kind, found: KubeObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = found.metadata;
  const refuse = (what: string, wanted: string, present: string | undefined) =>
    conflict(
      resourceOf(kind),
      found.metadata.name,
      `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${present ?? ''}`,
    );
  if (preconditions.uid !== undefined && preconditions.uid !== uid) throw refuse('UID', preconditions.uid, uid);
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw refuse('ResourceVersion', preconditions.resourceVersion, resourceVersion);
  }
}

/** The finalizers a deletion leaves the object with: the kind's own, and the garbage collector's by policy. */
function deletionFinalizers(kind: Kind, found: KubeObject, { propagation }: DeleteOptions): string[] {
  const finalizers = new Set(found.metadata.finalizers ?? []);
  if (kind.hooks.deletionFinalizer !== undefined && !isTerminating(found)) finalizers.add(kind.hooks.deletionFinalizer);
  if (propagation !== undefined) {
    finalizers.delete('orphan');
    finalizers.delete('foregroundDeletion');
    if (propagation === 'Orphan') finalizers.add('orphan');
    if (propagation === 'Foreground') finalizers.add('foregroundDeletion');
  }
  return [...finalizers];
}
