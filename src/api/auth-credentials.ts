import type { FastifyRequest } from 'fastify';
import { PetrelError } from '../model/index.ts';
import { cookieOf, SESSION_COOKIE } from './auth-cookies.ts';
import type { HttpSettings } from './services.ts';

export interface Credential {
  readonly kind: 'token' | 'api key' | 'bearer' | 'cookie';
  readonly secret: string;
}

/**
 * StackStorm's places for credentials, in its order (stackstorm-api.md section 2), and the `Authorization: Bearer` of the rest of
 * the world. The first that is there counts.
 */
export function credentialOf(request: FastifyRequest, inUrl: 'stream' | 'webhook' | undefined): Credential | undefined {
  const { headers } = request;
  const query = inUrl === undefined ? {} : (request.query as Record<string, unknown>); // fastify's query object
  const places: readonly (readonly [Credential['kind'], unknown])[] = [
    ['token', headers['x-auth-token']],
    ['api key', headers['st2-api-key']],
    ['bearer', /^Bearer\s+(.+)$/i.exec(headers.authorization ?? '')?.[1]],
    ['token', query['x-auth-token']],
    ['api key', query['st2-api-key']],
    ['cookie', cookieOf(request, SESSION_COOKIE)],
  ];
  for (const [kind, secret] of places) {
    if (typeof secret === 'string' && secret !== '') return { kind, secret };
  }
  return undefined;
}

/**
 * Addresses end up in logs and histories: a credential in one is taken only where nothing else can be sent. Throws `PetrelError`
 * (`unauthorized`), also when there is another beside it, so that it is noticed.
 */
export function refuseCredentialInUrl(
  request: FastifyRequest,
  inUrl: 'stream' | 'webhook' | undefined,
  { apiKeyInUrl }: HttpSettings,
): void {
  const query = request.query as Record<string, unknown>; // fastify's query object
  const given = ['x-auth-token', 'st2-api-key'].filter((name) => query[name] !== undefined);
  const wrong = given.find((name) => {
    if (inUrl === 'stream') return false;
    return inUrl !== 'webhook' || name !== 'st2-api-key' || apiKeyInUrl !== 'webhooks';
  });
  if (wrong === undefined) return;
  throw new PetrelError(
    'unauthorized',
    `Unauthorized - ${wrong} is not taken from the address here; send it as a header. (It is now in logs: replace it.)`,
  );
}
