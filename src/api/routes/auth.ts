import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
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
import type { ApiServices } from '../services.ts';
import { timestamp } from '../views.ts';

const tokenBody = z.object({
  ttl: z.number().nullish(),
  user: z.string().nullish(),
  impersonate_user: z.string().nullish(),
  nickname_origin: z.string().max(200).nullish(),
});
const validateBody = z.object({ token: z.string() });

/** Anybody may send these: bytes of a body that is read. */
const SMALL = { bodyLimit: 16 * 1024 };

/** Where the browser's half of a login lives. */
const LOGIN_PATH = '/auth';

/** /tokens, /session and /sso (stackstorm-api.md section 2). */
export function authRoutes(api: FastifyInstance, services: ApiServices): void {
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

  api.post('/tokens', SMALL, async (request, reply) => {
    const signer = await signedIn(request);
    const body = tokenBody.safeParse(request.body ?? {});
    if (!body.success) throw new PetrelError('invalid', `The request is not valid: ${z.prettifyError(body.error)}`);
    const { ttl, user, impersonate_user, nickname_origin } = body.data;
    const wanted = impersonate_user ?? user ?? signer;
    if (wanted !== signer) await refuseImpersonation(signer, wanted);
    const token = await issue(wanted, nickname_origin ?? 'api', ttl ?? undefined);
    return reply.code(201).send({
      id: token.id,
      user: token.user,
      token: token.token,
      expiry: timestamp(token.expiresAt),
      metadata: token.metadata,
      service: false,
    });
  });

  /** Administrators act for others, but only system administrators for system administrators. */
  async function refuseImpersonation(signer: string, wanted: string): Promise<void> {
    const subject = { user: signer, roles: await roles.of(signer) };
    const above = isSystemAdmin({ user: wanted, roles: await roles.of(wanted) }) && !isSystemAdmin(subject);
    const there = wanted === ADMIN || (await users.list()).some(({ name }) => name === wanted);
    if (isAdmin(subject) && !above && there) return;
    throw new PetrelError('forbidden', `User "${signer}" may not have a token of "${wanted}".`);
  }

  api.post('/tokens/validate', SMALL, async (request) => {
    const body = validateBody.safeParse(request.body);
    if (!body.success) throw new PetrelError('invalid', 'Token is not provided.');
    return { valid: (await authentication.byToken(body.data.token)) !== undefined };
  });

  /** A browser's session: the token is in a cookie that no script can read. */
  api.post('/session', SMALL, async (request, reply) => {
    const user = await signedIn(request);
    return startSession(request, reply, user).then((csrf_token) => ({ user, csrf_token }));
  });

  api.delete('/session', async (request, reply) => {
    const credential = credentialOf(request, undefined);
    if (credential !== undefined) await tokens.revoke(credential.secret);
    clearSessionCookies(reply, http);
    return reply.code(204).send();
  });

  api.get('/sso', async () => ({ enabled: oidc !== undefined }));

  api.get('/sso/request', async (request, reply) => {
    const { return_to: returnTo } = request.query as { return_to?: string }; // fastify's query object
    const { url, cookie } = await provider().begin(pathOf(returnTo));
    setCookie(reply, LOGIN_COOKIE, cookie, { maxAge: LOGIN_TIME / 1000, secure: http.secureCookies, path: LOGIN_PATH });
    return reply.redirect(url);
  });

  api.get('/sso/callback', async (request, reply) => {
    request.applicant = { user: '', method: 'oidc' };
    const query = request.url.split('?').slice(1).join('?');
    const { user, returnTo } = await provider().complete(query, cookieOf(request, LOGIN_COOKIE));
    request.applicant = { user, method: 'oidc' };
    setCookie(reply, LOGIN_COOKIE, '', { maxAge: 0, secure: http.secureCookies, path: LOGIN_PATH });
    await startSession(request, reply, user);
    return reply.redirect(returnTo);
  });

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
