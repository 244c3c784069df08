import type { FastifyInstance } from 'fastify';
import type { HttpSettings } from './services.ts';

const METHODS = 'GET, POST, PUT, DELETE, OPTIONS';
const ALLOWED = [
  ...['Content-Type', 'Authorization', 'X-Auth-Token', 'St2-Api-Key', 'X-Request-ID', 'X-CSRF-Token'],
  ...['St2-Trace-Tag', 'St2-Context'],
  // What readers of event streams send when they are no browser's own.
  ...['Accept', 'Cache-Control', 'Last-Event-ID'],
].join(', ');
const EXPOSED = 'Content-Type, X-Limit, X-Total-Count, X-Request-ID, Retry-After';

/** Headers that tell browsers what not to do; a route may set its own in their place. */
const SECURITY: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
};

/** CORS for the configured origins and for no others, and security headers on every answer. */
export function addHeaders(app: FastifyInstance, { corsOrigins, secureCookies }: HttpSettings): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY);
    if (secureCookies) reply.header('Strict-Transport-Security', 'max-age=31536000');
    const { origin } = request.headers;
    // Pages of other origins that are let in show the icons of packs, too.
    reply.header('Cross-Origin-Resource-Policy', corsOrigins.length > 0 ? 'cross-origin' : 'same-origin');
    if (corsOrigins.length > 0) reply.header('Vary', 'Origin');
    if (origin !== undefined && corsOrigins.includes(origin)) {
      reply.headers({
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Credentials': 'true',
        'Access-Control-Expose-Headers': EXPOSED,
      });
      if (request.method === 'OPTIONS') {
        reply.headers({
          'Access-Control-Allow-Methods': METHODS,
          'Access-Control-Allow-Headers': ALLOWED,
          'Access-Control-Max-Age': '600',
        });
      }
    }
    // A preflight asks before anybody is known; without the headers above the browser goes no further.
    if (request.method === 'OPTIONS') return reply.code(204).send();
  });
}
