import type { FastifyReply, FastifyRequest } from 'fastify';
import { csrfTokenOf, type Requester, sameText } from '../access/index.ts';
import { PetrelError } from '../model/index.ts';
import { CSRF_COOKIE, cookieOf, SESSION_COOKIE, setCookie } from './auth-cookies.ts';
import type { ApiServices, HttpSettings } from './services.ts';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A browser sends cookies whoever wrote the page. Throws `PetrelError` (`forbidden`) for a change that may be another site's wish. */
export function refuseForgery(request: FastifyRequest, session: string, settings: HttpSettings): void {
  if (SAFE.has(request.method)) return;
  const { origin } = request.headers;
  if (origin !== undefined && !isOurs(origin, request, settings)) {
    throw new PetrelError('forbidden', `A page of ${origin} may not change anything here with your cookie.`);
  }
  const sent = request.headers['x-csrf-token'];
  if (typeof sent !== 'string' || !sameText(sent, csrfTokenOf(session))) {
    throw new PetrelError(
      'forbidden',
      `With a cookie every change takes the header X-CSRF-Token, with the value of the cookie ${CSRF_COOKIE}.`,
    );
  }
}

function isOurs(origin: string, request: FastifyRequest, { corsOrigins, publicUrl }: HttpSettings): boolean {
  if (corsOrigins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  if (publicUrl !== undefined && new URL(publicUrl).origin === origin) return true;
  // By host: behind a proxy that speaks TLS we do not see the scheme.
  return new URL(origin).host === request.headers.host;
}

/** Unless the browser has it already. */
export function setSessionCookies(
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
  { expiresAt = 0 }: Pick<Requester, 'expiresAt'>,
  services: Pick<ApiServices, 'http' | 'now'>,
): void {
  if (cookieOf(request, SESSION_COOKIE) === token) return;
  const options = { maxAge: (expiresAt - services.now()) / 1000, secure: services.http.secureCookies };
  setCookie(reply, SESSION_COOKIE, token, options);
  setCookie(reply, CSRF_COOKIE, csrfTokenOf(token), { ...options, readable: true });
}

export function clearSessionCookies(reply: FastifyReply, { secureCookies }: HttpSettings): void {
  for (const name of [SESSION_COOKIE, CSRF_COOKIE]) {
    setCookie(reply, name, '', { maxAge: 0, secure: secureCookies, readable: name === CSRF_COOKIE });
  }
}
