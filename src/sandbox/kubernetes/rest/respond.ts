/** Answers, in the representation the client prefers: whole objects, tables, metadata only; JSON or YAML. */
import { stringify } from 'yaml';
import { sendJson } from '../../http.ts';
import { notAcceptable, StatusError } from '../errors.ts';
import type { JsonMap } from '../json.ts';
import { type Kind, viewed } from '../kinds/kind.ts';
import type { KubeObject } from '../objects.ts';
import { tableOf } from '../table.ts';
import type { Call } from './call.ts';

export interface Representation {
  readonly as: 'Whole' | 'Table' | 'PartialObjectMetadata';
  /** `v1` or `v1beta1` of meta.k8s.io. */
  readonly version: string;
  readonly yaml: boolean;
}

const WHOLE: Representation = { as: 'Whole', version: 'v1', yaml: false };
const ACCEPTED = ['application/json', 'application/yaml'];

/** The first representation of the Accept header that is served here. Throws 406 when none is. */
export function negotiate(accept: string | undefined): Representation {
  if (accept === undefined || accept.trim() === '') return WHOLE;
  for (const clause of accept.split(',')) {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim());
    const given = new Map(
      parameters.map((parameter) => [parameter.split('=')[0] ?? '', parameter.split('=')[1] ?? '']),
    );
    const yaml = type === 'application/yaml';
    if (!yaml && !['application/json', 'application/*', '*/*'].includes(type)) continue;
    const as = given.get('as');
    const version = given.get('v') ?? 'v1';
    if (as === undefined) return { ...WHOLE, yaml };
    if (given.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) continue;
    if (as === 'Table') return { as, version, yaml };
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') {
      return { as: 'PartialObjectMetadata', version, yaml };
    }
  }
  throw notAcceptable(ACCEPTED);
}

export function metadataOnly(object: KubeObject, version: string): JsonMap {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

/** One object as a representation shows it. */
export function shownObject(call: Call, kind: Kind, object: KubeObject, wanted: Representation): JsonMap {
  const view = viewed(kind, object);
  if (wanted.as === 'Table') return tableOf(kind, [view], tableOptions(call, wanted, view.metadata.resourceVersion));
  return wanted.as === 'PartialObjectMetadata' ? metadataOnly(view, wanted.version) : view;
}

export function tableOptions(call: Call, wanted: Representation, resourceVersion: string | undefined) {
  return {
    version: wanted.version,
    includeObject: call.query.get('includeObject') ?? 'Metadata',
    now: call.api.now(),
    metadata: { ...(resourceVersion === undefined ? {} : { resourceVersion }) } as JsonMap,
    withHeader: true,
  };
}

export function sendObject(call: Call, status: number, kind: Kind, object: KubeObject): void {
  const wanted = negotiate(call.request.headers.accept);
  send(call, status, shownObject(call, kind, object, wanted), wanted.yaml);
}

export function send(call: Call, status: number, body: JsonMap, yaml = false): void {
  const headers: Record<string, string> = { 'cache-control': 'no-cache, private' };
  if (call.warnings.length > 0) {
    headers.warning = call.warnings.map((warning) => `299 - ${JSON.stringify(warning)}`).join(', ');
  }
  if (yaml) {
    call.response.writeHead(status, { ...headers, 'content-type': 'application/yaml' }).end(stringify(body));
  } else {
    sendJson(call.response, status, body, headers);
  }
}

/** Answers with a Status object; a failure inside the sandbox itself is a 500 that says so. */
export function sendError(call: Pick<Call, 'response'>, error: unknown): void {
  const status =
    error instanceof StatusError
      ? error
      : new StatusError(
          500,
          'InternalError',
          `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`,
        );
  if (call.response.headersSent) {
    call.response.destroy();
    return;
  }
  const retry = status.details?.retryAfterSeconds;
  sendJson(call.response, status.code, status.body(), {
    'cache-control': 'no-cache, private',
    ...(typeof retry === 'number' ? { 'retry-after': String(retry) } : {}),
  });
}
