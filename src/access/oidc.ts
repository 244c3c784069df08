import type { Configuration } from 'openid-client';
import { z } from 'zod';
import type { Cipher } from '../datastore/index.ts';
import { messageOf, PetrelError } from '../model/index.ts';
import type { Users } from './users.ts';

export interface OidcSettings {
  /** Address of the provider, as it names itself. */
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client; PKCE is used either way. */
  readonly clientSecret?: string;
  /** Default `openid profile email`. */
  readonly scope?: string;
  /** The claim that becomes the user's name; default `preferred_username`. */
  readonly userClaim?: string;
  /** The claim that lists the groups that `rbac/mappings` speaks of; default `groups`. */
  readonly groupsClaim?: string;
  /** Address of Petrel as browsers see it, without a trailing slash; default: what it listens on. */
  readonly publicUrl?: string;
  /** Also over plain http; for a provider on this machine. Default false. */
  readonly insecure?: boolean;
}

export interface Oidc {
  /** Where the browser goes to sign in, and what it must bring back in a cookie. `returnTo`: a path of ours. */
  begin(returnTo: string): Promise<{ readonly url: string; readonly cookie: string }>;
  /**
   * Who came back. `query`: of the callback's address. Throws `PetrelError`: `unauthorized` (nobody that the provider vouches for, or a
   * login that was not begun here), `forbidden` (see `Users.admit`), `unavailable` (the provider does not answer).
   */
  complete(query: string, cookie: string | undefined): Promise<{ readonly user: string; readonly returnTo: string }>;
}

/** Milliseconds a login may take. */
export const LOGIN_TIME = 10 * 60_000;
export const CALLBACK_PATH = '/auth/v1/sso/callback';

const pending = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  until: z.number(),
});

/**
 * OpenID Connect, authorization code flow with PKCE, state and nonce; the ID token's signature is checked, too, although it comes from
 * the provider itself. What is remembered between the two halves travels encrypted in a cookie, so that any node can complete what
 * another began.
 */
export function createOidc(
  settings: OidcSettings,
  services: {
    readonly cipher: Cipher;
    readonly users: Pick<Users, 'admit'>;
    readonly now: () => number;
    /** What it listens on. */
    readonly url: () => string;
  },
): Oidc {
  const { cipher, users, now } = services;
  const { userClaim = 'preferred_username', groupsClaim = 'groups', scope = 'openid profile email' } = settings;
  const callback = () => `${settings.publicUrl ?? services.url()}${CALLBACK_PATH}`;

  let discovered: Promise<Configuration> | undefined;
  const configuration = async (): Promise<Configuration> => {
    discovered ??= discover(settings);
    try {
      return await discovered;
    } catch (error) {
      discovered = undefined;
      throw new PetrelError(
        'unavailable',
        `The identity provider ${settings.issuer} cannot be asked: ${messageOf(error)}.`,
        { cause: error },
      );
    }
  };

  return {
    async begin(returnTo) {
      const client = await import('openid-client');
      const config = await configuration();
      const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()];
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: callback(),
        scope,
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      const until = now() + LOGIN_TIME;
      return { url: url.href, cookie: cipher.encrypt(JSON.stringify({ state, nonce, verifier, returnTo, until })) };
    },

    async complete(query, cookie) {
      const begun = readPending(cookie, cipher);
      if (begun === undefined || begun.until < now()) {
        throw new PetrelError(
          'unauthorized',
          'Unauthorized - This login was not begun here, or too long ago; begin again.',
        );
      }
      const client = await import('openid-client');
      const config = await configuration();
      const claims = await claimsOf(config, new URL(`${callback()}?${query}`), begun);
      const name = claims[userClaim];
      if (typeof name !== 'string' || name === '') {
        throw new PetrelError(
          'unauthorized',
          `Unauthorized - The identity provider sends no claim "${userClaim}"; --oidc-user-claim names another.`,
        );
      }
      const groups = claims[groupsClaim];
      await users.admit({
        name,
        subject: `${config.serverMetadata().issuer} ${String(claims.sub)}`,
        groups: Array.isArray(groups) ? groups.map(String) : [],
      });
      return { user: name, returnTo: begun.returnTo };

      async function claimsOf(known: Configuration, url: URL, { state, nonce, verifier }: z.infer<typeof pending>) {
        try {
          const tokens = await client.authorizationCodeGrant(known, url, {
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: verifier,
            idTokenExpected: true,
          });
          const inToken: Readonly<Record<string, unknown>> = tokens.claims() ?? {};
          if (userClaim in inToken && groupsClaim in inToken) return inToken;
          const info = await client.fetchUserInfo(known, tokens.access_token, String(inToken.sub));
          return { ...info, ...inToken };
        } catch (error) {
          throw new PetrelError(
            'unauthorized',
            `Unauthorized - The identity provider did not vouch: ${messageOf(error)}.`,
            {
              cause: error,
            },
          );
        }
      }
    },
  };
}

async function discover({ issuer, clientId, clientSecret, insecure }: OidcSettings): Promise<Configuration> {
  const client = await import('openid-client');
  const authentication = clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret);
  const config = await client.discovery(new URL(issuer), clientId, {}, authentication, {
    execute: [client.enableNonRepudiationChecks, ...(insecure === true ? [client.allowInsecureRequests] : [])],
    timeout: 10,
  });
  return config;
}

function readPending(cookie: string | undefined, cipher: Cipher): z.infer<typeof pending> | undefined {
  if (cookie === undefined) return undefined;
  try {
    return pending.parse(JSON.parse(cipher.decrypt(cookie)));
  } catch {
    // Made up, or of another key: nobody's login.
    return undefined;
  }
}
