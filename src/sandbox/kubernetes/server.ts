/** The HTTP side: which request is answered by what. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { sendJson } from '../http.ts';
import type { Api } from './api.ts';
import type { Authenticator } from './authentication.ts';
import type { Authorizer } from './authorization.ts';
import { aggregatedDiscovery, aggregatedVersion, legacyDiscovery, versionInfo } from './discovery.ts';
import { badRequest, methodNotAllowed, StatusError } from './errors.ts';
import type { FaultGate } from './faults.ts';
import { OPENAPI_V2_BINARY, openApiIndex, openApiV2, openApiV2Binary, openApiV3 } from './openapi.ts';
import { attributesOf, authorize, impersonated } from './rest/authorize.ts';
import { type Call, isTrue } from './rest/call.ts';
import { remove } from './rest/delete.ts';
import { commandAnswer, serveExec } from './rest/exec.ts';
import { list } from './rest/list.ts';
import { podLog } from './rest/pod-log.ts';
import { sendError } from './rest/respond.ts';
import { answerReview, isReview } from './rest/review.ts';
import { createSubresource } from './rest/subresources.ts';
import { watch } from './rest/watch.ts';
import { create, get, patch, replace } from './rest/write.ts';
import { type ResourceRoute, routeResource, segmentsOf } from './router.ts';

export interface ServerOptions {
  readonly api: Api;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly gate: FaultGate;
  /** Seconds between the bookmarks of a watch. */
  readonly bookmarkSeconds: number;
}

export function createHandler(
  options: ServerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://sandbox');
    const path = url.pathname.replace(/(?<=.)\/+$/, '');
    const { api, authenticator, authorizer } = options;
    try {
      if (!(await options.gate.admit(request, response, path))) return;
      const who = impersonated({ request }, authenticator.identify(request, path), authorizer);
      const call: Call = { api, request, response, path, who, query: url.searchParams, warnings: [] };
      const route = routeResource(path, api.registry);
      if (route === undefined) authorizePath(call, authorizer);
      else authorize(authorizer, who, attributesOf(call, route));
      if (answerFixed(call) || answerDiscovery(call) || answerOpenApi(call)) return;
      await answerResource(call, options);
    } catch (error) {
      sendError({ response }, error);
    }
  };
}

/** Whether a server is alive, everybody may ask. */
function authorizePath({ path, request, who }: Call, authorizer: Authorizer): void {
  if (['/healthz', '/readyz', '/livez', '/version'].includes(path)) return;
  authorize(authorizer, who, { verb: (request.method ?? 'GET').toLowerCase(), path });
}

/** A connection that asks to become something else: `kubectl exec`. */
export function createUpgrade(options: ServerOptions): (request: IncomingMessage, socket: Duplex) => void {
  return (request, socket) => {
    const url = new URL(request.url ?? '/', 'http://sandbox');
    const { api, authenticator, authorizer } = options;
    try {
      const who = impersonated({ request }, authenticator.identify(request, url.pathname), authorizer);
      const route = routeResource(url.pathname, api.registry);
      if (route?.subresource !== 'exec' || route.kind.kind !== 'Pod') throw badRequest('this path cannot be upgraded');
      const call = { api, request, query: url.searchParams };
      authorize(authorizer, who, { ...attributesOf(call, route), verb: 'create' });
      serveExec(call, route, request, socket);
    } catch (error) {
      const status = error instanceof StatusError ? error : new StatusError(500, 'InternalError', String(error));
      const body = JSON.stringify(status.body());
      socket.end(
        `HTTP/1.1 ${status.code} ${status.reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
    }
  };
}

function answerFixed(call: Call): boolean {
  if (call.path === '/version') {
    sendJson(call.response, 200, versionInfo);
    return true;
  }
  if (!['/healthz', '/readyz', '/livez'].includes(call.path)) return false;
  call.response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('ok');
  return true;
}

function answerDiscovery(call: Call): boolean {
  const { path, request, response, api } = call;
  if (path === '/api' || path === '/apis') {
    const version = aggregatedVersion(request.headers.accept);
    if (version !== undefined) {
      const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
      const document = aggregatedDiscovery(path === '/api' ? 'api' : 'apis', version, api.registry);
      sendJson(response, 200, document, { 'content-type': type });
      return true;
    }
  }
  const segments = segmentsOf(path);
  const document = segments === undefined ? undefined : legacyDiscovery(segments, api.registry);
  // A path such as /apis/GROUP/VERSION/PLURAL is as long as that of a version with a slash; the resource goes first.
  if (document === undefined || request.method !== 'GET' || routeResource(path, api.registry) !== undefined)
    return false;
  sendJson(response, 200, document);
  return true;
}

function answerOpenApi(call: Call): boolean {
  const { path, request, response, api } = call;
  if (path === '/openapi/v2') {
    if (request.headers.accept?.includes(OPENAPI_V2_BINARY) === true) {
      // As kube-openapi: with a dot where the request has an @, which Go's own MIME parser does not accept.
      response.writeHead(200, { 'content-type': OPENAPI_V2_BINARY.replace('@', '.') }).end(openApiV2Binary());
    } else {
      sendJson(response, 200, openApiV2(api.registry));
    }
    return true;
  }
  if (path === '/openapi/v3') {
    sendJson(response, 200, openApiIndex(api.registry));
    return true;
  }
  const document = path.startsWith('/openapi/v3/')
    ? openApiV3(path.slice('/openapi/v3/'.length), api.registry)
    : undefined;
  if (document === undefined) return false;
  sendJson(response, 200, document);
  return true;
}

async function answerResource(call: Call, options: ServerOptions): Promise<void> {
  const route = routeResource(call.path, call.api.registry);
  if (route === undefined) {
    call.response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
    return;
  }
  if (isReview(route) && call.request.method !== 'POST') throw methodNotAllowed();
  switch (call.request.method) {
    case 'GET':
      read(call, route, options);
      return;
    case 'POST':
      if (isReview(route)) return answerReview(call, route, options);
      if (route.subresource === 'exec') throw exchange(call, route);
      if (route.subresource !== undefined) return createSubresource(call, route, options.authenticator);
      return create(call, route);
    case 'PUT':
      return replace(call, route);
    case 'PATCH':
      return patch(call, route);
    case 'DELETE':
      return remove(call, route);
    default:
      throw methodNotAllowed();
  }
}

function read(call: Call, route: ResourceRoute, { gate, bookmarkSeconds }: ServerOptions): void {
  const watching = route.watch || (route.name === undefined && isTrue(call.query.get('watch')));
  if (!watching) {
    if (route.name === undefined) list(call, route);
    else if (route.kind.kind === 'Pod' && route.subresource === 'log') podLog(call, route);
    else if (route.kind.kind === 'Pod' && route.subresource === 'exec') throw exchange(call, route);
    else get(call, route);
    return;
  }
  if (gate.takesWatch()) {
    call.response.writeHead(200, { 'content-type': 'application/json' }).end();
    return;
  }
  watch(call, route, { bookmarkSeconds, opened: (one) => gate.opened(one), closed: (one) => gate.closed(one) });
}

/** Why an exec that did not ask for an upgrade cannot be served: the pod says nothing, or the protocol is missing. */
function exchange(call: Call, route: ResourceRoute): StatusError {
  commandAnswer(call, route);
  return badRequest('you must specify at least 1 of stdin, stdout, stderr, over a WebSocket connection');
}
