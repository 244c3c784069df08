import { readFile } from 'node:fs/promises';
import { messageOf, PetrelError } from '../model/index.ts';

/** What one request is sent with. */
export interface Credentials {
  /** `Authorization` and impersonation headers. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** PEM, for the TLS handshake. */
  readonly certificate?: string;
  readonly key?: string;
}

/** Where credentials come from. */
export interface CredentialSource {
  current(): Promise<Credentials>;
  /** The server has just refused these: they are not given out again, unless they were replaced already. */
  refresh(refused: Credentials): void;
}

export function staticCredentials(credentials: Credentials): CredentialSource {
  return { current: () => Promise.resolve(credentials), refresh: () => {} };
}

/** Files that are re-read after this many milliseconds: kubelet rotates a service account's token long before its end. */
const FILE_LIFETIME = 60_000;

export interface CredentialFiles {
  readonly token?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/**
 * A bearer token and a client certificate kept in files, read again every minute and after a refusal. Throws
 * `unavailable` when a file cannot be read.
 */
export function fileCredentials(
  files: CredentialFiles,
  fixed: Credentials = { headers: {} },
  now: () => number = Date.now,
): CredentialSource {
  let cached: { readonly credentials: Credentials; readonly readAt: number } | undefined;
  return {
    async current() {
      if (cached !== undefined && now() - cached.readAt < FILE_LIFETIME) return cached.credentials;
      const token = files.token === undefined ? undefined : (await readText(files.token)).trim();
      const certificate = files.certificate === undefined ? fixed.certificate : await readText(files.certificate);
      const key = files.key === undefined ? fixed.key : await readText(files.key);
      const credentials: Credentials = {
        headers: token === undefined ? fixed.headers : { ...fixed.headers, authorization: `Bearer ${token}` },
        ...(certificate === undefined ? {} : { certificate }),
        ...(key === undefined ? {} : { key }),
      };
      cached = { credentials, readAt: now() };
      return credentials;
    },
    refresh(refused) {
      if (cached?.credentials === refused) cached = undefined;
    },
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new PetrelError(
      'unavailable',
      `The Kubernetes credentials in ${path} could not be read: ${messageOf(error)}.`,
      {
        cause: error,
      },
    );
  }
}
