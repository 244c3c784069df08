/** A database that is wished, and what it was given so far. Storage in GB. */
export interface Claim {
  readonly uid: string;
  /** RFC 3339. */
  readonly created: string;
  readonly storageGb: number;
  /** Undefined: nothing yet. */
  readonly granted: number | undefined;
}

export interface Limits {
  readonly databases?: number | undefined;
  readonly storageGb?: number | undefined;
}

/**
 * Why a database must wait, or undefined when there is room. What was granted stays; room that is left goes to those who were posted
 * first (creation time, then uid), so that of many that come at once always the same ones are served.
 */
export function refusalOf(uid: string, claims: readonly Claim[], limits: Limits): string | undefined {
  const given = claims.filter(({ granted }) => granted !== undefined);
  let databases = given.length;
  let storage = given.reduce((sum, { granted = 0 }) => sum + granted, 0);
  const inOrder = claims.toSorted((a, b) => compare(a.created, b.created) || compare(a.uid, b.uid));
  for (const { uid: candidate, storageGb, granted } of inOrder) {
    const more = Math.max(0, storageGb - (granted ?? 0));
    const isNew = granted === undefined;
    const count = databases + (isNew ? 1 : 0);
    const isTooMany = isNew && limits.databases !== undefined && count > limits.databases;
    const isTooMuch = more > 0 && limits.storageGb !== undefined && storage + more > limits.storageGb;
    if (candidate === uid) {
      if (isTooMany) return `${databases} of ${limits.databases} databases are taken`;
      return isTooMuch ? `${storage} of ${limits.storageGb} GB are taken, and it asks for ${more} more` : undefined;
    }
    if (isTooMany || isTooMuch) continue;
    databases = count;
    storage += more;
  }
  return undefined;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
