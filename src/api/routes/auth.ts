import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  ADMIN,
  csrfTokenOf,
  isAdmin,
  isSystemAdmin,
  LOGIN_TIME,
  LONGEST_TTL,
  type NewToken,
} from '../../access/index.ts';
import { isJsonObject, PetrelError } from '../../model/index.ts';
import { cookieOf, LOGIN_COOKIE, setCookie } from '../auth-cookies.ts';
import { credentialOf } from '../auth-credentials.ts';
import { clearSessionCookies, setSessionCookies } from '../auth-sessions.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { id, object, timestamp as timestampShape } from '../shapes/common.ts';
import { timestamp } from '../views.ts';

const TAG = 'Signing in';

/** In place of `Authorization: Basic`. */
const login = { username: z.string().nullish(), password: z.string().nullish() };
const tokenBody = z.object({
  ...login,
  ttl: z.number().nullish(),
  user: z.string().nullish(),
  impersonate_user: z.string().nullish(),
  nickname_origin: z.string().max(200).nullish(),
});
const token = z
  .strictObject({
    id,
    user: z.string(),
    token: z.string(),
    expiry: timestampShape,
    metadata: object,
    service: z.boolean(),
  })
  .meta({ id: 'Token' });

/** Anybody may send these: bytes of a body that is read. */
const SMALL = 16 * 1024;

/** Where the browser's half of a login lives. */
const LOGIN_PATH = '/auth';

/** /tokens, /session and /sso (stackstorm-api.md section 2). */
export function authRoutes(services: ApiServices): readonly Route[] {
  const { access, http, masker } = services;
  const { users, tokens, authentication, roles, oidc } = access;

  /** Who signs in with user and password. */
  const signedIn = async (request: FastifyRequest): Promise<string> => {
    const given = basicOf(request);
    request.applicant = { user: given?.user ?? '', method: 'password' };
    if (given !== undefined && (await users.authenticate(given.user, given.password, request.ip))) return given.user;
    throw new PetrelError('unauthorized', 'Invalid or missing credentials');
  };

  const issue = async (user: string, origin: string, ttl?: number): Promise<NewToken> => {
    const token = await tokens.create(user, { metadata: { origin }, ...(ttl !== undefined && { ttl }) });
    masker.add(token.token);
    return token;
  };

  /** Administrators act for others, but only system administrators for system administrators. */
  async function refuseImpersonation(signer: string, wanted: string): Promise<void> {
    const subject = { user: signer, roles: await roles.of(signer) };
    const above = isSystemAdmin({ user: wanted, roles: await roles.of(wanted) }) && !isSystemAdmin(subject);
    const there = wanted === ADMIN || (await users.list()).some(({ name }) => name === wanted);
    if (isAdmin(subject) && !above && there) return;
    throw new PetrelError('forbidden', `User "${signer}" may not have a token of "${wanted}".`);
  }

  function provider() {
    if (oidc !== undefined) return oidc;
    throw new PetrelError(
      'not_found',
      'No identity provider is configured. Start Petrel with --oidc-issuer URL and --oidc-client-id ID.',
    );
  }

  async function startSession(request: FastifyRequest, reply: FastifyReply, user: string): Promise<string> {
    const token = await issue(user, 'session', LONGEST_TTL);
    setSessionCookies(request, reply, token.token, token, services);
    return csrfTokenOf(token.token);
  }

  return [
    route({
      method: 'POST',
      path: '/tokens',
      tag: TAG,
      summary: 'Makes a token, for `Authorization: Basic` or `username` and `password`',
      body: tokenBody,
      bodyOptional: true,
      bodyLimit: SMALL,
      status: 201,
      answer: token,
      errors: [413, 429],
      async handle({ body: { ttl, user, impersonate_user, nickname_origin }, request }) {
        const signer = await signedIn(request);
        const wanted = impersonate_user ?? user ?? signer;
        if (wanted !== signer) await refuseImpersonation(signer, wanted);
        const made = await issue(wanted, nickname_origin ?? 'api', ttl ?? undefined);
        return {
          id: made.id,
          user: made.user,
          token: made.token,
          expiry: timestamp(made.expiresAt),
          metadata: made.metadata,
          service: false,
        };
      },
    }),
    route({
      method: 'POST',
      path: '/tokens/validate',
      tag: TAG,
      summary: 'Whether a token is good',
      body: z.object({ token: z.string('Token is not provided.') }),
      bodyLimit: SMALL,
      answer: z.strictObject({ valid: z.boolean() }),
      errors: [413],
      handle: async ({ body }) => ({ valid: (await authentication.byToken(body.token)) !== undefined }),
    }),
    route({
      method: 'POST',
      path: '/session',
      tag: TAG,
      summary: "Begins a browser's session: the token is in a cookie that no script can read",
      body: z.object(login),
      bodyOptional: true,
      bodyLimit: SMALL,
      answer: z.strictObject({ user: z.string(), csrf_token: z.string() }),
      errors: [413, 429],
      async handle({ request, reply }) {
        const user = await signedIn(request);
        return { user, csrf_token: await startSession(request, reply, user) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/session',
      tag: TAG,
      summary: 'Ends a session: its token is good no longer',
      status: 204,
      async handle({ request, reply }) {
        const credential = credentialOf(request, undefined);
        if (credential !== undefined) await tokens.revoke(credential.secret);
        clearSessionCookies(reply, http);
      },
    }),
    route({
      method: 'GET',
      path: '/sso',
      tag: TAG,
      summary: 'Whether there is an identity provider',
      answer: z.strictObject({ enabled: z.boolean() }),
      handle: () => ({ enabled: oidc !== undefined }),
    }),
    route({
      method: 'GET',
      path: '/sso/request',
      tag: TAG,
      summary: 'Leads a browser to the identity provider',
      query: z.object({ return_to: z.string().optional().meta({ description: "A path of Petrel's." }) }),
      status: 302,
      errors: [404],
      async handle({ query, reply }) {
        const { url, cookie } = await provider().begin(pathOf(query.return_to));
        setCookie(reply, LOGIN_COOKIE, cookie, {
          maxAge: LOGIN_TIME / 1000,
          secure: http.secureCookies,
          path: LOGIN_PATH,
        });
        return reply.redirect(url);
      },
    }),
    route({
      method: 'GET',
      path: '/sso/callback',
      tag: TAG,
      summary: 'Where the identity provider leads a browser back to',
      status: 302,
      errors: [404, 429],
      async handle({ request, reply }) {
        request.applicant = { user: '', method: 'oidc' };
        const query = request.url.split('?').slice(1).join('?');
        const { user, returnTo } = await provider().complete(query, cookieOf(request, LOGIN_COOKIE));
        request.applicant = { user, method: 'oidc' };
        setCookie(reply, LOGIN_COOKIE, '', { maxAge: 0, secure: http.secureCookies, path: LOGIN_PATH });
        await startSession(request, reply, user);
        return reply.redirect(returnTo);
      },
    }),
  ];
}

/** From the `Authorization: Basic` that StackStorm's clients send, or from the body of a form. */
function basicOf({ headers, body }: FastifyRequest): { user: string; password: string } | undefined {
  const encoded = /^Basic\s+([A-Za-z0-9+/=_-]+)$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded !== undefined) {
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    const at = text.indexOf(':');
    return at > 0 ? { user: text.slice(0, at), password: text.slice(at + 1) } : undefined;
  }
  if (!isJsonObject(body)) return undefined;
  const { username, password } = body;
  return typeof username === 'string' && typeof password === 'string' ? { user: username, password } : undefined;
}

/** A path of ours, and nothing that leads elsewhere. */
function pathOf(returnTo: string | undefined): string {
  return returnTo !== undefined && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(returnTo) ? returnTo : '/';
}
