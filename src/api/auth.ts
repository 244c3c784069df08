import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  isAdmin,
  listing,
  type PermissionType,
  permits,
  type Requester,
  type Resource,
  type ResourceType,
} from '../access/index.ts';
import { isJsonObject, type JsonObject, PetrelError } from '../model/index.ts';
import { type Credential, credentialOf, refuseCredentialInUrl } from './auth-credentials.ts';
import { isAsked, resourceOf, resourceOfItem } from './auth-resources.ts';
import { refuseForgery, setSessionCookies } from './auth-sessions.ts';
import { accessOf, type Demand, type RouteAccess, routeKey } from './auth-table.ts';
import type { ApiServices } from './services.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on public routes. */
    requester: Requester | null;
    /** Of a list, to whom not all may be shown: what of it they see. Null: all. */
    visible: ((items: readonly object[]) => Promise<readonly object[]>) | null;
    /** Why who calls a route that takes signatures is refused without one. */
    refusal: PetrelError | null;
  }
  interface FastifyContextConfig {
    /** Who may call the route; from the table in auth-table.ts. */
    access?: RouteAccess;
  }
}

/**
 * Makes every route that is registered from now on ask who calls it (before the body is read) and whether they may (after). What the
 * table does not name is nobody's. Answers the keys of the routes, which grow as they are registered.
 */
export function guardRoutes(app: FastifyInstance, services: ApiServices): readonly string[] {
  const routes: string[] = [];
  app.decorateRequest('requester', null);
  app.decorateRequest('refusal', null);
  app.decorateRequest('visible', null);
  app.addHook('onRoute', (route) => {
    const [access, ...others] = [route.method].flat().map((method) => accessOf(method, route.url));
    routes.push(...[route.method].flat().map((method) => routeKey(method, route.url)));
    // One handler for methods of different rank: nobody's, until they are told apart.
    if (others.some((other) => other !== access)) return;
    route.config = { ...route.config, ...(access !== undefined && { access }) };
  });
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return;
    const access = accessTo(request);
    if (access?.kind === 'public') return;
    await refusing(request, access, async () => {
      request.requester = await authenticate(request, reply, access, services);
    });
  });
  app.addHook('preHandler', async (request) => {
    const access = accessTo(request);
    if (request.is404 || request.refusal !== null) return;
    await refusing(request, access, () => authorise(request, access, services));
    const { requester } = request;
    if (access?.kind !== 'list' || requester === null || isAdmin(requester)) return;
    request.visible = (items) => visible(items, access.type, requester, services);
  });
  app.addHook('preSerialization', async (request, reply, payload) => {
    if (request.visible === null || !Array.isArray(payload)) return payload;
    const shown = await request.visible(payload);
    // A page from the database counts what is hidden, so that all pages are reached; of what is all there the number is known.
    if (shown.length < payload.length && !reply.hasHeader('x-limit'))
      reply.header('X-Total-Count', String(shown.length));
    return shown;
  });
  return routes;
}

/** Where a signature will do, a refusal is kept for the route; everywhere else it is thrown. */
async function refusing(
  request: FastifyRequest,
  access: RouteAccess | undefined,
  ask: () => Promise<void>,
): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (access?.signature !== true || !(error instanceof PetrelError)) throw error;
    request.refusal = error;
  }
}

function accessTo(request: FastifyRequest): RouteAccess | undefined {
  return request.routeOptions.config.access;
}

/** Who calls. Throws `PetrelError` (`unauthorized`) on a public route, where nobody is asked. */
export function requesterOf(request: FastifyRequest): Requester {
  if (request.requester === null) {
    throw new PetrelError('unauthorized', 'Unauthorized - One of Token or API key required.');
  }
  return request.requester;
}

/** The name of who calls. */
export function userOf(request: FastifyRequest): string {
  return requesterOf(request).user;
}

/**
 * Whether secrets are to be shown in clear text: as StackStorm, to administrators who ask for it with `show_secrets`, and nobody else is
 * refused. Not to code of packs that an administrator runs. It is audited.
 */
export function revealsSecrets(request: FastifyRequest): boolean {
  const { requester, query } = request;
  if (requester === null || !isAsked((query as JsonObject).show_secrets)) return false; // fastify's query object
  return isAdmin(requester) && requester.pack === undefined;
}

/**
 * Asks the same as when the request came, for routes whose answer takes long: whether the credential is still good, and its holder
 * still may. Throws `PetrelError`: `unauthorized`, `forbidden`, or `not_found` (what it is about is gone).
 */
export async function askAgain(request: FastifyRequest, services: ApiServices): Promise<void> {
  const access = accessTo(request);
  request.requester = await identify(credentialOf(request, access?.credentialInUrl), services);
  await authorise(request, access, services);
}

/** For routes that find out only on their way what they are about. Throws `PetrelError` (`forbidden`). */
export function demand(request: FastifyRequest, permission: PermissionType, resource?: Resource): void {
  const requester = requesterOf(request);
  if (!permits(requester, permission, resource)) throw forbidden(requester.user, permission, resource);
}

/** The permission to run an action, for `demand`. */
export function actionResource(ref: string): Resource {
  const [pack = '', ...name] = ref.split('.');
  return { type: 'action', uids: [`action:${pack}:${name.join('.')}`, `pack:${pack}`] };
}

async function authenticate(
  request: FastifyRequest,
  reply: FastifyReply,
  access: RouteAccess | undefined,
  services: ApiServices,
): Promise<Requester> {
  refuseCredentialInUrl(request, access?.credentialInUrl, services.http);
  const credential = credentialOf(request, access?.credentialInUrl);
  const requester = await identify(credential, services);
  if (credential?.kind === 'cookie') refuseForgery(request, credential.secret, services.http);
  // As StackStorm: whoever uses a token has it as a cookie from then on, for what cannot send headers. Code of a pack is no browser.
  if (credential?.kind === 'token' && requester.method === 'token' && requester.pack === undefined) {
    setSessionCookies(request, reply, credential.secret, requester, services);
  }
  return requester;
}

async function identify(
  credential: Credential | undefined,
  { access: { authentication } }: ApiServices,
): Promise<Requester> {
  if (credential === undefined) {
    throw new PetrelError(
      'unauthorized',
      'Unauthorized - One of Token or API key required. Send a token as X-Auth-Token, or an API key as St2-Api-Key.',
    );
  }
  const { kind, secret } = credential;
  const requester =
    kind === 'api key'
      ? await authentication.byApiKey(secret)
      : ((await authentication.byToken(secret, { cookie: kind === 'cookie' })) ??
        (kind === 'bearer' ? await authentication.byApiKey(secret) : undefined));
  if (requester === undefined) {
    throw new PetrelError('unauthorized', 'Unauthorized - Token or API key is not valid.');
  }
  return requester;
}

async function authorise(
  request: FastifyRequest,
  access: RouteAccess | undefined,
  services: ApiServices,
): Promise<void> {
  if (access?.kind === 'public') return;
  const requester = requesterOf(request);
  const admin = isAdmin(requester);
  if (access === undefined) {
    throw new PetrelError('forbidden', 'This route has no entry in the table of permissions, so nobody may call it.');
  }
  if (admin || access.kind === 'known') return;
  if (access.kind === 'admin') {
    throw new PetrelError('forbidden', `User "${requester.user}" is no administrator, as this takes.`);
  }
  if (access.kind === 'list') {
    const { type } = access;
    if (!HAS_OWNERS.has(type) && listing(requester, type) === 'none') {
      throw forbidden(requester.user, `${type as 'action'}_list`); // each type that is listed has this permission
    }
    return;
  }
  if (access.kind !== 'demands') return;
  refuseOtherUser(request, requester);
  for (const one of access.demands) await check(one, request, requester, services);
}

async function check(
  { permission, on }: Demand,
  request: FastifyRequest,
  requester: Requester,
  services: ApiServices,
): Promise<void> {
  const resource = await resourceOf(on, request, services);
  if (permits(requester, permission, resource)) return;
  // What is not there is said to be so, as to everybody.
  if (resource === undefined && on !== 'nothing') {
    const [name = ''] = Object.values(request.params as Record<string, string>); // fastify's parameters are texts
    throw new PetrelError('not_found', `Resource with a reference or id "${name}" not found`);
  }
  throw forbidden(requester.user, permission, resource);
}

/** StackStorm's `run_as user`: only administrators act for others. */
function refuseOtherUser(request: FastifyRequest, { user }: Requester): void {
  const path = request.routeOptions.url ?? '';
  if (!/\/(?:action)?executions(?:\/[^/]+\/re_run)?\/?$/.test(path) || !isJsonObject(request.body)) return;
  const other = request.body.user;
  if (typeof other === 'string' && other !== '' && other !== user) {
    throw new PetrelError('forbidden', `User "${user}" is no administrator, and so may not run actions as "${other}".`);
  }
}

/** Items of these types may be somebody's own: everybody may list them, and sees their own. */
const HAS_OWNERS: ReadonlySet<ResourceType> = new Set<ResourceType>(['api_key', 'key_value_pair']);

/** What of a list the requester may see. */
async function visible(
  items: readonly object[],
  type: ResourceType,
  requester: Requester,
  services: ApiServices,
): Promise<readonly object[]> {
  const all = listing(requester, type) === 'all';
  if (all && !HAS_OWNERS.has(type)) return items;
  const view: PermissionType = `${type as 'action'}_view`; // each type that is listed has this permission
  const kept: object[] = [];
  for (const item of items) {
    const resource = await resourceOfItem(type, item as JsonObject, services); // views are made of JSON
    if (resource === undefined) continue;
    if ((all && resource.owner === undefined) || permits(requester, view, resource)) kept.push(item);
  }
  return kept;
}

function forbidden(user: string, permission: PermissionType, resource?: Resource): PetrelError {
  const [uid] = resource?.uids ?? [];
  const where = uid === undefined ? '' : ` on resource "${uid}"`;
  return new PetrelError('forbidden', `User "${user}" doesn't have required permission "${permission}"${where}`, {
    details: { permission },
  });
}
