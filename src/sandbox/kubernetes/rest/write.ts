/** POST, PUT and PATCH. */

import { resourceOf } from '../api.ts';
import { badRequest, methodNotAllowed, notFound, StatusError, unsupportedMediaType } from '../errors.ts';
import { ownershipSchema } from '../fields/managers.ts';
import type { Json } from '../json.ts';
import { type Kind, viewed } from '../kinds/kind.ts';
import { createObject } from '../objects/create.ts';
import { decodeObject } from '../objects/decode.ts';
import { findObject, type Target, updateObject } from '../objects/update.ts';
import type { KubeObject } from '../objects.ts';
import { applyConfiguration } from '../patch/apply.ts';
import { jsonPatch } from '../patch/json.ts';
import { mergePatch } from '../patch/merge.ts';
import { strategicMergePatch } from '../patch/strategic.ts';
import type { ResourceRoute } from '../router.ts';
import { bodyBytes, type Call, contentType, isTrue, parseBody, readObject, writeOptions } from './call.ts';
import { sendObject } from './respond.ts';
import { scaleOf, withScale } from './scale.ts';

export async function create(call: Call, route: ResourceRoute): Promise<void> {
  if (route.name !== undefined || route.watch) throw methodNotAllowed();
  const object = decodeObject(route.kind, await readObject(call));
  const made = createObject(call.api, route.kind, namespaceOf(route, object), object, writeOptions(call));
  sendObject(call, 201, route.kind, made);
}

/** kubectl and client libraries always name the namespace; cluster-wide paths cannot create namespaced objects. */
function namespaceOf(route: ResourceRoute, object: KubeObject): string | undefined {
  if (route.kind.namespaced && route.namespace === undefined) {
    // The 2016 way of posting to a ThirdPartyResource's collection named the namespace in the object alone.
    return route.kind.listed ? undefined : (object.metadata.namespace ?? 'default');
  }
  return route.namespace;
}

/** The object a path names, with the subresource written through it. Throws 404 for a subresource the kind does not have. */
function targetOf(route: ResourceRoute): Target {
  const { kind, namespace, name, subresource } = route;
  if (name === undefined || route.watch) throw methodNotAllowed();
  if (subresource === undefined || subresource === 'scale') return { kind, namespace, name };
  const served =
    (subresource === 'status' && kind.hasStatus) || (subresource === 'finalize' && kind.plural === 'namespaces');
  if (!served) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  return { kind, namespace, name, subresource: subresource === 'status' ? 'status' : 'finalize' };
}

export async function replace(call: Call, route: ResourceRoute): Promise<void> {
  const target = targetOf(route);
  const body = await readObject(call);
  const options = writeOptions(call);
  if (route.subresource === 'scale') {
    const made = updateObject(call.api, target, (old) => withScale(target.kind, old, body), options);
    sendObject(call, 200, scaleKind(target.kind), scaleOf(target.kind, made));
    return;
  }
  const object = decodeObject(target.kind, body);
  if (object.metadata.name === '') throw badRequest('the name of the object must be provided');
  const versionRequired = target.kind.custom && target.kind.blindReplace !== true;
  const made = updateObject(call.api, target, () => object, options, { versionRequired });
  sendObject(call, 200, target.kind, made);
}

const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** The patches a kind understands; custom kinds know no strategic merge, as in the real server. */
export function patchTypes(kind: Kind): readonly string[] {
  return kind.custom ? [JSON_PATCH, MERGE, APPLY] : [JSON_PATCH, MERGE, STRATEGIC, APPLY];
}

export async function patch(call: Call, route: ResourceRoute): Promise<void> {
  const target = targetOf(route);
  const { kind } = target;
  const type = contentType(call);
  const known = patchTypes(kind);
  if (!known.includes(type)) throw unsupportedMediaType(known);
  const text = (await bodyBytes(call)).toString('utf8');
  if (type === APPLY) {
    serverSideApply(call, target, parseBody(text, true));
    return;
  }
  const body = parseBody(text, false);
  const options = writeOptions(call);
  if (route.subresource === 'scale') {
    const change = (old: KubeObject) => withScale(kind, old, patched(kind, scaleOf(kind, old), body, type));
    sendObject(call, 200, scaleKind(kind), scaleOf(kind, updateObject(call.api, target, change, options)));
    return;
  }
  const change = (old: KubeObject) => decodeObject(kind, patched(kind, old, body, type));
  sendObject(call, 200, kind, updateObject(call.api, target, change, options));
}

function patched(kind: Kind, old: KubeObject, body: Json, type: string): Json {
  if (type === JSON_PATCH) return jsonPatch(old, body);
  if (type === MERGE) return mergePatch(old, body);
  return strategicMergePatch(old, body, ownershipSchema(kind));
}

function serverSideApply(call: Call, target: Target, body: Json): void {
  const { api } = call;
  const { kind, namespace, name } = target;
  const manager = call.query.get('fieldManager');
  if (manager === null || manager === '') {
    throw new StatusError(
      400,
      'BadRequest',
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  }
  const configuration = decodeObject(kind, body);
  if (configuration.metadata.managedFields !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  if (configuration.metadata.name === '') configuration.metadata.name = name;
  if (configuration.metadata.name !== name) {
    throw badRequest(
      `the name of the object (${configuration.metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  const options = writeOptions(call);
  const writer = { name: manager, subresource: target.subresource, now: api.now() };
  const force = isTrue(call.query.get('force'));
  const live = api.storage.get(kind.storageKey, namespace, name);
  if (live === undefined) {
    if (target.subresource !== undefined) throw notFound(resourceOf(kind), name);
    if (configuration.metadata.uid !== undefined) throw notFound(resourceOf(kind), name);
    const made = applyConfiguration(kind, undefined, configuration, writer, force);
    sendObject(call, 201, kind, createObject(api, kind, namespace, made, options, true));
    return;
  }
  const change = (old: KubeObject) => applyConfiguration(kind, old, configuration, writer, force);
  sendObject(call, 200, kind, updateObject(api, target, change, options, { applied: true }));
}

/** GET of one object or a subresource of it. */
export function get(call: Call, route: ResourceRoute): void {
  const target = targetOf(route);
  const found = viewed(target.kind, findObject(call.api, target.kind, target.namespace, target.name));
  if (route.subresource === 'scale') sendObject(call, 200, scaleKind(target.kind), scaleOf(target.kind, found));
  else sendObject(call, 200, target.kind, found);
}

/** A scale is shown as its own kind, whatever it is the scale of. */
function scaleKind(kind: Kind): Kind {
  if (kind.scale === undefined) {
    throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  }
  return { ...kind, apiVersion: 'autoscaling/v1', kind: 'Scale' };
}
