/** Who may ask: whoever has the token. */
import type { IncomingMessage } from 'node:http';
import { sameSecret } from '../http.ts';
import { StatusError } from './errors.ts';

/** Paths that need no token, so that one can ask whether the server is there and what it is. */
const OPEN_PATHS = new Set(['/healthz', '/readyz', '/livez', '/version']);

/** Throws 401 unless the request carries `Authorization: Bearer TOKEN` or asks for an open path. */
export function authenticate(request: IncomingMessage, path: string, token: string): void {
  if (OPEN_PATHS.has(path)) return;
  const match = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '');
  if (match === null || !sameSecret(match[1]?.trim() ?? '', token))
    throw new StatusError(401, 'Unauthorized', 'Unauthorized');
}
