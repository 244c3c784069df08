/** A Vault that somebody else runs and that a test may write to, below `secret/petrel-*`. */
export interface RealVault {
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

/**
 * The real Vault of PETREL_REAL_VAULT_ADDR and PETREL_REAL_VAULT_TOKEN (a root token of a dev server), if they are set. No package
 * holds a Vault server, so it is not required where PETREL_REQUIRE_REAL is set.
 */
export function vaultBackends(): { name: string; start: () => Promise<RealVault> }[] {
  const { PETREL_REAL_VAULT_ADDR: address, PETREL_REAL_VAULT_TOKEN: token } = process.env;
  if (address === undefined || token === undefined) return [];
  const url = address.replace(/\/+$/, '');
  return [{ name: 'a real Vault', start: async () => ({ url, token, stop: async () => {} }) }];
}
