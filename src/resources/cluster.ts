import { createHash } from 'node:crypto';
import { isNotFound, type KubernetesClient } from '../kubernetes/index.ts';
import { type JsonObject, PetrelError, type Resource } from '../model/index.ts';
import type { KubernetesObject, Logger, ObjectReference } from '../sdk/index.ts';
import { crdOf } from './crd.ts';
import type { Entry } from './kind-watch.ts';
import { ABANDONED_ANNOTATION } from './objects.ts';

/** The writes to the cluster. Each answers the object as it is then; undefined: it is gone, or is another one of the same name. */
export interface ClusterWrites {
  /** Throws `conflict` when the object was changed since it was seen. */
  setFinalizers(entry: Entry, finalizers: readonly string[]): Promise<KubernetesObject | undefined>;
  setStatus(entry: Entry, status: JsonObject): Promise<KubernetesObject | undefined>;
  abandon(entry: Entry): Promise<KubernetesObject | undefined>;
  /** One that was told before about the same object counts up. One that cannot be told is left: a namespace that is being deleted takes none. */
  tell(
    object: JsonObject,
    event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string },
  ): Promise<void>;
  install(resource: Resource): Promise<void>;
}

type Cluster = Pick<KubernetesClient, 'apply' | 'patch' | 'create' | 'get'>;

export function createClusterWrites(
  client: Cluster,
  { now, log }: { now(): number; readonly log: Pick<Logger, 'warn'> },
): ClusterWrites {
  let canApply = true;
  let said = '';

  const write = async (event: ReturnType<typeof eventOf>): Promise<void> => {
    try {
      await client.create(event);
    } catch (error) {
      if (!(error instanceof PetrelError) || error.code !== 'conflict') throw error;
      const reference = { apiVersion: 'v1', kind: 'Event', ...event.metadata };
      const known = await client.get(reference);
      const count = typeof known.count === 'number' ? known.count + 1 : 2;
      await client.patch(reference, { count, lastTimestamp: event.lastTimestamp });
    }
  };

  const referenceOf = ({ object, written }: Entry): ObjectReference => ({
    apiVersion: written,
    kind: object.kind,
    name: object.metadata.name,
    ...(object.metadata.namespace !== undefined && { namespace: object.metadata.namespace }),
  });

  const mergeStatus = (entry: Entry, status: JsonObject) => {
    const before = (entry.object.status ?? {}) as JsonObject; // of JSON
    // A merge keeps fields that are not named: those that went must be named as null.
    const removed = Object.keys(before).filter((field) => !Object.hasOwn(status, field));
    const patch = {
      metadata: identityOf(entry),
      status: { ...Object.fromEntries(removed.map((f) => [f, null])), ...status },
    };
    return client.patch(referenceOf(entry), patch, { subresource: 'status' });
  };

  return {
    setFinalizers: (entry, finalizers) => {
      const metadata = { ...identityOf(entry), resourceVersion: entry.object.metadata.resourceVersion, finalizers };
      return unlessGone(client.patch(referenceOf(entry), { metadata }));
    },
    async setStatus(entry, status) {
      const { apiVersion, kind, name, namespace } = referenceOf(entry);
      const metadata = { name, ...(namespace !== undefined && { namespace }), ...identityOf(entry) };
      const write = async () => {
        if (!canApply) return await mergeStatus(entry, status);
        try {
          return await client.apply({ apiVersion, kind, metadata, status }, { force: true, subresource: 'status' });
        } catch (error) {
          if (!(error instanceof PetrelError) || error.details.httpStatus !== 415) throw error;
          canApply = false;
          return await mergeStatus(entry, status);
        }
      };
      try {
        return await unlessGone(write());
      } catch (error) {
        // Status is written without a resource version: a conflict means that the uid is another one.
        if (error instanceof PetrelError && error.code === 'conflict') return undefined;
        throw error;
      }
    },
    abandon: (entry) => {
      const metadata = { ...identityOf(entry), annotations: { [ABANDONED_ANNOTATION]: 'true' } };
      return unlessGone(client.patch(referenceOf(entry), { metadata }));
    },
    async tell(object, { type, reason, message }) {
      try {
        await write(eventOf(object, type, reason, message, now()));
      } catch (error) {
        if (!(error instanceof PetrelError)) throw error;
        const why = `Events cannot be written for now; statuses say the same: ${error.message}`;
        if (why !== said) log.warn(why);
        said = why;
      }
    },
    async install(resource) {
      await client.apply(crdOf(resource), { force: true });
    },
  };
}

/** The uid keeps a write from reaching a later object of the same name. */
function identityOf({ object }: Entry): { uid?: string } {
  return object.metadata.uid === undefined ? {} : { uid: object.metadata.uid };
}

async function unlessGone(write: Promise<KubernetesObject>): Promise<KubernetesObject | undefined> {
  try {
    return await write;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

const LONGEST_MESSAGE = 1024;
/** Of an object. */
const LONGEST_NAME = 253;

/** As much of a name as leaves room for so many characters behind it, and is still the beginning of a name. */
const beginning = (name: string, room: number) => name.slice(0, LONGEST_NAME - room).replace(/[^a-z0-9]+$/, '');

/** The name comes from what is told, so that telling it again finds the first one. */
function eventOf(object: JsonObject, type: string, reason: string, message: string, now: number) {
  const { name = '', namespace, uid = '' } = object.metadata as { name?: string; namespace?: string; uid?: string }; // of an object
  const hash = createHash('sha256')
    .update(JSON.stringify([uid, type, reason, message]))
    .digest('hex')
    .slice(0, 16);
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${beginning(name, hash.length + 1)}.${hash}`, namespace: namespace ?? 'default' },
    involvedObject: {
      apiVersion: object.apiVersion,
      kind: object.kind,
      name,
      uid,
      ...(namespace !== undefined && { namespace }),
    },
    type,
    reason,
    message: message.slice(0, LONGEST_MESSAGE),
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    source: { component: 'petrel' },
    reportingComponent: 'petrel',
    reportingInstance: 'petrel',
  };
}
