/** Creating an object. */
import { randomInt, randomUUID } from 'node:crypto';
import { type Api, resourceOf, type WriteOptions } from '../api.ts';
import { alreadyExists, badRequest, cause, forbidden, notFound, StatusError } from '../errors.ts';
import { afterUpdate, readManagers } from '../fields/managers.ts';
import { type Kind, viewed } from '../kinds/kind.ts';
import { isTerminating, type KubeObject, timestamp } from '../objects.ts';
import { admit } from './admit.ts';
import { admitPriority } from './priority.ts';

/** Without vowels and look-alikes, as the real server's name generator. */
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * Stores a new object (which becomes the storage's). `applied`: its managedFields are already right (server-side apply).
 * Throws 409 AlreadyExists, 404 or 403 for its namespace, 422.
 */
export function createObject(
  api: Api,
  kind: Kind,
  namespace: string | undefined,
  given: KubeObject,
  options: WriteOptions,
  applied = false,
): KubeObject {
  const { metadata } = given;
  if ((metadata.resourceVersion ?? '') !== '') {
    throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
  }
  const object: KubeObject = { ...given, metadata: { ...metadata } };
  placeInNamespace(api, kind, namespace, object);
  if (object.metadata.name === '' && metadata.generateName !== undefined && metadata.generateName !== '') {
    object.metadata.name = generated(metadata.generateName);
  }
  object.metadata.uid = randomUUID();
  object.metadata.creationTimestamp = timestamp(api.now());
  delete object.metadata.resourceVersion;
  delete object.metadata.deletionTimestamp;
  delete object.metadata.deletionGracePeriodSeconds;
  delete object.metadata.selfLink;
  if (countsGenerations(kind)) object.metadata.generation = 1;
  else delete object.metadata.generation;
  if (kind.hasStatus) delete object.status;
  admitPriority(api, kind, object, undefined);
  admit(kind, object, undefined, options);
  if (api.storage.get(kind.storageKey, object.metadata.namespace, object.metadata.name) !== undefined) {
    throw alreadyExists(resourceOf(kind), object.metadata.name);
  }
  if (!applied) {
    const writer = { name: options.manager, subresource: undefined, now: api.now() };
    object.metadata.managedFields = afterUpdate(kind, undefined, object, readManagers(object), writer);
  }
  return options.dryRun ? object : viewed(kind, api.storage.put(kind.storageKey, object));
}

/** Kinds of Kubernetes' own that count the changes of their specification; the others never did. */
const COUNTING = new Set([
  '/replicationcontrollers',
  'apiextensions.k8s.io/customresourcedefinitions',
  'apps/daemonsets',
  'apps/deployments',
  'apps/replicasets',
  'apps/statefulsets',
  'batch/cronjobs',
  'batch/jobs',
  'discovery.k8s.io/endpointslices',
  'networking.k8s.io/ingresses',
  'networking.k8s.io/networkpolicies',
  'policy/poddisruptionbudgets',
]);

export function countsGenerations(kind: Kind): boolean {
  return kind.custom || COUNTING.has(kind.storageKey);
}

function generated(prefix: string): string {
  const letters = Array.from({ length: 5 }, () => SUFFIX_LETTERS[randomInt(SUFFIX_LETTERS.length)]);
  return `${prefix.slice(0, 248)}${letters.join('')}`;
}

function placeInNamespace(api: Api, kind: Kind, namespace: string | undefined, object: KubeObject): void {
  if (!kind.namespaced) {
    delete object.metadata.namespace;
    return;
  }
  const own = object.metadata.namespace;
  if (namespace === undefined) throw badRequest('an empty namespace may not be set during creation');
  if (own !== undefined && own !== '' && own !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  object.metadata.namespace = namespace;
  const found = api.storage.get('/namespaces', undefined, namespace);
  if (found === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  if (isTerminating(found)) {
    throw forbidden(
      resourceOf(kind),
      object.metadata.name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
      [
        {
          ...cause.forbidden('metadata.namespace', ''),
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
        },
      ],
    );
  }
}
