/** Who may ask: whoever has a token the sandbox knows, a service account's token, or a client certificate of its authority. */
import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { sameSecret } from '../http.ts';
import { StatusError } from './errors.ts';
import { ANONYMOUS, authenticated, type Identity, MASTERS, serviceAccount } from './identity.ts';
import { isMap, parseJson, stringAt } from './json.ts';
import type { Storage } from './storage.ts';

export interface TokenUser {
  readonly token: string;
  readonly name: string;
  /** Default: none but those of everybody who is known. */
  readonly groups?: readonly string[];
}

export interface IssuedToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expires: number;
}

export interface Authenticator {
  /** Throws 401 for whoever is not known, unless the path is open to all. */
  identify(request: IncomingMessage, path: string): Identity;
  /** Who a token belongs to; undefined when it is nobody's. */
  ownerOf(token: string): Identity | undefined;
  /** A token of a service account, as the TokenRequest API issues them. */
  issue(namespace: string, name: string, uid: string, seconds: number): IssuedToken;
}

/** Paths that need no token, so that one can ask whether the server is there and what it is. */
const OPEN_PATHS = new Set(['/healthz', '/readyz', '/livez', '/version']);

export interface AuthenticatorOptions {
  /** The administrator's. */
  readonly token: string;
  readonly users: readonly TokenUser[];
  readonly storage: Storage;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** What signs service accounts' tokens; random when not given. */
  readonly secret?: Buffer;
}

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const secret = options.secret ?? randomBytes(32);
  const known = [{ token: options.token, name: 'kubernetes-admin', groups: [MASTERS] }, ...options.users];

  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');

  function ofServiceAccount(token: string): Identity | undefined {
    const [header, payload = '', signature = ''] = token.split('.');
    if (header !== HEADER || !sameSecret(signature, sign(`${header}.${payload}`))) return undefined;
    const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'));
    if (!isMap(claims) || typeof claims.exp !== 'number' || claims.exp * 1000 <= options.now()) return undefined;
    const about = claims['kubernetes.io'];
    const namespace = stringAt(about, 'namespace') ?? '';
    const name = stringAt(about, 'serviceaccount', 'name') ?? '';
    const uid = stringAt(about, 'serviceaccount', 'uid') ?? '';
    // A token ends with its account.
    const account = options.storage.get('/serviceaccounts', namespace, name);
    return account?.metadata.uid === uid ? serviceAccount(namespace, name, uid) : undefined;
  }

  function ownerOf(token: string): Identity | undefined {
    const user = known.find((one) => sameSecret(token, one.token));
    return user === undefined ? ofServiceAccount(token) : authenticated(user.name, user.groups ?? []);
  }

  return {
    ownerOf,
    identify(request, path) {
      const given = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1]?.trim();
      const owner = given === undefined ? ofCertificate(request) : ownerOf(given);
      if (owner !== undefined) return owner;
      if (OPEN_PATHS.has(path)) return ANONYMOUS;
      throw new StatusError(401, 'Unauthorized', 'Unauthorized');
    },
    issue(namespace, name, uid, seconds) {
      const issued = Math.floor(options.now() / 1000);
      const claims = {
        aud: ['https://kubernetes.default.svc'],
        exp: issued + seconds,
        iat: issued,
        iss: 'https://kubernetes.default.svc',
        'kubernetes.io': { namespace, serviceaccount: { name, uid } },
        nbf: issued,
        sub: `system:serviceaccount:${namespace}:${name}`,
      };
      const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
      return { token: `${HEADER}.${payload}.${sign(`${HEADER}.${payload}`)}`, expires: claims.exp * 1000 };
    },
  };
}

const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

/** The common name is the user, the organisations are the groups. */
function ofCertificate(request: IncomingMessage): Identity | undefined {
  const { socket } = request;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  // Node's type says that these are single texts; a subject with several organisations has a list.
  const subject = socket.getPeerCertificate().subject as { CN?: string; O?: string | string[] } | undefined;
  if (subject?.CN === undefined) return undefined;
  return authenticated(subject.CN, [subject.O ?? []].flat());
}
