/** Who asks. */
export interface Identity {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
}

/** The group that may do everything, whatever the rules say. */
export const MASTERS = 'system:masters';
export const AUTHENTICATED = 'system:authenticated';

export const ANONYMOUS: Identity = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

export function authenticated(name: string, groups: readonly string[], uid?: string): Identity {
  const all = [...new Set([...groups, AUTHENTICATED])];
  return uid === undefined ? { name, groups: all } : { name, groups: all, uid };
}

export function serviceAccount(namespace: string, name: string, uid: string): Identity {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  return authenticated(`system:serviceaccount:${namespace}:${name}`, groups, uid);
}
