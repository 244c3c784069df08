/**
 * Vault's HTTP API as `vault server -dev` has it, in memory: health, mounts, tokens, ACL policies that are enforced, KV version 2 with versions, check-and-set,
 * merge patches, soft deletion and destruction. Leases of secrets, other auth methods, token roles, batch tokens, limits on parameters in policies, other
 * engines and version expiry (`delete_version_after`) are not here, and nothing is encrypted: it is for trying things out, never for keeping secrets.
 */
export type { SecretData } from './secrets.ts';
export { startVaultSandbox, type VaultSandbox, type VaultSandboxOptions } from './server.ts';
