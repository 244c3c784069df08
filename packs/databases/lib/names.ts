import { z } from 'petrel/sdk';

/** RDS allows 63 characters. */
const LONGEST = 63;
/** A hyphen and the hash that ends an owner's name. */
const HASH = 9;

/**
 * The RDS identifier of an owner: a letter first, letters, digits and single hyphens, and as different as owners are. Only its readable
 * part is cut where it is too long.
 */
export function instanceId(ownerName: string): string {
  const readable = ownerName.slice(0, -HASH).slice(0, LONGEST - 'db-'.length - HASH);
  return `db-${readable.replace(/-+$/, '')}${ownerName.slice(-HASH)}`;
}

/** Instances of this pack begin so. */
export const INSTANCE_PREFIX = 'db-';

/** The database in an RDS instance, which belongs to one team alone. */
export const DATABASE = 'app';

/** The snapshot that is taken before an instance is deleted. */
export const finalSnapshot = (id: string) => `${id}-final`;

const prefixes = z.object({ consul_prefix: z.string(), vault_prefix: z.string(), vault_mount: z.string() });

export interface Places {
  readonly consul_path: string;
  readonly vault_path: string;
  readonly policy: string;
}

/** Where what belongs to a database is published. */
export function placesOf(packConfig: unknown, namespace: string, name: string): Places {
  const { consul_prefix, vault_prefix } = prefixes.parse(packConfig);
  return {
    consul_path: `${consul_prefix}/${namespace}/${name}`,
    vault_path: `${vault_prefix}/${namespace}/${name}`,
    policy: policyName(namespace),
  };
}

export const policyName = (namespace: string) => `databases-${namespace}`;

/** What the policy of a namespace allows: to read the credentials of its databases. */
export function policyRules(packConfig: unknown, namespace: string) {
  const { vault_prefix, vault_mount } = prefixes.parse(packConfig);
  const below = (face: string) => `${vault_mount}/${face}/${vault_prefix}/${namespace}/*`;
  return [
    { path: below('data'), capabilities: ['read'] },
    { path: below('metadata'), capabilities: ['read', 'list'] },
  ];
}
