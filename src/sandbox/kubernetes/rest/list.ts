/** Listing: in pages over one consistent state, at the newest or a named version. */
import { parseVersion } from '../api.ts';
import { badRequest, cause, expired, invalid, StatusError, tooLargeVersion } from '../errors.ts';
import { isMap, type JsonMap, parseJson } from '../json.ts';
import { viewed } from '../kinds/kind.ts';
import { type KubeObject, keyOf } from '../objects.ts';
import type { ResourceRoute } from '../router.ts';
import { tableOf } from '../table.ts';
import type { Call } from './call.ts';
import { metadataOnly, negotiate, send, tableOptions } from './respond.ts';
import { selection } from './selection.ts';

interface Position {
  readonly revision: number;
  /** The key of the last object of the page before. */
  readonly after: string;
}

export function list(call: Call, route: ResourceRoute): void {
  const { kind } = route;
  const { query } = call;
  const limit = limitOf(query.get('limit'));
  const position = startOf(call, route);
  const matching = selection(route, query);
  const state = stateAt(call, route, position);
  const selected = state.filter(
    (object) => (position.after === '' || keyOf(object) > position.after) && matching(object),
  );
  const page = limit === 0 ? selected : selected.slice(0, limit);
  const last = page.at(-1);
  const metadata: JsonMap = { resourceVersion: String(position.revision) };
  if (last !== undefined && page.length < selected.length) {
    metadata.continue = encodePosition({ revision: position.revision, after: keyOf(last) });
    // As the real server: with selectors it does not know how many are left.
    if (!query.get('labelSelector') && !query.get('fieldSelector'))
      metadata.remainingItemCount = selected.length - page.length;
  }
  const wanted = negotiate(call.request.headers.accept);
  if (wanted.as === 'Table') {
    const views = page.map((object) => viewed(kind, object));
    send(call, 200, tableOf(kind, views, { ...tableOptions(call, wanted, undefined), metadata }), wanted.yaml);
    return;
  }
  if (wanted.as === 'PartialObjectMetadata') {
    const items = page.map((object) => metadataOnly(object, wanted.version));
    const apiVersion = `meta.k8s.io/${wanted.version}`;
    send(call, 200, { kind: 'PartialObjectMetadataList', apiVersion, metadata, items }, wanted.yaml);
    return;
  }
  const items = page.map((object) => viewed(kind, object));
  send(call, 200, { kind: kind.listKind, apiVersion: kind.apiVersion, metadata, items }, wanted.yaml);
}

function limitOf(text: string | null): number {
  if (text === null || text === '') return 0;
  if (!/^\d+$/.test(text))
    throw badRequest(`limit: Invalid value: ${JSON.stringify(text)}: must be a non-negative integer`);
  return Number(text);
}

/** Which state to list, and from where on. Throws what the real server does for versions that cannot be had. */
function startOf(call: Call, route: ResourceRoute): Position {
  const { query, api } = call;
  const present = api.storage.revision;
  const token = query.get('continue');
  const match = query.get('resourceVersionMatch');
  const asked = parseVersion(query.get('resourceVersion'));
  if (token !== null && token !== '') {
    if (asked !== undefined && asked !== 0) {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const position = decodePosition(token);
    // -1: go on with the newest state, as the token in an expired answer says.
    return position.revision === -1 ? { ...position, revision: present } : position;
  }
  if (match !== null && match !== '') {
    const refuse = (detail: string) =>
      invalid('meta.k8s.io', 'ListOptions', route.kind.plural, [cause.forbidden('resourceVersionMatch', detail)]);
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      throw invalid('meta.k8s.io', 'ListOptions', '', [
        cause.notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']),
      ]);
    }
    if (asked === undefined) throw refuse('resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (match === 'Exact' && asked === 0)
      throw refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (asked !== undefined && asked > present) throw tooLargeVersion(asked, present);
  return { revision: match === 'Exact' && asked !== undefined ? asked : present, after: '' };
}

function stateAt(call: Call, route: ResourceRoute, position: Position): KubeObject[] {
  const { storage } = call.api;
  const { storageKey } = route.kind;
  if (position.revision === storage.revision) return storage.list(storageKey, route.namespace);
  if (position.revision > storage.revision) throw tooLargeVersion(position.revision, storage.revision);
  const state = storage.listAt(storageKey, position.revision);
  if (state !== undefined) return state;
  if (position.after === '') throw expired(`The resourceVersion for the provided list is too old.`);
  const words =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
  throw expired(words, { continue: encodePosition({ revision: -1, after: position.after }) });
}

function encodePosition(position: Position): string {
  return Buffer.from(
    JSON.stringify({ v: 'meta.k8s.io/v1', rv: position.revision, start: `${position.after}\u0000` }),
  ).toString('base64url');
}

function decodePosition(token: string): Position {
  try {
    const read = parseJson(Buffer.from(token, 'base64url').toString('utf8'));
    if (isMap(read) && read.v === 'meta.k8s.io/v1' && typeof read.rv === 'number' && typeof read.start === 'string') {
      return { revision: read.rv, after: read.start.replace(/\0$/, '') };
    }
  } catch (error) {
    if (error instanceof StatusError) throw error;
  }
  throw badRequest('continue key is not valid');
}
