import { randomBytes } from 'node:crypto';

/** A token as Vault keeps it. Times are epoch milliseconds, lengths of time seconds. */
export interface Token {
  readonly id: string;
  readonly accessor: string;
  readonly policies: readonly string[];
  readonly meta: Readonly<Record<string, string>> | null;
  readonly displayName: string;
  readonly path: string;
  readonly createdAt: number;
  readonly creationTtl: number;
  /** Undefined: never. */
  readonly expiresAt: number | undefined;
  readonly explicitMaxTtl: number;
  /** 0: it is not a periodic one. */
  readonly period: number;
  /** 0: as often as one likes. */
  readonly usesLeft: number;
  readonly renewable: boolean;
  /** Accessor of the token that made it, and that it goes with. */
  readonly parent: string | undefined;
  readonly renewedAt: number | undefined;
}

/** Vault's own limit, 32 days, which is also what a token lives that nothing else was said of. */
export const MAX_TTL = 768 * 3600;

/** All tokens. What has expired is gone, with all that it has made. */
export class Tokens {
  readonly #tokens = new Map<string, Token>();
  readonly #clock: () => number;

  constructor(rootToken: string, clock: () => number) {
    this.#clock = clock;
    this.#tokens.set(rootToken, {
      id: rootToken,
      accessor: newAccessor(),
      policies: ['root'],
      meta: null,
      displayName: 'root',
      path: 'auth/token/root',
      createdAt: clock(),
      creationTtl: 0,
      expiresAt: undefined,
      explicitMaxTtl: 0,
      period: 0,
      usesLeft: 0,
      renewable: false,
      parent: undefined,
      renewedAt: undefined,
    });
  }

  find(id: string): Token | undefined {
    this.#expire();
    return this.#tokens.get(id);
  }

  findAccessor(accessor: string): Token | undefined {
    return this.all().find((token) => token.accessor === accessor);
  }

  all(): readonly Token[] {
    this.#expire();
    return [...this.#tokens.values()];
  }

  add(token: Token): void {
    this.#tokens.set(token.id, token);
  }

  /** A use of it; the last one of a counted token ends it. */
  use(token: Token): void {
    if (token.usesLeft === 0) return;
    if (token.usesLeft === 1) this.revoke(token);
    else this.#tokens.set(token.id, { ...token, usesLeft: token.usesLeft - 1 });
  }

  renew(token: Token, seconds: number): Token {
    const now = this.#clock();
    const latest = token.period > 0 ? Number.POSITIVE_INFINITY : token.createdAt + MAX_TTL * 1000;
    const limit = token.explicitMaxTtl > 0 ? token.createdAt + token.explicitMaxTtl * 1000 : latest;
    const renewed = { ...token, renewedAt: now, expiresAt: Math.min(now + Math.min(seconds, MAX_TTL) * 1000, limit) };
    this.#tokens.set(token.id, renewed);
    return renewed;
  }

  /** It goes with all that it has made; or, as an orphan's parent, alone. */
  revoke(token: Token, withChildren = true): void {
    this.#tokens.delete(token.id);
    const children = [...this.#tokens.values()].filter(({ parent }) => parent === token.accessor);
    for (const child of children) {
      if (withChildren) this.revoke(child);
      else this.#tokens.set(child.id, { ...child, parent: undefined });
    }
  }

  #expire(): void {
    const now = this.#clock();
    for (const token of [...this.#tokens.values()]) {
      if (token.expiresAt !== undefined && token.expiresAt <= now) this.revoke(token);
    }
  }
}

export const newAccessor = () => randomBytes(18).toString('base64url').slice(0, 24);

export const newTokenId = () => `hvs.${randomBytes(69).toString('base64url')}`;
