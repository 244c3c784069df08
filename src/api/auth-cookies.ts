import type { FastifyReply, FastifyRequest } from 'fastify';

/** As StackStorm names it. */
export const SESSION_COOKIE = 'auth-token';
/** Read by pages, which send it back as `X-CSRF-Token`. */
export const CSRF_COOKIE = 'petrel-csrf';
/** What is remembered between the two halves of a login at the identity provider. */
export const LOGIN_COOKIE = 'petrel-login';

export function cookieOf({ headers }: FastifyRequest, name: string): string | undefined {
  for (const pair of headers.cookie?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) {
      const value = pair.slice(at + 1).trim();
      try {
        return decodeURIComponent(value);
      } catch {
        return value;
      }
    }
  }
  return undefined;
}

export interface CookieOptions {
  /** Seconds; 0 deletes it. */
  readonly maxAge: number;
  readonly secure: boolean;
  readonly path?: string;
  /** Scripts may read it. Default false. */
  readonly readable?: boolean;
}

/** Beside others that are set. */
export function setCookie(reply: FastifyReply, name: string, value: string, options: CookieOptions): void {
  const { maxAge, secure, path = '/', readable = false } = options;
  const parts = [`${name}=${encodeURIComponent(value)}`, `Path=${path}`, `Max-Age=${Math.max(0, Math.floor(maxAge))}`];
  if (!readable) parts.push('HttpOnly');
  if (secure) parts.push('Secure');
  parts.push('SameSite=Lax');
  const before = reply.getHeader('set-cookie');
  reply.raw.removeHeader('set-cookie');
  reply.removeHeader('set-cookie');
  const cookies = [...[before ?? []].flat().map(String), parts.join('; ')];
  reply.header('set-cookie', cookies);
}
