/** DELETE of one object or of a collection. */
import { methodNotAllowed } from '../errors.ts';
import { viewed } from '../kinds/kind.ts';
import { decodeDeleteOptions, deleteObject } from '../objects/delete.ts';
import type { ResourceRoute } from '../router.ts';
import { type Call, readObject } from './call.ts';
import { send, sendObject } from './respond.ts';
import { selection } from './selection.ts';

export async function remove(call: Call, route: ResourceRoute): Promise<void> {
  const { kind, namespace, name } = route;
  if (route.watch || route.subresource !== undefined) throw methodNotAllowed();
  const options = decodeDeleteOptions(await readObject(call), call.query);
  if (name === undefined) {
    const matching = selection(route, call.query);
    const chosen = call.api.storage.list(kind.storageKey, namespace).filter(matching);
    const deleted = chosen.map((object) =>
      deleteObject(call.api, kind, object.metadata.namespace, object.metadata.name, options),
    );
    send(call, 200, {
      kind: kind.listKind,
      apiVersion: kind.apiVersion,
      metadata: { resourceVersion: String(call.api.storage.revision) },
      items: deleted.map(({ object }) => viewed(kind, object)),
    });
    return;
  }
  const { object, gone } = deleteObject(call.api, kind, namespace, name, options);
  if (!gone) {
    sendObject(call, 200, kind, object);
    return;
  }
  send(call, 200, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name,
      ...(kind.group === '' ? {} : { group: kind.group }),
      kind: kind.plural,
      ...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }),
    },
  });
}
