import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { RunTokens } from '../executions/index.ts';
import { PetrelError } from '../model/index.ts';

/** The user behind the administrator's token. */
export const ADMIN = 'admin';

/** StackStorm's roles of an administrator. There are no other users yet, so nobody has any other. */
export const ADMIN_ROLES: readonly string[] = ['system_admin', 'admin'];

export interface Caller {
  readonly user: string;
  /** It is code of this pack, which Petrel runs on behalf of the user. */
  readonly pack?: string;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** Who sent an authenticated request. */
export function callerOf(request: FastifyRequest): Caller {
  return callers.get(request) ?? { user: ADMIN };
}

/**
 * StackStorm's places for credentials, in its order (stackstorm-api.md section 2), and the `Authorization: Bearer` of the rest of
 * the world. What Petrel runs has tokens of its own. Throws `PetrelError` (`unauthorized`).
 */
export function authenticate(request: FastifyRequest, { token, tokens }: { token: string; tokens?: RunTokens }): void {
  const given = credential(request);
  if (given === undefined) {
    throw new PetrelError(
      'unauthorized',
      'Unauthorized - One of Token or API key required. Send the admin token as X-Auth-Token.',
    );
  }
  const caller = tokens?.holderOf(given) ?? (sameText(given, token) ? { user: ADMIN } : undefined);
  if (caller === undefined) throw new PetrelError('unauthorized', 'Unauthorized - Token or API key is not valid.');
  callers.set(request, caller);
}

function credential({ headers, query }: FastifyRequest): string | undefined {
  const parameters = query as Record<string, unknown>; // fastify parses every query string to an object
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.authorization ?? '')?.[1];
  const places = [
    headers['x-auth-token'],
    headers['st2-api-key'],
    bearer,
    parameters['x-auth-token'],
    parameters['st2-api-key'],
  ];
  return places.find((value): value is string => typeof value === 'string' && value !== '');
}

/** Compares in constant time, whatever the lengths. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
